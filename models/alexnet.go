package models

import "github.com/lince-ml/lince/nn"

func init() {
	Register(Spec{
		Name:     "alexnet",
		Family:   "AlexNet",
		Summary:  "5 convolutions, the first of 11x11 with stride 4, and 3 linear layers",
		Paper:    `Krizhevsky, "One weird trick for parallelizing convolutional neural networks", 2014`,
		Channels: 3, Height: 224, Width: 224, Classes: 1000,
		Options: []Option{dropout(0.5)},
		Build:   func(a Args) (nn.Layer, error) { return alexnet(a), nil },
	})
}

// alexnet is torchvision's: the network of the paper above, for one processor, which has fewer channels and no response normalisation,
// unlike that of Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep convolutional neural networks", NIPS 2012. Images of
// another size than 224x224 are brought to the 6x6 maps that the linear layers take by adaptive pooling.
func alexnet(a Args) nn.Layer {
	pool, drop := nn.MaxPool(3, nn.Stride(2)), a.dropout("dropout")
	return nn.Chain(
		nn.Named("features", nn.Seq(
			nn.Conv(64, 11, nn.Stride(4), nn.Pad(2)), nn.Relu, pool,
			nn.Conv(192, 5, nn.Pad(2)), nn.Relu, pool,
			nn.Conv(384, 3, nn.Pad(1)), nn.Relu,
			nn.Conv(256, 3, nn.Pad(1)), nn.Relu,
			nn.Conv(256, 3, nn.Pad(1)), nn.Relu, pool)),
		nn.Named("avgpool", nn.AdaptiveAvgPool(6, 6)), nn.Named("flatten", nn.Flatten),
		nn.Named("classifier", nn.Seq(
			drop, nn.Dense(4096), nn.Relu,
			drop, nn.Dense(4096), nn.Relu,
			nn.Dense(a.Classes))))
}
