package optest

import (
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	add(
		Case{Name: "Resample", Tol: 2e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			s := RandShape(r, 1+r.IntN(4), 6)
			o := op.ResampleOp{Axis: r.IntN(s.Rank())}
			indices, weights := randTaps(r, s.Dim(o.Axis))
			return o, tensors(Rand(r, -1, 1, s.Dims()...), indices, weights)
		}},
		Case{Name: "ResampleGrad", Tol: 2e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			s := RandShape(r, 1+r.IntN(4), 6)
			o := op.ResampleGradOp{Axis: r.IntN(s.Rank()), Size: 1 + r.IntN(6)}
			indices, weights := randTaps(r, o.Size)
			return o, tensors(Rand(r, -1, 1, s.With(o.Axis, indices.Shape().Dim(0)).Dims()...), indices, weights)
		}},
	)
	at, w := tensor.Of(tensor.ShapeOf(2, 2), int64(0), 1, 2, 3), tensor.Of(tensor.ShapeOf(2, 2), float32(1), 2, 3, 4)
	example(
		Example{"Resample", op.ResampleOp{}, tensors(vec(1, 10, 100), at, w), vec(21, 300), 0}, // 3 is outside
		Example{"ResampleGrad", op.ResampleGradOp{Size: 3}, tensors(vec(1, 10), at, w), vec(1, 2, 30), 0},
	)
}

// randTaps returns indices and weights [M T] into n elements; some indices lie outside.
func randTaps(r *rand.Rand, n int) (indices, weights *tensor.Tensor) {
	s := RandShape(r, 2, 4)
	return Ints(r, []tensor.DType{tensor.I32, tensor.I64}[r.IntN(2)], n+1, s), Rand(r, -1, 1, s.Dims()...)
}
