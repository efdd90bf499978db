package models

import (
	"fmt"

	"github.com/lince-ml/lince/nn"
)

func init() {
	for _, v := range []struct {
		depth int
		convs [5]int // between two poolings
	}{ // columns A, B, D and E of table 1
		{11, [5]int{1, 1, 2, 2, 2}},
		{13, [5]int{2, 2, 2, 2, 2}},
		{16, [5]int{2, 2, 3, 3, 3}},
		{19, [5]int{2, 2, 4, 4, 4}},
	} {
		s := Spec{
			Name:     fmt.Sprintf("vgg%d", v.depth),
			Family:   "VGG",
			Summary:  fmt.Sprintf("%d 3x3 convolutions and 3 linear layers", v.depth-3),
			Paper:    `Simonyan & Zisserman, "Very deep convolutional networks for large-scale image recognition", ICLR 2015`,
			Channels: 3, Height: 224, Width: 224, Classes: 1000,
			Options: []Option{width, dropout(0.5)},
			Build:   func(a Args) (nn.Layer, error) { return vgg(v.convs, false, a), nil },
		}
		Register(s)
		s.Name, s.Summary = s.Name+"_bn", s.Name+" with batch normalisation"
		s.Build = func(a Args) (nn.Layer, error) { return vgg(v.convs, true, a), nil }
		Register(s)
	}
}

// vgg has torchvision's names and first values. Images of another size than 224x224 are brought to the 7x7 maps that the linear layers
// take by adaptive pooling.
func vgg(convs [5]int, norm bool, a Args) nn.Layer {
	var features []nn.Layer
	for i, n := range convs {
		for range n {
			features = append(features, nn.Conv(a.channels(min(64<<i, 512)), 3, nn.Pad(1), nn.WithInit(nn.KaimingNormalFanOut(0), nn.Zeros)))
			if norm {
				features = append(features, nn.BatchNorm())
			}
			features = append(features, nn.Relu)
		}
		features = append(features, nn.MaxPool(2))
	}
	linear := func(out int) nn.Layer { return nn.Dense(out, nn.WithInit(nn.Normal(0, 0.01), nn.Zeros)) }
	hidden, drop := a.channels(4096), a.dropout("dropout")
	return nn.Chain(
		nn.Named("features", nn.Seq(features...)),
		nn.Named("avgpool", nn.AdaptiveAvgPool(7, 7)), nn.Named("flatten", nn.Flatten),
		nn.Named("classifier", nn.Seq(
			linear(hidden), nn.Relu, drop,
			linear(hidden), nn.Relu, drop,
			linear(a.Classes))))
}
