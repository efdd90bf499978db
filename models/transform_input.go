package models

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// transformInput says that images come normalised by ImageNet's means and deviations, as most networks take them, but that the network takes
// (p - 1/2)/(1/2) for a pixel p of 0 to 1: so do the weights of the Inception networks that torchvision has from TensorFlow.
var transformInput = flag("transform-input", false)

// ImageNet's mean and standard deviation of each channel, red, green and blue, of pixels of 0 to 1, as everybody has rounded them.
var imageNetMean, imageNetStd = [3]float64{0.485, 0.456, 0.406}, [3]float64{0.229, 0.224, 0.225}

// transformedInput returns the layer that does what transformInput says, the identity if it is not set.
func (a Args) transformedInput() (nn.Layer, error) {
	if !a.has(transformInput.Name) {
		return nn.Identity, nil
	}
	if a.Channels != 3 {
		return nil, fmt.Errorf("option %s: it takes images of 3 channels, not %d", transformInput.Name, a.Channels)
	}
	scale, shift := tensor.New(tensor.F32, tensor.ShapeOf(1, 3, 1, 1)), tensor.New(tensor.F32, tensor.ShapeOf(1, 3, 1, 1))
	for c := range 3 {
		scale.F32()[c] = float32(imageNetStd[c] / 0.5)
		shift.F32()[c] = float32((imageNetMean[c] - 0.5) / 0.5)
	}
	return nn.Named("transform_input", func(_ nn.Scope, x *graph.Node) *graph.Node {
		return op.Add(op.Mul(x, x.Graph().Const(scale)), x.Graph().Const(shift))
	}), nil
}
