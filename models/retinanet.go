package models

import (
	"math"
	"strconv"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

func init() {
	Register(Spec{
		Task: "detect", Name: "retinanet_resnet50_fpn", Family: "RetinaNet",
		Summary:  "resnet50 with maps of strides 8 to 128 and nine boxes at each place",
		Paper:    `Lin, Goyal, Girshick, He & Dollár, "Focal loss for dense object detection", ICCV 2017`,
		Channels: 3, Height: 800, Width: 800, Classes: 91,
		Options: []Option{width, normEps},
		Build:   func(a Args) (nn.Layer, error) { return retinaNet(a), nil },
	})
	Register(Spec{
		Task: "detect", Name: "fcos_resnet50_fpn", Family: "FCOS",
		Summary:  "resnet50 with maps of strides 8 to 128 and one box at each place",
		Paper:    `Tian, Shen, Chen & He, "FCOS: Fully convolutional one-stage object detection", ICCV 2019`,
		Channels: 3, Height: 800, Width: 800, Classes: 91,
		Options: []Option{width, normEps},
		Build:   func(a Args) (nn.Layer, error) { return fcos(a), nil },
	})
}

// resnet50Levels are a resnet50's maps of strides 8, 16 and 32, and two more, which convolutions make of the last one.
func resnet50Levels(a Args) pyramid {
	channels := a.channels(256)
	half := func(name string) nn.Layer {
		return nn.Named(name, nn.Conv(channels, 3, nn.Stride(2), nn.Pad(1), nn.WithInit(nn.KaimingUniform(1), nn.Zeros)))
	}
	return func(s nn.Scope, x *graph.Node) (levels []*graph.Node) {
		maps := resnetMaps(resnet{blocks: [4]int{3, 4, 6, 3}, bottleneck: true, groups: 1, inner: 64, stem: imageNetStem}, a, 1).within("body")(s, x)
		x.Graph().Within("fpn", func() {
			s := s.Sub("fpn")
			levels = fpn(s, maps, channels)
			p6 := apply(s, "extra_blocks", half("p6"), levels[2])
			levels = append(levels, p6, apply(s, "extra_blocks", half("p7"), op.Relu(p6)))
		})
		return levels
	}
}

// small is how the heads begin, but for the biases of the classes.
var small = nn.WithInit(nn.Normal(0, 0.01), nn.Zeros)

// classPrior is the bias with which a sigmoid says 0.01: most places are background (Lin et al. 2017, section 4.1).
var classPrior = nn.WithInit(nn.Normal(0, 0.01), nn.Constant(float32(-math.Log(0.99/0.01))))

// retinaNet has torchvision's names and first values. A row is the logits of the classes and four numbers of a box.
func retinaNet(a Args) nn.Layer {
	const boxes = 9 // at each place
	channels := a.channels(256)
	branch := func(name, last string, out int, init nn.WeightOption) nn.Layer {
		var layers []nn.Layer
		for i := range 4 {
			conv := nn.Conv(channels, 3, nn.Pad(1), small)
			layers = append(layers, nn.Named("conv."+strconv.Itoa(i), nn.Seq(conv, nn.Relu)))
		}
		return nn.Named(name, nn.Chain(append(layers, nn.Named(last, nn.Conv(out, 3, nn.Pad(1), init)))...))
	}
	return func(s nn.Scope, x *graph.Node) *graph.Node {
		levels := resnet50Levels(a).within("backbone")(s, x)
		head := func(l nn.Layer) []*graph.Node { return onEach(s, nn.Named("head", l), levels) }
		classes := head(branch("classification_head", "cls_logits", boxes*a.Classes, classPrior))
		coordinates := head(branch("regression_head", "bbox_reg", boxes*4, small))
		return op.Concat(2, allRows(classes, a.Classes), allRows(coordinates, 4))
	}
}

// fcos has torchvision's names and first values. A row is the logits of the classes, the distances of a box's four sides in strides, and the
// logit of how near the place is to the middle of the box.
func fcos(a Args) nn.Layer {
	channels := a.channels(256)
	var tower []nn.Layer
	for range 4 {
		tower = append(tower, nn.Conv(channels, 3, nn.Pad(1), small), nn.GroupNorm(32), nn.Relu)
	}
	conv := nn.Named("conv", nn.Seq(tower...))
	last := func(name string, out int, init nn.WeightOption) nn.Layer {
		return nn.Named(name, nn.Conv(out, 3, nn.Pad(1), init))
	}
	return func(s nn.Scope, x *graph.Node) *graph.Node {
		levels := resnet50Levels(a).within("backbone")(s, x)
		head := func(name string, l nn.Layer, xs []*graph.Node) []*graph.Node {
			return onEach(s, nn.Named("head", nn.Named(name, l)), xs)
		}
		classes := head("classification_head", nn.Chain(conv, last("cls_logits", a.Classes, classPrior)), levels)
		towers := head("regression_head", conv, levels)
		sides := head("regression_head", nn.Chain(last("bbox_reg", 4, small), nn.Relu), towers)
		center := head("regression_head", last("bbox_ctrness", 1, small), towers)
		return op.Concat(2, allRows(classes, a.Classes), allRows(sides, 4), allRows(center, 1))
	}
}
