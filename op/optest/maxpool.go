package optest

import (
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	for _, v := range []struct {
		name    string
		values  func(r *rand.Rand, s tensor.Shape) *tensor.Tensor
		gradTol float64
	}{{"", distinct, 0.01}, {"/ties", ties, 0}} {
		add(
			maxPool("MaxPool"+v.name, 0, v.gradTol, func(r *rand.Rand, a op.PoolAttrs, x, _ tensor.Shape) (graph.Op, []*tensor.Tensor) {
				return op.MaxPoolOp{PoolAttrs: a}, tensors(v.values(r, x))
			}),
			maxPool("MaxPoolGrad"+v.name, 2e-6, v.gradTol, func(r *rand.Rand, a op.PoolAttrs, x, y tensor.Shape) (graph.Op, []*tensor.Tensor) {
				return op.MaxPoolGradOp{PoolAttrs: a}, tensors(Rand(r, -1, 1, y.Dims()...), v.values(r, x))
			}),
			maxPool("MaxPoolSelect"+v.name, 0, v.gradTol, func(r *rand.Rand, a op.PoolAttrs, x, _ tensor.Shape) (graph.Op, []*tensor.Tensor) {
				return op.MaxPoolSelectOp{PoolAttrs: a}, tensors(Rand(r, -1, 1, x.Dims()...), v.values(r, x))
			}),
		)
	}
	three := square(3, 1, 0)
	pairs := op.PoolAttrs{Kernel: [2]int{1, 2}, Stride: [2]int{1, 1}}
	example(
		Example{"MaxPool/figure 1.6 of the guide", op.MaxPoolOp{PoolAttrs: three}, tensors(guide()), image(3, 3, 3, 3, 3, 3, 3, 3, 3, 2, 3), 0},
		Example{"MaxPool/padding is no value", op.MaxPoolOp{PoolAttrs: square(2, 2, 1)}, tensors(image(2, 2, -1, -2, -3, -4)), image(2, 2, -1, -2, -3, -4), 0},
		Example{"MaxPool/NaN", op.MaxPoolOp{PoolAttrs: pairs}, tensors(image(1, 4, nan, 1, 2, nan)), image(1, 3, nan, 2, nan), 0},
		Example{"MaxPoolGrad", op.MaxPoolGradOp{PoolAttrs: three}, tensors(image(3, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9), guide()), image(5, 5,
			1, 2, 0, 0, 0,
			0, 0, 0, 14, 0,
			11, 0, 8, 0, 9,
			0, 0, 0, 0, 0,
			0, 0, 0, 0, 0), 0},
		Example{"MaxPoolGrad/the first maximum takes it", op.MaxPoolGradOp{PoolAttrs: square(2, 2, 0)},
			tensors(image(1, 1, 7), image(2, 2, 0, 5, 5, 5)), image(2, 2, 0, 7, 0, 0), 0},
		Example{"MaxPoolGrad/ties in windows that overlap", op.MaxPoolGradOp{PoolAttrs: pairs},
			tensors(image(1, 2, 10, 20), image(1, 3, 1, 1, 1)), image(1, 3, 10, 20, 0), 0},
		Example{"MaxPoolGrad/all -Inf beside padding", op.MaxPoolGradOp{PoolAttrs: square(2, 2, 1)},
			tensors(image(1, 1, 3), image(1, 1, -inf)), image(1, 1, 3), 0},
		Example{"MaxPoolSelect", op.MaxPoolSelectOp{PoolAttrs: pairs}, tensors(image(1, 3, 10, 20, 30), image(1, 3, 1, 1, 2)), image(1, 2, 10, 30), 0},
	)
}
