package models

import "github.com/lince-ml/lince/nn"

func init() {
	for _, s := range []struct {
		name, summary string
		features      func() []nn.Layer
	}{
		{"squeezenet1_0", "8 modules that squeeze the channels by 1x1 convolutions before those of 3x3", squeezenet10},
		{"squeezenet1_1", "squeezenet1_0 with less than half of the arithmetic: it pools earlier", squeezenet11},
	} {
		Register(Spec{
			Name:    s.name,
			Family:  "SqueezeNet",
			Summary: s.summary,
			Paper: `Iandola, Han, Moskewicz, Ashraf, Dally & Keutzer, "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB ` +
				`model size", 2016`,
			Channels: 3, Height: 224, Width: 224, Classes: 1000,
			Options: []Option{dropout(0.5)},
			Build:   func(a Args) (nn.Layer, error) { return squeezenet(s.features(), a), nil },
		})
	}
}

// squeezenet has torchvision's names and first values.
func squeezenet(features []nn.Layer, a Args) nn.Layer {
	output := nn.Conv(a.Classes, 1, nn.WithInit(nn.Normal(0, 0.01), nn.Zeros))
	return nn.Chain(
		nn.Named("features", nn.Seq(features...)),
		nn.Named("classifier", nn.Seq(a.dropout("dropout"), output, nn.Relu, nn.GlobalAvgPool)), nn.Named("flatten", nn.Flatten))
}

// squeezenet10 is table 1 of the paper.
func squeezenet10() []nn.Layer {
	return []nn.Layer{
		squeezeConv(96, 7, nn.Stride(2)), nn.Relu, squeezePool,
		fire(16, 64), fire(16, 64), fire(32, 128), squeezePool,
		fire(32, 128), fire(48, 192), fire(48, 192), fire(64, 256), squeezePool,
		fire(64, 256),
	}
}

// squeezenet11 is from the authors' own github.com/forresti/SqueezeNet.
func squeezenet11() []nn.Layer {
	return []nn.Layer{
		squeezeConv(64, 3, nn.Stride(2)), nn.Relu, squeezePool,
		fire(16, 64), fire(16, 64), squeezePool,
		fire(32, 128), fire(32, 128), squeezePool,
		fire(48, 192), fire(48, 192), fire(64, 256), fire(64, 256),
	}
}

var squeezePool = nn.MaxPoolCeil(3, nn.Stride(2))

// fire is the module of figure 1, with expand channels from each kind of window.
func fire(squeeze, expand int) nn.Layer {
	return nn.Chain(
		nn.Named("squeeze", squeezeConv(squeeze, 1)), nn.Named("squeeze_activation", nn.Relu),
		nn.Concat(
			nn.Chain(nn.Named("expand1x1", squeezeConv(expand, 1)), nn.Named("expand1x1_activation", nn.Relu)),
			nn.Chain(nn.Named("expand3x3", squeezeConv(expand, 3, nn.Pad(1))), nn.Named("expand3x3_activation", nn.Relu))))
}

func squeezeConv(out, kernel int, options ...nn.ConvOption) nn.Layer {
	return nn.Conv(out, kernel, append(options, nn.WithInit(nn.KaimingUniform(0), nn.Zeros))...)
}
