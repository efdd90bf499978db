package optest

import (
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	add(Case{Name: "ArgMax", Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		s := RandShape(r, 1+r.IntN(4), 5)
		return op.ArgMaxOp{Axis: r.IntN(s.Rank()), KeepDims: r.IntN(2) == 0}, tensors(ties(r, s))
	}}, Case{Name: "ArgMax/integers", Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		s := RandShape(r, 1+r.IntN(4), 5)
		d := []tensor.DType{tensor.I32, tensor.I64, tensor.U32}[r.IntN(3)]
		return op.ArgMaxOp{Axis: r.IntN(s.Rank()), KeepDims: r.IntN(2) == 0}, tensors(Ints(r, d, 4, s))
	}})
	x := tensor.Of(tensor.ShapeOf(3, 3), 1, 3, 3, nan, 7, nan, -inf, -inf, -inf)
	example(
		Example{"ArgMax/rows", op.ArgMaxOp{Axis: 1}, tensors(x), tensor.Of(tensor.ShapeOf(3), int64(1), 0, 0), 0},
		Example{"ArgMax/columns", op.ArgMaxOp{Axis: 0, KeepDims: true}, tensors(x), tensor.Of(tensor.ShapeOf(1, 3), int64(1), 1, 1), 0},
	)
}
