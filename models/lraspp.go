package models

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

func init() {
	Register(Spec{
		Task: segmentTask, Name: "lraspp_mobilenet_v3_large", Family: "LR-ASPP",
		Summary:  "mobilenet_v3_large with two maps, of an eighth and a sixteenth of the image, classified by 1x1 convolutions",
		Paper:    `Howard, Sandler, Chu, Chen, Chen, Tan, Wang, Zhu, Pang, Vasudevan, Le & Adam, "Searching for MobileNetV3", ICCV 2019, section 6.4`,
		Channels: 3, Height: 520, Width: 520, Classes: 21,
		Options: []Option{width},
		Build:   func(a Args) (nn.Layer, error) { return lraspp(a), nil },
	})
}

// lraspp is figure 10, with a mean over the whole image, as in torchvision.
func lraspp(a Args) nn.Layer {
	low, high := mobilenetBackbone(a)
	channels := a.channels(128)
	cbr := nn.Named("cbr", nn.Seq(headConv(channels, 1)...))
	scale := nn.Named("scale", nn.Seq(nn.GlobalAvgPool, nn.Conv(channels, 1, nn.NoBias), nn.Sigmoid))
	lowClassifier, highClassifier := nn.Named("low_classifier", nn.Conv(a.Classes, 1)), nn.Named("high_classifier", nn.Conv(a.Classes, 1))
	return func(s nn.Scope, x *graph.Node) *graph.Node {
		detail := nn.Named("backbone", low)(s, x)
		features := nn.Named("backbone", high)(s, detail)
		head := nn.Named("classifier", func(s nn.Scope, features *graph.Node) *graph.Node {
			y := resizeLike(detail)(s, op.Mul(cbr(s, features), scale(s, features)))
			return op.Add(lowClassifier(s, detail), highClassifier(s, y))
		})
		return resizeLike(x)(s, head(s, features))
	}
}
