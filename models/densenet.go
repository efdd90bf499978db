package models

import (
	"strconv"

	"github.com/lince-ml/lince/nn"
)

// A densenet is one column of table 1 of the paper, or one of the networks for CIFAR of section 3. Of its kinds it is DenseNet-BC: with
// bottlenecks, and with transitions that halve the number of channels.
type densenet struct {
	blocks   []int // layers in each
	channels int   // of the first convolution
	growth   int   // channels that each layer adds: the paper's k
	stem     func(channels int) []nn.Layer
}

func init() {
	for _, m := range []struct {
		name, summary string
		size, classes int
		densenet
	}{
		{"densenet121", "58 pairs of 1x1 and 3x3 convolutions, each of which adds 32 channels to all before it", 224, 1000,
			densenet{[]int{6, 12, 24, 16}, 64, 32, densenetStem}},
		{"densenet169", "82 pairs that add 32 channels each", 224, 1000,
			densenet{[]int{6, 12, 32, 32}, 64, 32, densenetStem}},
		{"densenet201", "98 pairs that add 32 channels each", 224, 1000,
			densenet{[]int{6, 12, 48, 32}, 64, 32, densenetStem}},
		{"densenet161", "78 pairs that add 48 channels each", 224, 1000,
			densenet{[]int{6, 12, 36, 24}, 96, 48, densenetStem}},
		{"densenet100-cifar", "DenseNet-BC with L = 100 and k = 12 for small images: 48 pairs that add 12 channels each", 32, 10,
			densenet{[]int{16, 16, 16}, 24, 12, densenetCIFARStem}},
	} {
		Register(Spec{
			Name:     m.name,
			Family:   "DenseNet",
			Summary:  m.summary,
			Paper:    `Huang, Liu, van der Maaten & Weinberger, "Densely connected convolutional networks", CVPR 2017`,
			Channels: 3, Height: m.size, Width: m.size, Classes: m.classes,
			Options: []Option{dropout(0)},
			Build:   func(a Args) (nn.Layer, error) { return m.network(a), nil },
		})
	}
}

func densenetStem(channels int) []nn.Layer {
	return []nn.Layer{
		nn.Named("conv0", nn.Conv(channels, 7, nn.Stride(2), nn.Pad(3), nn.NoBias, densenetInit)),
		nn.Named("norm0", nn.BatchNorm()), nn.Named("relu0", nn.Relu),
		nn.Named("pool0", nn.MaxPool(3, nn.Stride(2), nn.Pad(1))),
	}
}

func densenetCIFARStem(channels int) []nn.Layer {
	return []nn.Layer{nn.Named("conv0", nn.Conv(channels, 3, nn.Pad(1), nn.NoBias, densenetInit))}
}

// network returns the network with torchvision's names and first values. The dropout is that of each layer (section 3, Training).
func (d densenet) network(a Args) nn.Layer {
	channels, features := d.channels, d.stem(d.channels)
	for i, n := range d.blocks {
		if i > 0 {
			channels /= 2
			features = append(features, nn.Named("transition"+strconv.Itoa(i), transition(channels)))
		}
		features = append(features, nn.Named("denseblock"+strconv.Itoa(i+1), d.block(n, a)))
		channels += n * d.growth
	}
	features = append(features, nn.Named("norm5", nn.BatchNorm()), nn.Named("relu5", nn.Relu)) // 5 for any number of blocks, as in torchvision
	return nn.Chain(
		nn.Named("features", nn.Chain(features...)),
		nn.Named("avgpool", nn.GlobalAvgPool), nn.Named("flatten", nn.Flatten),
		nn.Named("classifier", nn.Dense(a.Classes, nn.WithInit(nil, nn.Zeros))))
}

// block has n layers, each of which takes the channels of all before it and adds its own (equation 2).
func (d densenet) block(n int, a Args) nn.Layer {
	layer := nn.Chain(
		nn.Named("norm1", nn.BatchNorm()), nn.Named("relu1", nn.Relu),
		nn.Named("conv1", nn.Conv(4*d.growth, 1, nn.NoBias, densenetInit)),
		nn.Named("norm2", nn.BatchNorm()), nn.Named("relu2", nn.Relu),
		nn.Named("conv2", nn.Conv(d.growth, 3, nn.Pad(1), nn.NoBias, densenetInit)),
		nn.Named("dropout", a.dropout("dropout")))
	var layers []nn.Layer
	for i := range n {
		layers = append(layers, nn.Concat(nn.Identity, nn.Named("denselayer"+strconv.Itoa(i+1), layer)))
	}
	return nn.Chain(layers...)
}

// transition halves the image between two blocks and leaves it the given number of channels.
func transition(channels int) nn.Layer {
	return nn.Chain(
		nn.Named("norm", nn.BatchNorm()), nn.Named("relu", nn.Relu),
		nn.Named("conv", nn.Conv(channels, 1, nn.NoBias, densenetInit)), nn.Named("pool", nn.AvgPool(2)))
}

var densenetInit = nn.WithInit(nn.KaimingNormal(0), nil)
