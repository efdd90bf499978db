package optest

import (
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	add(Case{Name: "Where", GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		full := RandShape(r, 1+r.IntN(4), 5)
		a, b := broadcastable(r, full).Dims(), broadcastable(r, full).Dims()
		return op.WhereOp{}, tensors(Ints(r, tensor.Bool, 2, broadcastable(r, full)), Rand(r, -1, 1, a...), Rand(r, -1, 1, b...))
	}})
	add(Case{Name: "Where/integers", Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		d := []tensor.DType{tensor.I32, tensor.I64, tensor.U32, tensor.U8, tensor.Bool}[r.IntN(5)]
		s := RandShape(r, 3, 5)
		return op.WhereOp{}, tensors(Ints(r, tensor.Bool, 2, s), Ints(r, d, 9, s), Ints(r, d, 9, s))
	}})
	example(Example{"Where", op.WhereOp{}, tensors(bools(true, false), vec(1, nan), vec(3)), vec(1, 3), 0})
}
