package optest

import "github.com/lince-ml/lince/op"

func init() {
	add(binary("Min", op.MinOp{}, -2, 2, 0.03), integers("Min/integers", op.MinOp{}))
	example(Example{"Min", op.MinOp{}, tensors(vec(1, 2, nan, 4, inf), vec(2, 1, 3, nan, 7)), vec(1, 1, nan, nan, 7), 0})
}
