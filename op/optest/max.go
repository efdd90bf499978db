package optest

import "github.com/lince-ml/lince/op"

func init() {
	add(binary("Max", op.MaxOp{}, -2, 2, 0.03), integers("Max/integers", op.MaxOp{}), binary("MaxShare", op.MaxShareOp{}, -2, 2, 0.03))
	example(
		Example{"Max", op.MaxOp{}, tensors(vec(1, 2, nan, 4, -inf), vec(2, 1, 3, nan, -7)), vec(2, 2, nan, nan, -7), 0},
		Example{"MaxShare", op.MaxShareOp{}, tensors(vec(1, 2, 3, nan), vec(2)), vec(0, 0.5, 1, 0), 0},
	)
}
