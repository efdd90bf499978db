package models

import (
	"strconv"

	"github.com/lince-ml/lince/nn"
)

func init() {
	Register(Spec{
		Name:     "cnn3",
		Family:   "small",
		Summary:  "three blocks of convolution, ReLU, max pooling and batch normalisation, one linear layer",
		Paper:    "the usual first exercise on photographs",
		Channels: 3, Height: 128, Width: 128, Classes: 2,
		Build: cnn3,
	})
}

// cnn3 halves the image three times, with 8, 16 and 32 channels.
func cnn3(a Args) (nn.Layer, error) {
	var layers []nn.Layer
	for i, channels := range []int{8, 16, 32} {
		n := strconv.Itoa(i + 1)
		layers = append(layers,
			nn.Named("conv"+n, nn.Conv(channels, 3, nn.Pad(1))),
			nn.Named("relu"+n, nn.Relu),
			nn.Named("pool"+n, nn.MaxPool(2)),
			nn.Named("bn"+n, nn.BatchNorm()))
	}
	layers = append(layers, nn.Named("flatten", nn.Flatten), nn.Named("fc", nn.Dense(a.Classes)))
	return nn.Chain(layers...), nil
}
