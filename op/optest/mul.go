package optest

import "github.com/lince-ml/lince/op"

func init() {
	add(binary("Mul", op.MulOp{}, -2, 2, 0), integers("Mul/integers", op.MulOp{}))
	example(Example{"Mul", op.MulOp{}, tensors(vec(1, 2, 3), vec(-2)), vec(-2, -4, -6), 0})
}
