package optest

import (
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// The ops that batch normalisation is made of.
func init() {
	const eps = 0.01
	add(
		batch("BatchMean", op.BatchMeanOp{}, "x"),
		batch("BatchVariance", op.BatchVarianceOp{}, "xm"),
		batch("BatchNorm", op.BatchNormOp{Eps: eps}, "xsbmv"),
		batch("BatchNormTraining", op.BatchNormTrainingOp{Eps: eps}, "xsbmv"),
		batch("BatchNormGradScale", op.BatchNormGradScaleOp{Eps: eps}, "yxmv"),
		batch("BatchNormGradInput", op.BatchNormGradInputOp{Eps: eps}, "yxsmvds"),
	)
	// Channel 0 has mean 4 and variance 5, so standard deviation 3 with an eps of 4; channel 1 is constant.
	x := tensor.Of(tensor.ShapeOf(4, 2), float32(1), 2, 3, 2, 5, 2, 7, 2)
	dy := tensor.Of(tensor.ShapeOf(4, 2), float32(1), 0, 2, 0, 3, 0, 4, 8)
	y := tensor.Of(tensor.ShapeOf(4, 2), float32(-2), -5, 0, -5, 2, -5, 4, -5)
	dx := tensor.Of(tensor.ShapeOf(4, 2), float32(-2./3), -7, -2./9, -7, 2./9, -7, 2./3, 21)
	scale, bias, mean, variance := vec(3, 7), vec(1, -5), vec(4, 2), vec(5, 0)
	example(
		Example{"BatchMean", op.BatchMeanOp{}, tensors(x), mean, 0},
		Example{"BatchVariance", op.BatchVarianceOp{}, tensors(x, mean), variance, 0},
		Example{"BatchNorm", op.BatchNormOp{Eps: 4}, tensors(x, scale, bias, mean, variance), y, 1e-7},
		Example{"BatchNormTraining", op.BatchNormTrainingOp{Eps: 4}, tensors(x, scale, bias, mean, variance), y, 1e-7},
		Example{"BatchNormGradScale", op.BatchNormGradScaleOp{Eps: 4}, tensors(dy, x, mean, variance), vec(10./3, 0), 1e-7},
		Example{"BatchNormGradInput", op.BatchNormGradInputOp{Eps: 4},
			tensors(dy, x, scale, mean, variance, vec(10./3, 0), vec(10, 8)), dx, 1e-7},
	)
}

// batch is the case of an op on a tensor [N C] or [N C H W] and vectors [C], one for each letter of inputs: x and y are tensors,
// v is a variance.
func batch(name string, o graph.Op, inputs string) Case {
	c := Case{Name: name, Tol: 1e-5, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		s := RandShape(r, 2+2*r.IntN(2), 4)
		var in []*tensor.Tensor
		for _, letter := range inputs {
			switch letter {
			case 'x', 'y':
				in = append(in, Rand(r, -1, 1.5, s.Dims()...))
			case 'v':
				in = append(in, Rand(r, 0.5, 1.5, s.Dim(1)))
			default:
				in = append(in, Rand(r, -1, 1.5, s.Dim(1)))
			}
		}
		return o, in
	}}
	if name == "BatchNormTraining" {
		c.GradTol = 0 // its gradient holds only where mean and variance are x's own; there is a test for that
	}
	return c
}
