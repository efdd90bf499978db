package optest

import (
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	add(
		Case{Name: "Gather", GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			s := RandShape(r, 1+r.IntN(3), 5)
			o := op.GatherOp{Axis: r.IntN(s.Rank())}
			return o, tensors(Rand(r, -1, 1, s.Dims()...), randIndices(r, s.Dim(o.Axis)))
		}},
		Case{Name: "Gather/integers", Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			s := RandShape(r, 1+r.IntN(3), 5)
			o := op.GatherOp{Axis: r.IntN(s.Rank())}
			return o, tensors(Ints(r, tensor.U8, 256, s), randIndices(r, s.Dim(o.Axis)+1)) // some outside
		}},
		Case{Name: "GatherGrad", Tol: 2e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			o := op.GatherGradOp{Axis: r.IntN(3), Size: 1 + r.IntN(6)}
			indices := randIndices(r, o.Size)
			dims := RandShape(r, 2, 4).Dims()
			dims = append(dims[:o.Axis:o.Axis], append(indices.Shape().Dims(), dims[o.Axis:]...)...)
			return o, tensors(Rand(r, -1, 1, dims...), indices)
		}},
		Case{Name: "OneHot", Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			depth := r.IntN(6)
			return op.OneHotOp{Depth: depth}, tensors(randIndices(r, depth+1)) // some outside
		}},
		Case{Name: "OneHot/planes", Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			indices := randIndices(r, 5)
			return op.OneHotOp{Depth: 1 + r.IntN(4), Inner: r.IntN(indices.Shape().Rank() + 1)}, tensors(indices)
		}},
	)
	x := tensor.Of(tensor.ShapeOf(2, 3), float32(1), 2, 3, 4, 5, 6)
	at := tensor.Of(tensor.ShapeOf(4), int32(2), 0, 2, -1)
	example(
		Example{"Gather/columns", op.GatherOp{Axis: 1}, tensors(x, at),
			tensor.Of(tensor.ShapeOf(2, 4), 3, 1, 3, nan, 6, 4, 6, nan), 0},
		Example{"Gather/rows", op.GatherOp{}, tensors(x, tensor.Of(tensor.Shape{}, int64(1))), vec(4, 5, 6), 0},
		Example{"GatherGrad", op.GatherGradOp{Axis: 0, Size: 3}, tensors(vec(1, 2, 4, 8), at), vec(2, 0, 5), 0},
		Example{"OneHot/planes", op.OneHotOp{Depth: 2, Inner: 1}, tensors(tensor.Of(tensor.ShapeOf(3), int64(1), 0, 2)), tensor.Of(tensor.ShapeOf(2, 3), float32(0), 1, 0, 1, 0, 0), 0},
		Example{"OneHot", op.OneHotOp{Depth: 2}, tensors(tensor.Of(tensor.ShapeOf(3), int64(1), 0, 2)),
			tensor.Of(tensor.ShapeOf(3, 2), float32(0), 1, 1, 0, 0, 0), 0},
	)
}

// randIndices returns a tensor of i32 or i64 of 0 to n-1.
func randIndices(r *rand.Rand, n int) *tensor.Tensor {
	return Ints(r, []tensor.DType{tensor.I32, tensor.I64}[r.IntN(2)], n, RandShape(r, r.IntN(3), 5))
}
