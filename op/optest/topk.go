package optest

import (
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	add(Case{Name: "TopK", Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		s := RandShape(r, 1+r.IntN(4), 5)
		o := op.TopKOp{Axis: r.IntN(s.Rank()), Smallest: r.IntN(2) == 0}
		o.K = r.IntN(s.Dim(o.Axis) + 1)
		if r.IntN(2) == 0 {
			return o, tensors(Ints(r, []tensor.DType{tensor.I32, tensor.I64, tensor.U32}[r.IntN(3)], 5, s))
		}
		return o, tensors(ties(r, s))
	}})
	x := tensor.Of(tensor.ShapeOf(2, 4), 1, 3, 3, nan, -inf, 7, 2, inf)
	indices := func(list ...int64) *tensor.Tensor { return tensor.Of(tensor.ShapeOf(2, len(list)/2), list...) }
	example(
		Example{"TopK/rows", op.TopKOp{Axis: 1, K: 3}, tensors(x), indices(3, 1, 2, 3, 1, 2), 0},
		Example{"TopK/smallest", op.TopKOp{Axis: 1, K: 2, Smallest: true}, tensors(x), indices(0, 1, 0, 2), 0},
		Example{"TopK/columns", op.TopKOp{Axis: 0, K: 2}, tensors(x), indices(0, 1, 0, 0, 1, 0, 1, 1), 0},
	)
}
