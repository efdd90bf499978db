package nn

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// GroupNorm gives each group of channels of each image of [N, C, H, W] mean 0 and variance 1, then scales and shifts each channel by the
// parameters "weight" and "bias", [C] each (Wu & He, "Group normalization", ECCV 2018, equations 1 to 6). Eps, 1e-5, is added to the variance.
func GroupNorm(groups int) Layer {
	return func(s Scope, x *graph.Node) *graph.Node {
		shape := x.Shape()
		if shape.Rank() != 4 || groups <= 0 || shape.Dim(1)%groups != 0 {
			graph.Fail("GroupNorm", fmt.Errorf("%d groups of x of shape %v, [N C H W] and a divisor of C expected", groups, shape), x)
		}
		c := shape.Dim(1)
		weight, bias := s.Param("weight", tensor.ShapeOf(c), Ones), s.Param("bias", tensor.ShapeOf(c), Zeros)
		y := op.Reshape(x, shape.Dim(0), groups, -1)
		y = op.Sub(y, op.ReduceMean(y, true, 2))
		variance := op.ReduceMean(op.Mul(y, y), true, 2)
		y = op.Div(y, op.Sqrt(op.Add(variance, x.Graph().Scalar(1e-5))))
		y = op.Mul(op.Reshape(y, shape.Dims()...), op.Reshape(weight, 1, c, 1, 1))
		return op.Add(y, op.Reshape(bias, 1, c, 1, 1))
	}
}
