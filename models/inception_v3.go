package models

import (
	"fmt"

	"github.com/lince-ml/lince/nn"
)

func init() {
	Register(Spec{
		Name:     "inception_v3",
		Family:   "Inception v3",
		Summary:  "Inception v3: eleven modules of factorised convolutions (1x7, 7x1), an auxiliary head in training",
		Paper:    `Szegedy, Vanhoucke, Ioffe, Shlens & Wojna, "Rethinking the Inception architecture for computer vision", CVPR 2016, table 1`,
		Channels: 3, Height: 299, Width: 299, Classes: 1000,
		Options: []Option{auxiliary, dropout(0.5), transformInput, keras},
		Build:   inceptionV3,
	})
}

// inceptionV3 has torchvision's names and numbers, which go back to the authors' own code for TensorFlow: table 1 of the paper
// leaves out some layers of the modules.
func inceptionV3(a Args) (nn.Layer, error) {
	const enough = 299 // for the head, whose 5x5 convolution has no padding
	heads := a.has(auxiliary.Name)
	if heads && min(a.Height, a.Width) < enough {
		return nil, fmt.Errorf("model inception_v3: its auxiliary head needs images of %dx%d pixels or more, not %dx%d: set the option auxiliary to false",
			enough, enough, a.Height, a.Width)
	}
	input, err := a.transformedInput()
	if err != nil {
		return nil, fmt.Errorf("model inception_v3: %w", err)
	}
	pool := nn.MaxPool(3, nn.Stride(2))
	means := nn.AvgPool(3, nn.Stride(1), nn.Pad(1))
	if a.has(keras.Name) {
		means = nn.AvgPool(3, nn.Stride(1), nn.Pad(1), nn.UncountedPad)
	}
	to6e := nn.Chain(
		input,
		nn.Named("Conv2d_1a_3x3", inceptionConv(32, 3, 3, nn.Stride(2))),
		nn.Named("Conv2d_2a_3x3", inceptionConv(32, 3, 3)),
		nn.Named("Conv2d_2b_3x3", inceptionConv(64, 3, 3, nn.Pad(1))), nn.Named("maxpool1", pool),
		nn.Named("Conv2d_3b_1x1", inceptionConv(80, 1, 1)),
		nn.Named("Conv2d_4a_3x3", inceptionConv(192, 3, 3)), nn.Named("maxpool2", pool),
		nn.Named("Mixed_5b", inceptionA(32, means)), nn.Named("Mixed_5c", inceptionA(64, means)), nn.Named("Mixed_5d", inceptionA(64, means)),
		nn.Named("Mixed_6a", inceptionB()),
		nn.Named("Mixed_6b", inceptionC(128, means)), nn.Named("Mixed_6c", inceptionC(160, means)),
		nn.Named("Mixed_6d", inceptionC(160, means)), nn.Named("Mixed_6e", inceptionC(192, means)))
	output := nn.Chain(
		nn.Named("Mixed_7a", inceptionD()), nn.Named("Mixed_7b", inceptionE(means)), nn.Named("Mixed_7c", inceptionE(means)),
		nn.Named("avgpool", nn.GlobalAvgPool), nn.Named("dropout", a.dropout("dropout")), nn.Named("flatten", nn.Flatten),
		nn.Named("fc", inceptionDense(a.Classes, inceptionStd)))
	if !heads {
		return nn.Chain(to6e, output), nil
	}
	const weight = 0.4 // of the head's loss, in the authors' code
	return nn.Chain(to6e, nn.Auxiliary(weight, nn.Named("AuxLogits", inceptionHead(a.Classes))), output), nil
}

// inceptionA is the module of figure 5, but for a 5x5 convolution where the figure has one of its 3x3. Its last branch ends with
// pool channels.
func inceptionA(pool int, means nn.Layer) nn.Layer {
	return nn.Concat(
		nn.Named("branch1x1", inceptionConv(64, 1, 1)),
		nn.Chain(
			nn.Named("branch5x5_1", inceptionConv(48, 1, 1)),
			nn.Named("branch5x5_2", inceptionConv(64, 5, 5, nn.Pad(2)))),
		nn.Chain(
			nn.Named("branch3x3dbl_1", inceptionConv(64, 1, 1)),
			nn.Named("branch3x3dbl_2", inceptionConv(96, 3, 3, nn.Pad(1))),
			nn.Named("branch3x3dbl_3", inceptionConv(96, 3, 3, nn.Pad(1)))),
		inceptionPool(pool, means))
}

// inceptionB halves the image (figure 10).
func inceptionB() nn.Layer {
	return nn.Concat(
		nn.Named("branch3x3", inceptionConv(384, 3, 3, nn.Stride(2))),
		nn.Chain(
			nn.Named("branch3x3dbl_1", inceptionConv(64, 1, 1)),
			nn.Named("branch3x3dbl_2", inceptionConv(96, 3, 3, nn.Pad(1))),
			nn.Named("branch3x3dbl_3", inceptionConv(96, 3, 3, nn.Stride(2)))),
		nn.Named("branch_pool", nn.MaxPool(3, nn.Stride(2))))
}

// inceptionC is the module of figure 6 with n = 7. The 7x1 and 1x7 convolutions within its branches have c channels.
func inceptionC(c int, means nn.Layer) nn.Layer {
	row, column := nn.Pads(0, 3, 0, 3), nn.Pads(3, 0, 3, 0)
	return nn.Concat(
		nn.Named("branch1x1", inceptionConv(192, 1, 1)),
		nn.Chain(
			nn.Named("branch7x7_1", inceptionConv(c, 1, 1)),
			nn.Named("branch7x7_2", inceptionConv(c, 1, 7, row)),
			nn.Named("branch7x7_3", inceptionConv(192, 7, 1, column))),
		nn.Chain(
			nn.Named("branch7x7dbl_1", inceptionConv(c, 1, 1)),
			nn.Named("branch7x7dbl_2", inceptionConv(c, 7, 1, column)),
			nn.Named("branch7x7dbl_3", inceptionConv(c, 1, 7, row)),
			nn.Named("branch7x7dbl_4", inceptionConv(c, 7, 1, column)),
			nn.Named("branch7x7dbl_5", inceptionConv(192, 1, 7, row))),
		inceptionPool(192, means))
}

// inceptionD halves the image a second time.
func inceptionD() nn.Layer {
	return nn.Concat(
		nn.Chain(
			nn.Named("branch3x3_1", inceptionConv(192, 1, 1)),
			nn.Named("branch3x3_2", inceptionConv(320, 3, 3, nn.Stride(2)))),
		nn.Chain(
			nn.Named("branch7x7x3_1", inceptionConv(192, 1, 1)),
			nn.Named("branch7x7x3_2", inceptionConv(192, 1, 7, nn.Pads(0, 3, 0, 3))),
			nn.Named("branch7x7x3_3", inceptionConv(192, 7, 1, nn.Pads(3, 0, 3, 0))),
			nn.Named("branch7x7x3_4", inceptionConv(192, 3, 3, nn.Stride(2)))),
		nn.Named("branch_pool", nn.MaxPool(3, nn.Stride(2))))
}

// inceptionE is the module of figure 7, whose branches divide in two.
func inceptionE(means nn.Layer) nn.Layer {
	row, column := nn.Pads(0, 1, 0, 1), nn.Pads(1, 0, 1, 0)
	return nn.Concat(
		nn.Named("branch1x1", inceptionConv(320, 1, 1)),
		nn.Chain(
			nn.Named("branch3x3_1", inceptionConv(384, 1, 1)),
			nn.Concat(
				nn.Named("branch3x3_2a", inceptionConv(384, 1, 3, row)),
				nn.Named("branch3x3_2b", inceptionConv(384, 3, 1, column)))),
		nn.Chain(
			nn.Named("branch3x3dbl_1", inceptionConv(448, 1, 1)),
			nn.Named("branch3x3dbl_2", inceptionConv(384, 3, 3, nn.Pad(1))),
			nn.Concat(
				nn.Named("branch3x3dbl_3a", inceptionConv(384, 1, 3, row)),
				nn.Named("branch3x3dbl_3b", inceptionConv(384, 3, 1, column)))),
		inceptionPool(192, means))
}

// inceptionPool is the last branch of the modules that keep the size of the image: means, and a convolution. In Keras padding does not count
// in the means.
func inceptionPool(out int, means nn.Layer) nn.Layer {
	return nn.Named("branch_pool", nn.Chain(means, inceptionConv(out, 1, 1)))
}

// inceptionHead is the auxiliary classifier of figure 8, on maps of 17x17.
func inceptionHead(classes int) nn.Layer {
	return nn.Chain(
		nn.Named("pool", nn.AvgPool(5, nn.Stride(3))),
		nn.Named("conv0", inceptionConv(128, 1, 1)), nn.Named("conv1", inceptionConv(768, 5, 5)),
		nn.Named("avgpool", nn.GlobalAvgPool), nn.Named("flatten", nn.Flatten), nn.Named("fc", inceptionDense(classes, 0.001)))
}

const inceptionStd = 0.1 // of weights, at first

func inceptionConv(out, height, width int, options ...nn.ConvOption) nn.Layer {
	return basicConv(inceptionStd, out, height, width, options...)
}

func inceptionDense(out int, std float64) nn.Layer {
	return nn.Dense(out, nn.WithInit(nn.Normal(0, std), nil))
}
