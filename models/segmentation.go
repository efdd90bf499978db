package models

import (
	"strconv"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

// What torchvision's networks for segmentation have in common. They end with logits at an eighth or less of the image's size, which are resized to it.

const segmentTask = "segment"

// A segmenter classifies the places of what another network, the backbone, makes of the image.
type segmenter struct {
	middle, end     nn.Layer // the backbone, in two parts
	head, auxiliary nn.Layer // for what comes out of end, and in training of middle
}

// segmentAuxiliary is the weight of the auxiliary head's loss in torchvision's training: references/segmentation/train.py, function criterion, returns
// losses["out"] + 0.5 * losses["aux"].
const segmentAuxiliary = 0.5

// network returns the logits of each pixel.
func (n segmenter) network(a Args) nn.Layer {
	return func(s nn.Scope, x *graph.Node) *graph.Node {
		whole := resizeLike(x)
		middle := nn.Named("backbone", n.middle)(s, x)
		y := nn.Named("classifier", n.head)(s, nn.Named("backbone", n.end)(s, middle))
		if a.has(auxiliary.Name) {
			nn.Auxiliary(segmentAuxiliary, nn.Chain(nn.Named("aux_classifier", n.auxiliary), whole))(s, middle)
		}
		return whole(s, y)
	}
}

// resizeLike returns the layer that resizes images to the size of those of like.
func resizeLike(like *graph.Node) nn.Layer {
	size := op.ResizeAttrs{H: like.Shape().Dim(2), W: like.Shape().Dim(3)}
	return func(_ nn.Scope, x *graph.Node) *graph.Node {
		if x.Shape().Dim(2) == size.H && x.Shape().Dim(3) == size.W {
			return x
		}
		return op.Resize(x, size)
	}
}

// resnetBackbone is a ResNet of which the last two stages are dilated; its middle is what comes out of the third.
func resnetBackbone(blocks [4]int, a Args) (middle, end nn.Layer) {
	layers := resnet{blocks, true, 1, 64, imageNetStem, true}.features(a)
	return nn.Chain(layers[:4]...), layers[4]
}

// mobilenetBackbone is a dilated MobileNetV3-Large; its middle is the first map of an eighth of the image.
func mobilenetBackbone(a Args) (middle, end nn.Layer) {
	const low = 5 // layers until then
	layers := mobilenetV3Large.features(a, true)
	for i, l := range layers {
		layers[i] = nn.Named(strconv.Itoa(i), l)
	}
	return nn.Chain(layers[:low]...), nn.Chain(layers[low:]...)
}

// headConv is a convolution that keeps the size of the image, normalised.
func headConv(out, kernel int, options ...nn.ConvOption) []nn.Layer {
	options = append([]nn.ConvOption{nn.Pad(kernel / 2), nn.NoBias}, options...)
	return []nn.Layer{nn.Conv(out, kernel, options...), nn.BatchNorm(), nn.Relu}
}

// fcnHead is a convolution to a quarter of the channels and a classifier, in place of the one layer of the paper on FCN.
func fcnHead(dropout nn.Layer, classes int) nn.Layer {
	return func(s nn.Scope, x *graph.Node) *graph.Node {
		return nn.Seq(append(headConv(x.Shape().Dim(1)/4, 3), dropout, nn.Conv(classes, 1))...)(s, x)
	}
}
