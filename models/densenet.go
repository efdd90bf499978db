package models

import (
	"fmt"
	"strconv"

	"github.com/lince-ml/lince/nn"
)

// A densenet is one column of table 1 of the paper. Of its kinds it is DenseNet-BC: with bottlenecks, and with transitions that
// halve the number of channels.
type densenet struct {
	depth    int
	blocks   [4]int // layers in each
	channels int    // of the first convolution
	growth   int    // channels that each layer adds: the paper's k
}

func init() {
	for _, d := range []densenet{
		{121, [4]int{6, 12, 24, 16}, 64, 32},
		{169, [4]int{6, 12, 32, 32}, 64, 32},
		{201, [4]int{6, 12, 48, 32}, 64, 32},
		{161, [4]int{6, 12, 36, 24}, 96, 48},
	} {
		Register(Spec{
			Name:     "densenet" + strconv.Itoa(d.depth),
			Family:   "DenseNet",
			Summary:  fmt.Sprintf("densely connected network of %d layers: each adds %d channels to all before it", d.depth, d.growth),
			Paper:    `Huang, Liu, van der Maaten & Weinberger, "Densely connected convolutional networks", CVPR 2017, table 1`,
			Channels: 3, Height: 224, Width: 224, Classes: 1000,
			Build: func(a Args) (nn.Layer, error) { return d.network(a), nil },
		})
	}
}

// network returns the network with torchvision's names and first values.
func (d densenet) network(a Args) nn.Layer {
	channels := d.channels
	features := []nn.Layer{
		nn.Named("conv0", nn.Conv(channels, 7, nn.Stride(2), nn.Pad(3), nn.NoBias, densenetInit)),
		nn.Named("norm0", nn.BatchNorm()), nn.Named("relu0", nn.Relu),
		nn.Named("pool0", nn.MaxPool(3, nn.Stride(2), nn.Pad(1))),
	}
	for i, n := range d.blocks {
		if i > 0 {
			channels /= 2
			features = append(features, nn.Named("transition"+strconv.Itoa(i), transition(channels)))
		}
		features = append(features, nn.Named("denseblock"+strconv.Itoa(i+1), d.block(n)))
		channels += n * d.growth
	}
	features = append(features, nn.Named("norm5", nn.BatchNorm()), nn.Named("relu5", nn.Relu))
	return nn.Chain(
		nn.Named("features", nn.Chain(features...)),
		nn.Named("avgpool", nn.GlobalAvgPool), nn.Named("flatten", nn.Flatten),
		nn.Named("classifier", nn.Dense(a.Classes, nn.WithInit(nil, nn.Zeros))))
}

// block has n layers, each of which takes the channels of all before it and adds its own (equation 2).
func (d densenet) block(n int) nn.Layer {
	layer := nn.Chain(
		nn.Named("norm1", nn.BatchNorm()), nn.Named("relu1", nn.Relu),
		nn.Named("conv1", nn.Conv(4*d.growth, 1, nn.NoBias, densenetInit)),
		nn.Named("norm2", nn.BatchNorm()), nn.Named("relu2", nn.Relu),
		nn.Named("conv2", nn.Conv(d.growth, 3, nn.Pad(1), nn.NoBias, densenetInit)))
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
