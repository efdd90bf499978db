package models

import "github.com/lince-ml/lince/nn"

// What MobileNets and EfficientNets have in common, with torchvision's names and first values.

// divisible returns the multiple of 8 that is nearest to channels, but not less than nine tenths of it.
func divisible(channels float64) int {
	n := max(8, int(channels+4)/8*8)
	if float64(n) < 0.9*channels {
		n += 8
	}
	return n
}

// dividedChannels returns n channels times the width as a multiple of 8.
func (a Args) dividedChannels(n int) int { return divisible(float64(n) * a.number(width.Name)) }

// convNorm is a convolution, "0", whose result has the size of its input divided by the stride unless options pad otherwise, then norm, "1",
// and activation, "2".
func convNorm(out, kernel int, norm, activation nn.Layer, options ...nn.ConvOption) nn.Layer {
	options = append([]nn.ConvOption{nn.Pad(kernel / 2), nn.NoBias, nn.WithInit(nn.KaimingNormalFanOut(0), nil)}, options...)
	return nn.Seq(nn.Conv(out, kernel, options...), norm, activation)
}

// inverted returns the layers of an inverted residual, joined if it keeps the shape of its input.
func inverted(body nn.Layer, in, out, stride int) nn.Layer {
	if stride == 1 && in == out {
		return nn.Residual(body, nil)
	}
	return body
}
