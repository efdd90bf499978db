package models

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
)

func init() {
	Register(Spec{
		Name:     "googlenet",
		Family:   "GoogLeNet",
		Summary:  "GoogLeNet, also Inception v1: nine modules of 1x1, 3x3 and pooling branches, two auxiliary heads in training",
		Paper:    `Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke & Rabinovich, "Going deeper with convolutions", CVPR 2015, table 1`,
		Channels: 3, Height: 224, Width: 224, Classes: 1000,
		Options: []Option{auxiliary, dropout(0.2), auxiliaryDropout, transformInput},
		Build:   googlenet,
	})
}

var (
	auxiliary        = flag("auxiliary", true) // whether training has auxiliary heads
	auxiliaryDropout = rateOption("auxiliary-dropout", 0.7)
)

// googlenet has torchvision's names and numbers, and so takes its weights. It differs from the paper as torchvision does:
//
//   - Batch normalisation follows each convolution, and there is no local response normalisation.
//   - The 5x5 convolutions are 3x3.
//   - Dropout before the output has rate 0.2, not 0.4.
//   - The heads divide whatever they get into 4x4 windows, even ones, instead of windows of 5x5 with stride 3.
func googlenet(a Args) (nn.Layer, error) {
	input, err := a.transformedInput()
	if err != nil {
		return nil, fmt.Errorf("model googlenet: %w", err)
	}
	pool := nn.MaxPoolCeil(3, nn.Stride(2))
	to4a := nn.Chain(
		input,
		nn.Named("conv1", googlenetConv(64, 7, nn.Stride(2))), nn.Named("maxpool1", pool),
		nn.Named("conv2", googlenetConv(64, 1)), nn.Named("conv3", googlenetConv(192, 3)), nn.Named("maxpool2", pool),
		nn.Named("inception3a", googlenetModule(64, 96, 128, 16, 32, 32)),
		nn.Named("inception3b", googlenetModule(128, 128, 192, 32, 96, 64)), nn.Named("maxpool3", pool),
		nn.Named("inception4a", googlenetModule(192, 96, 208, 16, 48, 64)))
	to4d := nn.Chain(
		nn.Named("inception4b", googlenetModule(160, 112, 224, 24, 64, 64)),
		nn.Named("inception4c", googlenetModule(128, 128, 256, 24, 64, 64)),
		nn.Named("inception4d", googlenetModule(112, 144, 288, 32, 64, 64)))
	to5b := nn.Chain(
		nn.Named("inception4e", googlenetModule(256, 160, 320, 32, 128, 128)), nn.Named("maxpool4", nn.MaxPoolCeil(2)),
		nn.Named("inception5a", googlenetModule(256, 160, 320, 32, 128, 128)),
		nn.Named("inception5b", googlenetModule(384, 192, 384, 48, 128, 128)))
	output := nn.Chain(
		nn.Named("avgpool", nn.GlobalAvgPool), nn.Named("flatten", nn.Flatten), nn.Named("dropout", a.dropout("dropout")),
		nn.Named("fc", googlenetDense(a.Classes)))

	const weight = 0.3 // of the heads' losses: section 5
	head := googlenetHead(a)
	return func(s nn.Scope, x *graph.Node) *graph.Node {
		x4a := to4a(s, x)
		x4d := to4d(s, x4a)
		x5b := to5b(s, x4d)
		if a.has(auxiliary.Name) {
			nn.Auxiliary(weight, nn.Named("aux1", head))(s, x4a)
			nn.Auxiliary(weight, nn.Named("aux2", head))(s, x4d)
		}
		return output(s, x5b)
	}, nil
}

// googlenetModule is figure 2(b): its arguments are the numbers of channels of a row of table 1, in their order.
func googlenetModule(c1, reduce3, c3, reduce5, c5, pool int) nn.Layer {
	return nn.Concat(
		nn.Named("branch1", googlenetConv(c1, 1)),
		nn.Named("branch2", nn.Seq(googlenetConv(reduce3, 1), googlenetConv(c3, 3))),
		nn.Named("branch3", nn.Seq(googlenetConv(reduce5, 1), googlenetConv(c5, 3))),
		nn.Named("branch4", nn.Seq(nn.MaxPool(3, nn.Stride(1), nn.Pad(1)), googlenetConv(pool, 1))))
}

// googlenetHead is an auxiliary classifier, as section 5 lists its layers.
func googlenetHead(a Args) nn.Layer {
	return nn.Chain(
		nn.Named("avgpool", nn.AdaptiveAvgPool(4, 4)), nn.Named("conv", googlenetConv(128, 1)), nn.Named("flatten", nn.Flatten),
		nn.Named("fc1", googlenetDense(1024)), nn.Named("relu", nn.Relu), nn.Named("dropout", a.dropout(auxiliaryDropout.Name)),
		nn.Named("fc2", googlenetDense(a.Classes)))
}

const googlenetStd = 0.01 // of all weights, at first

func googlenetConv(out, kernel int, options ...nn.ConvOption) nn.Layer {
	return basicConv(googlenetStd, out, kernel, kernel, append(options, nn.Pad(kernel/2))...)
}

func googlenetDense(out int) nn.Layer {
	return nn.Dense(out, nn.WithInit(nn.Normal(0, googlenetStd), nil))
}
