package optest

import (
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// The ops that move elements and leave them as they are.
func init() {
	add(
		Case{Name: "Reshape", GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			s := RandShape(r, 4, 5)
			to := tensor.ShapeOf(s.Dim(2), s.Dim(0)*s.Dim(1), 1, s.Dim(3))
			return op.ReshapeOp{Shape: to}, tensors(Rand(r, -1, 1, s.Dims()...))
		}},
		Case{Name: "Transpose", GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			o, s := randTranspose(r)
			return o, tensors(Rand(r, -1, 1, s.Dims()...))
		}},
		Case{Name: "Transpose/integers", Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			o, s := randTranspose(r)
			return o, tensors(Ints(r, []tensor.DType{tensor.U8, tensor.I64}[r.IntN(2)], 9, s))
		}},
		Case{Name: "Concat", GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			s := RandShape(r, 1+r.IntN(4), 5)
			axis := r.IntN(s.Rank())
			in := make([]*tensor.Tensor, 1+r.IntN(4))
			for i := range in {
				in[i] = Rand(r, -1, 1, s.With(axis, r.IntN(4)).Dims()...)
			}
			return op.ConcatOp{Axis: axis}, in
		}},
		Case{Name: "Slice", GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			s := RandShape(r, 1+r.IntN(4), 7)
			o := op.SliceOp{Axis: r.IntN(s.Rank()), Step: 1 + r.IntN(3)}
			o.Start = r.IntN(s.Dim(o.Axis) + 1)
			o.Stop = o.Start + r.IntN(s.Dim(o.Axis)-o.Start+1)
			return o, tensors(Rand(r, -1, 1, s.Dims()...))
		}},
		Case{Name: "Pad", GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			s := RandShape(r, 1+r.IntN(4), 4)
			o := op.PadOp{Value: float32(r.IntN(3))}
			for i := range s.Rank() {
				o.Low[i], o.High[i], o.Interior[i] = r.IntN(3), r.IntN(3), max(0, r.IntN(5)-2)
			}
			return o, tensors(Rand(r, -1, 1, s.Dims()...))
		}},
	)
	x := tensor.Of(tensor.ShapeOf(2, 3), float32(1), 2, 3, 4, 5, 6)
	example(
		Example{"Reshape", op.ReshapeOp{Shape: tensor.ShapeOf(6)}, tensors(x), vec(1, 2, 3, 4, 5, 6), 0},
		Example{"Transpose", op.TransposeOp{Perm: [tensor.MaxRank]int{1, 0}}, tensors(x),
			tensor.Of(tensor.ShapeOf(3, 2), float32(1), 4, 2, 5, 3, 6), 0},
		Example{"Concat", op.ConcatOp{Axis: 1}, tensors(x, tensor.Of(tensor.ShapeOf(2, 1), float32(7), 8)),
			tensor.Of(tensor.ShapeOf(2, 4), float32(1), 2, 3, 7, 4, 5, 6, 8), 0},
		Example{"Slice", op.SliceOp{Axis: 1, Start: 0, Stop: 3, Step: 2}, tensors(x),
			tensor.Of(tensor.ShapeOf(2, 2), float32(1), 3, 4, 6), 0},
		Example{"Pad", op.PadOp{Low: [tensor.MaxRank]int{1}, High: [tensor.MaxRank]int{2}, Interior: [tensor.MaxRank]int{1}, Value: 9},
			tensors(vec(1, 2, 3)), vec(9, 1, 9, 2, 9, 3, 9, 9), 0},
	)
}

func randTranspose(r *rand.Rand) (op.TransposeOp, tensor.Shape) {
	s := RandShape(r, 1+r.IntN(5), 4)
	var o op.TransposeOp
	copy(o.Perm[:], r.Perm(s.Rank()))
	return o, s
}
