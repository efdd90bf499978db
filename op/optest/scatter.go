package optest

import (
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	add(
		Case{Name: "Scatter", GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			s := RandShape(r, 1+r.IntN(3), 5)
			rows := r.Perm(s.Dim(0))[:r.IntN(s.Dim(0)+1)] // each once
			indices := tensor.New(tensor.I64, tensor.ShapeOf(len(rows)))
			for i, row := range rows {
				indices.I64()[i] = int64(row)
			}
			return op.ScatterOp{}, tensors(Rand(r, -1, 1, s.Dims()...), indices, Rand(r, -1, 1, s.With(0, len(rows)).Dims()...))
		}},
		scatter("Scatter/add", op.AddUp, 0.01),
		scatter("Scatter/multiply", op.Multiply, 0.01),
		scatter("Scatter/largest", op.Largest, 0.01),
		scatter("Scatter/smallest", op.Smallest, 0.01),
		Case{Name: "Scatter/integers", Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			s := RandShape(r, 1+r.IntN(3), 5)
			d := []tensor.DType{tensor.I32, tensor.I64, tensor.U32}[r.IntN(3)]
			indices := Ints(r, tensor.I32, s.Dim(0)+1, tensor.ShapeOf(r.IntN(5))) // some outside
			return op.ScatterOp{Reduction: op.Reduction(r.IntN(5))}, tensors(Ints(r, d, 5, s), indices, Ints(r, d, 5, s.With(0, indices.Size())))
		}},
	)
	x, at := vec(1, 2, 3), tensor.Of(tensor.ShapeOf(4), int64(2), 0, 2, -1)
	u := vec(5, 6, -4, 9)
	example(
		Example{"Scatter/last stays", op.ScatterOp{}, tensors(x, at, u), vec(6, 2, -4), 0},
		Example{"Scatter/add", op.ScatterOp{Reduction: op.AddUp}, tensors(x, at, u), vec(7, 2, 4), 0},
		Example{"Scatter/multiply", op.ScatterOp{Reduction: op.Multiply}, tensors(x, at, u), vec(6, 2, -60), 0},
		Example{"Scatter/largest", op.ScatterOp{Reduction: op.Largest}, tensors(x, at, u), vec(6, 2, 5), 0},
		Example{"Scatter/smallest", op.ScatterOp{Reduction: op.Smallest}, tensors(x, at, u), vec(1, 2, -4), 0},
	)
}

// scatter is the case of a reduction, on distinct numbers that are not 0 and in places some of which meet.
func scatter(name string, reduction op.Reduction, gradTol float64) Case {
	return Case{Name: name, Tol: 2e-6, GradTol: gradTol, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		s := RandShape(r, 1+r.IntN(2), 4)
		indices := Ints(r, tensor.I64, s.Dim(0), tensor.ShapeOf(r.IntN(5)))
		row := s.Strides()[0]
		all := distinct(r, tensor.ShapeOf(s.Size()+indices.Size()*row))
		for i, v := range all.F32() {
			all.F32()[i] = v + 0.02
		}
		cut := func(from int, s tensor.Shape) *tensor.Tensor { return tensor.Of(s, all.F32()[from:from+s.Size()]...) }
		return op.ScatterOp{Reduction: reduction}, tensors(cut(0, s), indices, cut(s.Size(), s.With(0, indices.Size())))
	}}
}
