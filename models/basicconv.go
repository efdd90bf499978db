package models

import "github.com/lince-ml/lince/nn"

// basicConv is torchvision's BasicConv2d, of which the Inception networks consist: the convolution, "conv", then "bn" and ReLU.
// Its weights begin normal with the given standard deviation.
func basicConv(std float64, out, height, width int, options ...nn.ConvOption) nn.Layer {
	options = append(options, nn.NoBias, nn.WithInit(nn.Normal(0, std), nil))
	return nn.Chain(
		nn.Named("conv", nn.ConvRect(out, height, width, options...)),
		nn.Named("bn", nn.BatchNorm(nn.Eps(1e-3))), nn.Named("relu", nn.Relu))
}
