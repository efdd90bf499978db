package optest

import (
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// The ops of package graph.
func init() {
	add(
		binary("Add", graph.AddOp{}, -2, 2, 0),
		integers("Add/integers", graph.AddOp{}),
		Case{Name: "Expand", GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			full := RandShape(r, 1+r.IntN(4), 5)
			return graph.ExpandOp{Shape: full}, tensors(Rand(r, -1, 1, broadcastable(r, full).Dims()...))
		}},
		Case{Name: "SumTo", Tol: 2e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			full := RandShape(r, 1+r.IntN(4), 5)
			return graph.SumToOp{Shape: broadcastable(r, full)}, tensors(Rand(r, -1, 1, full.Dims()...))
		}},
	)
	column := tensor.Of(tensor.ShapeOf(2, 1), float32(1), 2)
	example(
		Example{"Add", graph.AddOp{}, tensors(column, vec(10, 20)), tensor.Of(tensor.ShapeOf(2, 2), float32(11), 21, 12, 22), 0},
		Example{"Expand", graph.ExpandOp{Shape: tensor.ShapeOf(2, 2)}, tensors(column), tensor.Of(tensor.ShapeOf(2, 2), float32(1), 1, 2, 2), 0},
		Example{"SumTo", graph.SumToOp{Shape: tensor.ShapeOf(1)}, tensors(column), vec(3), 0},
	)
}
