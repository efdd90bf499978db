package models

import (
	"slices"
	"strconv"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
)

func init() {
	for _, m := range []struct {
		name, summary string
		backbone      func(a Args) (middle, end nn.Layer)
	}{
		{"deeplabv3_resnet50", "resnet50 whose last map is an eighth of the image, seen with five fields of view",
			func(a Args) (middle, end nn.Layer) { return resnetBackbone([4]int{3, 4, 6, 3}, a) }},
		{"deeplabv3_resnet101", "the same with resnet101",
			func(a Args) (middle, end nn.Layer) { return resnetBackbone([4]int{3, 4, 23, 3}, a) }},
		{"deeplabv3_mobilenet_v3_large", "the same with mobilenet_v3_large, whose last map is a sixteenth of the image", mobilenetBackbone},
	} {
		Register(Spec{
			Task: segmentTask, Name: m.name, Family: "DeepLabV3", Summary: m.summary,
			Paper:    `Chen, Papandreou, Schroff & Adam, "Rethinking atrous convolution for semantic image segmentation", arXiv 1706.05587, 2017`,
			Channels: 3, Height: 520, Width: 520, Classes: 21,
			Options: []Option{width, dropout(0.5), headDropout, auxiliary},
			Build: func(a Args) (nn.Layer, error) {
				middle, end := m.backbone(a)
				return segmenter{middle, end, deepLabHead(a), fcnHead(a.dropout(headDropout.Name), a.Classes)}.network(a), nil
			},
		})
	}
}

var headDropout = rateOption("auxiliary-dropout", 0.1)

func deepLabHead(a Args) nn.Layer {
	channels := a.channels(256)
	return nn.Seq(slices.Concat(
		[]nn.Layer{atrousPyramid(channels, []int{12, 24, 36}, a.dropout("dropout"))},
		headConv(channels, 3),
		[]nn.Layer{nn.Conv(a.Classes, 1)})...)
}

// atrousPyramid is section 3.3: each place with its surroundings at several distances and, as the mean, with the whole image.
func atrousPyramid(channels int, rates []int, dropout nn.Layer) nn.Layer {
	branches := []nn.Layer{nn.Seq(headConv(channels, 1)...)}
	for _, rate := range rates {
		branches = append(branches, nn.Seq(headConv(channels, 3, nn.Dilation(rate), nn.Pad(rate))...))
	}
	branches = append(branches, func(s nn.Scope, x *graph.Node) *graph.Node {
		mean := nn.Seq(append([]nn.Layer{nn.GlobalAvgPool}, headConv(channels, 1)...)...)(s, x)
		return resizeLike(x)(s, mean)
	})
	for i, b := range branches {
		branches[i] = nn.Named(strconv.Itoa(i), b)
	}
	return nn.Chain(
		nn.Named("convs", nn.Concat(branches...)),
		nn.Named("project", nn.Seq(append(headConv(channels, 1), dropout)...)))
}
