package optest

import "github.com/lince-ml/lince/op"

func init() {
	add(binary("Div", op.DivOp{}, 0.5, 2, 0))
	example(Example{"Div", op.DivOp{}, tensors(vec(1, -3, 0, 4), vec(2, 2, 0, 0)), vec(0.5, -1.5, nan, inf), 0})
}
