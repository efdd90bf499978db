package models

import "github.com/lince-ml/lince/nn"

const paperLeNet = `LeCun, Bottou, Bengio & Haffner, "Gradient-based learning applied to document recognition", Proc. IEEE 1998`

func init() {
	Register(Spec{
		Name:     "lenet5",
		Family:   "LeNet",
		Summary:  "LeNet-5 as it is taught: two convolutions with pooling, three linear layers",
		Paper:    paperLeNet,
		Channels: 1, Height: 28, Width: 28, Classes: 10,
		Options: []Option{
			{Name: "activation", Values: []string{"tanh", "relu", "sigmoid"}},
			{Name: "pool", Values: []string{"avg", "max"}},
			{Name: "norm", Values: []string{"none", "batch"}},
		},
		Build: lenet5,
	})
}

// lenet5 has the sizes of the classic figure 2 (C1 6@28x28, S2 6@14x14, C3 16@10x10, S4 16@5x5, 120, 84, 10), with each C3 map
// connected to all of S2 and a linear output. By default it has the figure's tanh and average pooling; relu and
// max learn faster. The figure's input is 32x32: here 28x28 with a padding of 2. See lenet5-1998 for the paper's own network.
// With norm=batch, batch normalisation stands before each activation (Ioffe & Szegedy, "Batch normalization", ICML 2015, section 3.2). The biases,
// which it makes useless, stay, so that all other parameters are the same.
func lenet5(a Args) (nn.Layer, error) {
	act := map[string]nn.Layer{"tanh": nn.Tanh, "relu": nn.Relu, "sigmoid": nn.Sigmoid}[a.Options["activation"]]
	pool := map[string]nn.Layer{"avg": nn.AvgPool(2), "max": nn.MaxPool(2)}[a.Options["pool"]]
	norm := map[string]nn.Layer{"none": nn.Chain(), "batch": nn.BatchNorm()}[a.Options["norm"]]
	return nn.Chain(
		nn.Named("conv1", nn.Conv(6, 5, nn.Pad(2))), nn.Named("norm1", norm), nn.Named("act1", act), nn.Named("pool1", pool),
		nn.Named("conv2", nn.Conv(16, 5)), nn.Named("norm2", norm), nn.Named("act2", act), nn.Named("pool2", pool),
		nn.Named("flatten", nn.Flatten),
		nn.Named("fc1", nn.Dense(120)), nn.Named("norm3", norm), nn.Named("act3", act),
		nn.Named("fc2", nn.Dense(84)), nn.Named("norm4", norm), nn.Named("act4", act),
		nn.Named("fc3", nn.Dense(a.Classes)),
	), nil
}
