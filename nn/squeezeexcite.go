package nn

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

// SqueezeExcite multiplies each channel of images [N, C, H, W] by a number of its own, which two layers find from the means of all
// channels (Hu, Shen & Sun, "Squeeze-and-excitation networks", CVPR 2018, equations 2 to 4): "fc1" to squeezed channels, then activation,
// and "fc2" back to C, then gate, such as Sigmoid. Both are convolutions of 1x1, as in torchvision, with the given options.
func SqueezeExcite(squeezed int, activation, gate Layer, options ...ConvOption) Layer {
	return func(s Scope, x *graph.Node) *graph.Node {
		if x.Shape().Rank() != 4 {
			graph.Fail("SqueezeExcite", fmt.Errorf("x has shape %v, [N C H W] expected", x.Shape()), x)
		}
		scale := Chain(
			Named("avgpool", GlobalAvgPool),
			Named("fc1", Conv(squeezed, 1, options...)), Named("activation", activation),
			Named("fc2", Conv(x.Shape().Dim(1), 1, options...)), Named("scale_activation", gate))
		return op.Mul(x, scale(s, x))
	}
}
