package models

import (
	"slices"
	"strconv"

	"github.com/lince-ml/lince/nn"
)

// A mobilenetV3 is table 1 or 2 of the paper.
type mobilenetV3 struct {
	blocks []mobilenetV3Block
	last   int // channels before the output
}

// A mobilenetV3Block is a line of it: in channels become expanded, each with a window of kernel x kernel pixels, and then out.
type mobilenetV3Block struct {
	in, kernel, expanded, out int
	squeeze                   bool // squeeze and excite
	activation                nn.Layer
	stride                    int
}

func init() {
	for _, m := range []struct {
		name, summary string
		network       mobilenetV3
	}{
		{"mobilenet_v3_large", "15 inverted residuals, some with squeeze and excite, hard swish", mobilenetV3Large},
		{"mobilenet_v3_small", "11 inverted residuals, a quarter of the arithmetic of mobilenet_v3_large", mobilenetV3Small},
	} {
		Register(Spec{
			Name:     m.name,
			Family:   "MobileNetV3",
			Summary:  m.summary,
			Paper:    `Howard, Sandler, Chu, Chen, Chen, Tan, Wang, Zhu, Pang, Vasudevan, Le & Adam, "Searching for MobileNetV3", ICCV 2019`,
			Channels: 3, Height: 224, Width: 224, Classes: 1000,
			Options: []Option{width, dropout(0.2)},
			Build:   func(a Args) (nn.Layer, error) { return m.network.network(a), nil },
		})
	}
}

var mobilenetV3Large = mobilenetV3{[]mobilenetV3Block{
	{16, 3, 16, 16, false, nn.Relu, 1},
	{16, 3, 64, 24, false, nn.Relu, 2},
	{24, 3, 72, 24, false, nn.Relu, 1},
	{24, 5, 72, 40, true, nn.Relu, 2},
	{40, 5, 120, 40, true, nn.Relu, 1},
	{40, 5, 120, 40, true, nn.Relu, 1},
	{40, 3, 240, 80, false, nn.HardSwish, 2},
	{80, 3, 200, 80, false, nn.HardSwish, 1},
	{80, 3, 184, 80, false, nn.HardSwish, 1},
	{80, 3, 184, 80, false, nn.HardSwish, 1},
	{80, 3, 480, 112, true, nn.HardSwish, 1},
	{112, 3, 672, 112, true, nn.HardSwish, 1},
	{112, 5, 672, 160, true, nn.HardSwish, 2},
	{160, 5, 960, 160, true, nn.HardSwish, 1},
	{160, 5, 960, 160, true, nn.HardSwish, 1},
}, 1280}

var mobilenetV3Small = mobilenetV3{[]mobilenetV3Block{
	{16, 3, 16, 16, true, nn.Relu, 2},
	{16, 3, 72, 24, false, nn.Relu, 2},
	{24, 3, 88, 24, false, nn.Relu, 1},
	{24, 5, 96, 40, true, nn.HardSwish, 2},
	{40, 5, 240, 40, true, nn.HardSwish, 1},
	{40, 5, 240, 40, true, nn.HardSwish, 1},
	{40, 5, 120, 48, true, nn.HardSwish, 1},
	{48, 5, 144, 48, true, nn.HardSwish, 1},
	{48, 5, 288, 96, true, nn.HardSwish, 2},
	{96, 5, 576, 96, true, nn.HardSwish, 1},
	{96, 5, 576, 96, true, nn.HardSwish, 1},
}, 1024}

// mobilenetV3Norm is the normalisation of the paper's section 6.1.1, as torchvision rounds it.
var mobilenetV3Norm = nn.BatchNorm(nn.Eps(1e-3), nn.Momentum(0.01))

// network has torchvision's names and first values.
func (m mobilenetV3) network(a Args) nn.Layer {
	linear := func(out int) nn.Layer { return nn.Dense(out, nn.WithInit(nn.Normal(0, 0.01), nn.Zeros)) }
	return nn.Chain(
		nn.Named("features", nn.Seq(m.features(a, false)...)),
		nn.Named("avgpool", nn.GlobalAvgPool), nn.Named("flatten", nn.Flatten),
		nn.Named("classifier", nn.Seq(linear(a.dividedChannels(m.last)), nn.HardSwish, a.dropout("dropout"), linear(a.Classes))))
}

// features returns what comes before the pooling. Dilated, the last block that would halve the image does not, and the windows from there on take every
// second pixel instead (section 6.4).
func (m mobilenetV3) features(a Args, dilated bool) []nn.Layer {
	layers := []nn.Layer{convNorm(a.dividedChannels(m.blocks[0].in), 3, mobilenetV3Norm, nn.HardSwish, nn.Stride(2))}
	last := len(m.blocks) - 1 // block of stride 2
	for m.blocks[last].stride == 1 {
		last--
	}
	for i, b := range m.blocks {
		dilation := 1
		if dilated && i >= last {
			b.stride, dilation = 1, 2
		}
		layers = append(layers, b.layer(a, dilation))
	}
	out := a.dividedChannels(m.blocks[len(m.blocks)-1].out)
	return append(layers, convNorm(6*out, 1, mobilenetV3Norm, nn.HardSwish))
}

// layer is figure 4 of the paper.
func (b mobilenetV3Block) layer(a Args, dilation int) nn.Layer {
	return inverted(nn.Named("block", nn.Seq(b.layers(a, dilation)...)), a.dividedChannels(b.in), a.dividedChannels(b.out), b.stride)
}

func (b mobilenetV3Block) layers(a Args, dilation int) []nn.Layer {
	in, expanded, out := a.dividedChannels(b.in), a.dividedChannels(b.expanded), a.dividedChannels(b.out)
	var layers []nn.Layer
	if expanded != in {
		layers = append(layers, convNorm(expanded, 1, mobilenetV3Norm, b.activation))
	}
	layers = append(layers, convNorm(expanded, b.kernel, mobilenetV3Norm, b.activation,
		nn.Stride(b.stride), nn.Groups(expanded), nn.Pad(dilation*(b.kernel/2)), nn.Dilation(dilation)))
	if b.squeeze {
		layers = append(layers, nn.SqueezeExcite(divisible(float64(expanded/4)), nn.Relu, nn.HardSigmoid, squeezeInit))
	}
	return append(layers, convNorm(out, 1, mobilenetV3Norm, nn.Identity))
}

// halves returns the features in two parts for SSDLite: the first ends with the first convolution of the last block of stride 2, at a stride of 16. From
// that block's output on there are half of the channels (section 6.4).
func (m mobilenetV3) halves(a Args) (first, last nn.Layer) {
	const split = 12
	blocks := slices.Clone(m.blocks)
	blocks[split].out /= 2
	for i := split + 1; i < len(blocks); i++ {
		b := &blocks[i]
		b.in, b.expanded, b.out = b.in/2, b.expanded/2, b.out/2
	}
	layers := []nn.Layer{convNorm(a.dividedChannels(blocks[0].in), 3, mobilenetV3Norm, nn.HardSwish, nn.Stride(2))}
	for _, b := range blocks[:split] {
		layers = append(layers, b.layer(a, 1))
	}
	parts := blocks[split].layers(a, 1)
	first = nn.Seq(append(layers, parts[0])...)
	var rest []nn.Layer // which keep the numbers that they have in the block
	for i, l := range parts[1:] {
		rest = append(rest, nn.Named(strconv.Itoa(i+1), l))
	}
	layers = []nn.Layer{nn.Chain(rest...)}
	for _, b := range blocks[split+1:] {
		layers = append(layers, b.layer(a, 1))
	}
	out := a.dividedChannels(blocks[len(blocks)-1].out)
	return first, nn.Seq(append(layers, convNorm(6*out, 1, mobilenetV3Norm, nn.HardSwish))...)
}

var squeezeInit = nn.WithInit(nn.KaimingNormalFanOut(0), nn.Zeros)
