package models

import (
	"math"

	"github.com/lince-ml/lince/nn"
)

func init() {
	Register(Spec{
		Name:     "efficientnet_b0",
		Family:   "EfficientNet",
		Summary:  "16 inverted residuals with squeeze and excite, swish, stochastic depth",
		Paper:    `Tan & Le, "EfficientNet: Rethinking model scaling for convolutional neural networks", ICML 2019`,
		Channels: 3, Height: 224, Width: 224, Classes: 1000,
		Options: []Option{width, dropout(0.2), stochasticDepth},
		Build:   func(a Args) (nn.Layer, error) { return efficientnetB0(a), nil },
	})
}

// stochasticDepth is the rate at which training leaves the last residual branch out; it grows evenly from 0 in the first.
var stochasticDepth = rateOption("stochastic-depth", 0.2)

// An efficientnetStage is a line of table 1.
type efficientnetStage struct{ expand, kernel, stride, in, out, blocks int }

// efficientnetB0 has torchvision's names and first values.
func efficientnetB0(a Args) nn.Layer {
	norm, stages := nn.BatchNorm(), []efficientnetStage{
		{1, 3, 1, 32, 16, 1}, {6, 3, 2, 16, 24, 2}, {6, 5, 2, 24, 40, 2}, {6, 3, 2, 40, 80, 3}, {6, 5, 1, 80, 112, 3}, {6, 5, 2, 112, 192, 4},
		{6, 3, 1, 192, 320, 1},
	}
	features := []nn.Layer{convNorm(a.dividedChannels(32), 3, norm, nn.Silu, nn.Stride(2))}
	total, before := 0, 0
	for _, s := range stages {
		total += s.blocks
	}
	for _, s := range stages {
		rate := func(i int) float32 {
			return float32(a.number(stochasticDepth.Name) * float64(before+i) / float64(total))
		}
		features = append(features, s.layer(a, rate))
		before += s.blocks
	}
	features = append(features, convNorm(4*a.dividedChannels(320), 1, norm, nn.Silu))
	bound := 1 / math.Sqrt(float64(a.Classes))
	return nn.Chain(
		nn.Named("features", nn.Seq(features...)),
		nn.Named("avgpool", nn.GlobalAvgPool), nn.Named("flatten", nn.Flatten),
		nn.Named("classifier", nn.Seq(a.dropout("dropout"), nn.Dense(a.Classes, nn.WithInit(nn.Uniform(-bound, bound), nn.Zeros)))))
}

// layer returns the blocks of a stage; rate is that of the stochastic depth of block i.
func (s efficientnetStage) layer(a Args, rate func(i int) float32) nn.Layer {
	in, out, stride := a.dividedChannels(s.in), a.dividedChannels(s.out), s.stride
	var blocks []nn.Layer
	for i := range s.blocks {
		blocks = append(blocks, mbConv(in, s.expand, s.kernel, out, stride, rate(i)))
		in, stride = out, 1
	}
	return nn.Seq(blocks...)
}

// mbConv is the block of EfficientNet: that of MobileNetV2 with squeeze and excite (section 4).
func mbConv(in, expand, kernel, out, stride int, rate float32) nn.Layer {
	norm, expanded := nn.BatchNorm(), divisible(float64(in*expand))
	var layers []nn.Layer
	if expanded != in {
		layers = append(layers, convNorm(expanded, 1, norm, nn.Silu))
	}
	layers = append(layers,
		convNorm(expanded, kernel, norm, nn.Silu, nn.Stride(stride), nn.Groups(expanded)),
		nn.SqueezeExcite(max(1, in/4), nn.Silu, nn.Sigmoid, squeezeInit),
		convNorm(out, 1, norm, nn.Identity))
	return inverted(nn.Chain(nn.Named("block", nn.Seq(layers...)), nn.Named("stochastic_depth", nn.StochasticDepth(rate))), in, out, stride)
}
