package models

import (
	"strconv"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

func init() {
	Register(Spec{
		Name:     "airbench-cifar",
		Family:   "Airbench",
		Summary:  "6 convolutions of 3x3 behind whitened patches, made to learn small images fast",
		Paper:    `Jordan, "94% on CIFAR-10 in 3.29 seconds on a single GPU", 2024, section 3.1`,
		Channels: 3, Height: 32, Width: 32, Classes: 10,
		Options: []Option{width},
		Build:   func(a Args) (nn.Layer, error) { return airbench(a), nil },
	})
}

// airbench has a whitening layer and three blocks of two convolutions. It differs from the paper in the activation, which is SiLU, and in the
// first filters, which are random. The logits are small at first: a ninth of the last layer's output.
func airbench(a Args) nn.Layer {
	layers := []nn.Layer{nn.Named("whiten", nn.Whiten(2)), nn.Named("act", nn.Silu)}
	for i, channels := range []int{64, 256, 256} {
		layers = append(layers, nn.Named("layer"+strconv.Itoa(i+1), airbenchBlock(a.channels(channels))))
	}
	return nn.Chain(append(layers,
		nn.Named("pool", nn.MaxPool(3)), nn.Named("flatten", nn.Flatten),
		nn.Named("linear", nn.Dense(a.Classes, nn.NoBias)), nn.Named("scale", ninth))...)
}

func airbenchBlock(channels int) nn.Layer {
	conv := nn.Conv(channels, 3, nn.Pad(1), nn.NoBias)
	norm := nn.BatchNorm(nn.Momentum(0.4), nn.NoScale)
	return nn.Chain(
		nn.Named("conv1", conv), nn.Named("pool", nn.MaxPool(2)), nn.Named("bn1", norm), nn.Named("act1", nn.Silu),
		nn.Named("conv2", conv), nn.Named("bn2", norm), nn.Named("act2", nn.Silu))
}

func ninth(_ nn.Scope, x *graph.Node) *graph.Node { return op.Mul(x, x.Graph().Scalar(1.0/9)) }
