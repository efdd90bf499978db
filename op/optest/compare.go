package optest

import (
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	add(
		exactly(binary("Equal", op.EqualOp{}, -2, 2, 0)),
		exactly(binary("Less", op.LessOp{}, -2, 2, 0)),
		exactly(binary("LessOrEqual", op.LessOrEqualOp{}, -2, 2, 0)),
		integers("Equal/integers", op.EqualOp{}),
		integers("Less/integers", op.LessOp{}),
		integers("LessOrEqual/integers", op.LessOrEqualOp{}),
	)
	a, b := vec(1, 2, 3, nan), vec(2, 2, 2, nan)
	example(
		Example{"Equal", op.EqualOp{}, tensors(a, b), bools(false, true, false, false), 0},
		Example{"Less", op.LessOp{}, tensors(a, b), bools(true, false, false, false), 0},
		Example{"LessOrEqual", op.LessOrEqualOp{}, tensors(a, b), bools(true, true, false, false), 0},
	)
}

// exactly returns c without any tolerance, and without a gradient.
func exactly(c Case) Case {
	c.Tol, c.GradTol = 0, 0
	return c
}

func bools(values ...bool) *tensor.Tensor { return tensor.Of(tensor.ShapeOf(len(values)), values...) }
