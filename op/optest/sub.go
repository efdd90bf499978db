package optest

import (
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	add(binary("Sub", op.SubOp{}, -2, 2, 0), integers("Sub/integers", op.SubOp{}))
	one := tensor.ShapeOf(1)
	example(
		Example{"Sub", op.SubOp{}, tensors(vec(1, 2, 3), vec(-2)), vec(3, 4, 5), 0},
		Example{"Sub/wraps", op.SubOp{}, tensors(tensor.Of(one, uint32(1)), tensor.Of(one, uint32(2))), tensor.Of(one, ^uint32(0)), 0},
	)
}
