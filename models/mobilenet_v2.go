package models

import (
	"math"

	"github.com/lince-ml/lince/nn"
)

func init() {
	Register(Spec{
		Name:     "mobilenet_v2",
		Family:   "MobileNetV2",
		Summary:  "17 inverted residuals: more channels within a block than between blocks, where each has a 3x3 window of its own",
		Paper:    `Sandler, Howard, Zhu, Zhmoginov & Chen, "MobileNetV2: Inverted residuals and linear bottlenecks", CVPR 2018`,
		Channels: 3, Height: 224, Width: 224, Classes: 1000,
		Options: []Option{width, dropout(0.2), keras},
		Build:   func(a Args) (nn.Layer, error) { return mobilenetV2(a), nil },
	})
}

// mobilenetV2 has torchvision's names and first values. Keras pads images of even size on two sides only where the stride is 2.
func mobilenetV2(a Args) nn.Layer {
	norm, pad := nn.BatchNorm(), nn.ConvOption(nn.Pad(1))
	if a.has(keras.Name) {
		pad = nn.SamePad
	}
	in := a.dividedChannels(32)
	features := []nn.Layer{convNorm(in, 3, norm, nn.Relu6, nn.Stride(2), pad)}
	for _, r := range []struct{ expand, channels, blocks, stride int }{ // table 2
		{1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1},
	} {
		out := a.dividedChannels(r.channels)
		for i := range r.blocks {
			stride := 1
			if i == 0 {
				stride = r.stride
			}
			features = append(features, mobilenetV2Block(in, r.expand, out, stride, pad))
			in = out
		}
	}
	last := divisible(1280 * math.Max(1, a.number(width.Name))) // narrow networks keep it: section 6.1
	features = append(features, convNorm(last, 1, norm, nn.Relu6))
	return nn.Chain(
		nn.Named("features", nn.Seq(features...)),
		nn.Named("avgpool", nn.GlobalAvgPool), nn.Named("flatten", nn.Flatten),
		nn.Named("classifier", nn.Seq(a.dropout("dropout"), nn.Dense(a.Classes, nn.WithInit(nn.Normal(0, 0.01), nn.Zeros)))))
}

// mobilenetV2Block is table 1: its last convolution has no activation.
func mobilenetV2Block(in, expand, out, stride int, pad nn.ConvOption) nn.Layer {
	norm, hidden := nn.BatchNorm(), in*expand
	var layers []nn.Layer
	if expand > 1 {
		layers = append(layers, convNorm(hidden, 1, norm, nn.Relu6))
	}
	layers = append(layers, convNorm(hidden, 3, norm, nn.Relu6, nn.Stride(stride), nn.Groups(hidden), pad),
		nn.Conv(out, 1, nn.NoBias, nn.WithInit(nn.KaimingNormalFanOut(0), nil)), norm)
	return inverted(nn.Named("conv", nn.Seq(layers...)), in, out, stride)
}
