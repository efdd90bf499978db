package optest

import (
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	add(binary("Div", op.DivOp{}, 0.5, 2, 0), integers("Div/integers", op.DivOp{}))
	i := tensor.ShapeOf(4)
	example(Example{"Div/integers", op.DivOp{}, tensors(tensor.Of(i, int32(7), -7, 7, 1), tensor.Of(i, int32(2), 2, -2, 0)), tensor.Of(i, int32(3), -3, -3, 0), 0})
	example(Example{"Div", op.DivOp{}, tensors(vec(1, -3, 0, 4), vec(2, 2, 0, 0)), vec(0.5, -1.5, nan, inf), 0})
}
