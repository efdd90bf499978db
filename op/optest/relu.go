package optest

import (
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	add(unary("Relu", op.ReluOp{}, -2, 2, 0.05))
	add(Case{Name: "ReluGrad", Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		dims := RandShape(r, 3, 5).Dims()
		return op.ReluGradOp{}, []*tensor.Tensor{Rand(r, -1, 1, dims...), Rand(r, -1, 1, dims...)}
	}})
	example(Example{"Relu", op.ReluOp{}, []*tensor.Tensor{vec(-1, 0, 2)}, vec(0, 0, 2), 0})
}
