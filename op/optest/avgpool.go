package optest

import (
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	add(
		Case{Name: "AvgPool", Tol: 5e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			a, x, _ := randPool(r)
			return op.AvgPoolOp{PoolAttrs: a}, tensors(Rand(r, -0.5, 1, x.Dims()...))
		}},
		Case{Name: "AvgPoolGrad", Tol: 5e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			a, x, y := randPool(r)
			return op.AvgPoolGradOp{PoolAttrs: a, H: x.Dim(2), W: x.Dim(3)}, tensors(Rand(r, -0.5, 1, y.Dims()...))
		}},
		Case{Name: "GlobalAvgPool", Tol: 5e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			return op.GlobalAvgPoolOp{}, tensors(Rand(r, -0.5, 1, RandShape(r, 4, 6).Dims()...))
		}},
	)
	padded := square(2, 2, 1)
	counted := padded
	counted.CountIncludePad = true
	x := image(2, 2, 1, 2, 3, 4)
	example(
		Example{"AvgPool/figure 1.5 of the guide", op.AvgPoolOp{PoolAttrs: square(3, 1, 0)}, tensors(guide()),
			image(3, 3, 15./9, 15./9, 15./9, 9./9, 11./9, 16./9, 10./9, 7./9, 12./9), 1e-7},
		Example{"AvgPool/padding not counted", op.AvgPoolOp{PoolAttrs: padded}, tensors(x), image(2, 2, 1, 2, 3, 4), 0},
		Example{"AvgPool/padding counted", op.AvgPoolOp{PoolAttrs: counted}, tensors(x), image(2, 2, 0.25, 0.5, 0.75, 1), 0},
		Example{"AvgPoolGrad/padding not counted", op.AvgPoolGradOp{PoolAttrs: square(2, 1, 1), H: 1, W: 2},
			tensors(image(2, 3, 1, 2, 3, 4, 5, 6)), image(1, 2, 5+3.5, 9+3.5), 0},
		Example{"AvgPoolGrad/padding counted", op.AvgPoolGradOp{PoolAttrs: counted, H: 2, W: 2},
			tensors(image(2, 2, 4, 8, 12, 16)), image(2, 2, 1, 2, 3, 4), 0},
		Example{"GlobalAvgPool", op.GlobalAvgPoolOp{}, tensors(x), image(1, 1, 2.5), 0},
	)
}
