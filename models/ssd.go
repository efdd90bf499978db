package models

import (
	"strconv"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

const paperSSD = `Liu, Anguelov, Erhan, Szegedy, Reed, Fu & Berg, "SSD: Single shot multibox detector", ECCV 2016`

func init() {
	Register(Spec{
		Task: "detect", Name: "ssd300_vgg16", Family: "SSD", Paper: paperSSD,
		Summary:  "vgg16 with six maps, from strides of 8 to the whole image, and four or six boxes at each place",
		Channels: 3, Height: 300, Width: 300, Classes: 90,
		Options: []Option{width},
		Build:   func(a Args) (nn.Layer, error) { return ssd300(a), nil },
	})
	Register(Spec{
		Task: "detect", Name: "ssdlite320_mobilenet_v3_large", Family: "SSD", Paper: paperSSD,
		Summary:  "mobilenet_v3_large with six maps of strides 16 to 512 and six boxes at each place",
		Channels: 3, Height: 320, Width: 320, Classes: 90,
		Options: []Option{width},
		Build:   func(a Args) (nn.Layer, error) { return ssdLite(a), nil },
	})
}

// ssdRows applies a head of its own to each map. A row is the logits of background and the classes, and four numbers of a box.
func ssdRows(s nn.Scope, maps []*graph.Node, a Args, boxes []int, layer func(x *graph.Node, out int) nn.Layer) *graph.Node {
	head := func(name string, columns int) *graph.Node {
		list := make([]*graph.Node, len(maps))
		for i, x := range maps {
			list[i] = apply(s, "head."+name+".module_list."+strconv.Itoa(i), layer(x, boxes[i]*columns), x)
		}
		return allRows(list, columns)
	}
	classes := head("classification_head", a.Classes+1)
	return op.Concat(2, classes, head("regression_head", 4))
}

// ssd300 has torchvision's names and first values.
func ssd300(a Args) nn.Layer {
	return func(s nn.Scope, x *graph.Node) *graph.Node {
		maps := pyramid(func(s nn.Scope, x *graph.Node) []*graph.Node { return ssdVGG(s, x, a) }).within("backbone")(s, x)
		return ssdRows(s, maps, a, []int{4, 6, 6, 6, 4, 4}, func(_ *graph.Node, out int) nn.Layer {
			return nn.Conv(out, 3, nn.Pad(1), nn.WithInit(nn.XavierUniform, nn.Zeros))
		})
	}
}

// ssdVGG is figure 2 of the paper, above. The last layers of the VGG are convolutions, the first of them dilated.
func ssdVGG(s nn.Scope, x *graph.Node, a Args) []*graph.Node {
	block := func(convs, channels int) (layers []nn.Layer) {
		for range convs {
			layers = append(layers, nn.Conv(a.channels(channels), 3, nn.Pad(1), nn.WithInit(nn.KaimingNormalFanOut(0), nn.Zeros)), nn.Relu)
		}
		return layers
	}
	conv := func(out, kernel int, options ...nn.ConvOption) nn.Layer {
		return nn.Conv(a.channels(out), kernel, append(options, nn.WithInit(nn.XavierUniform, nn.Zeros))...)
	}
	var features []nn.Layer
	for i, pool := range []nn.Layer{nn.MaxPool(2), nn.MaxPool(2), nn.MaxPoolCeil(2)} {
		features = append(append(features, block([]int{2, 2, 3}[i], 64<<i)...), pool)
	}
	weight := s.Param("scale_weight", tensor.ShapeOf(a.channels(512)), nn.Constant(20))
	x = apply(s, "features", nn.Seq(append(features, block(3, 512)...)...), x)
	maps := []*graph.Node{op.Mul(unit(x), op.Reshape(weight, 1, -1, 1, 1))}
	fc := nn.Seq(nn.MaxPool(3, nn.Stride(1), nn.Pad(1)), conv(1024, 3, nn.Pad(6), nn.Dilation(6)), nn.Relu, conv(1024, 1), nn.Relu)
	step := func(inner, out int, options ...nn.ConvOption) nn.Layer {
		return nn.Seq(conv(inner, 1), nn.Relu, conv(out, 3, options...), nn.Relu)
	}
	for i, l := range []nn.Layer{
		nn.Seq(append(append([]nn.Layer{nn.MaxPool(2)}, block(3, 512)...), fc)...),
		step(256, 512, nn.Pad(1), nn.Stride(2)), step(128, 256, nn.Pad(1), nn.Stride(2)), step(128, 256), step(128, 256),
	} {
		x = apply(s, "extra."+strconv.Itoa(i), l, x)
		maps = append(maps, x)
	}
	return maps
}

// unit divides the channels of each pixel by their norm, or by 1e-12 if that is less.
func unit(x *graph.Node) *graph.Node {
	norm := op.Sqrt(op.ReduceSum(op.Mul(x, x), true, 1))
	return op.Div(x, op.Max(norm, x.Graph().Scalar(1e-12)))
}

// ssdLiteNorm is that of the whole network.
var ssdLiteNorm = nn.BatchNorm(nn.Eps(1e-3), nn.Momentum(0.03))

// ssdLite has torchvision's names and first values (Sandler et al., "MobileNetV2", CVPR 2018, section 6.2; Howard et al., "Searching for
// MobileNetV3", ICCV 2019, section 6.3: the last stage of the backbone has half of its channels).
func ssdLite(a Args) nn.Layer {
	init := nn.WithInit(nn.Normal(0, 0.03), nn.Zeros)
	conv := func(out, kernel int, options ...nn.ConvOption) nn.Layer {
		return convNorm(out, kernel, ssdLiteNorm, nn.Relu6, append(options, init)...)
	}
	extra := func(out int) nn.Layer {
		out = a.dividedChannels(out)
		return nn.Seq(conv(out/2, 1), conv(out/2, 3, nn.Stride(2), nn.Groups(out/2)), conv(out, 1))
	}
	maps := func(s nn.Scope, x *graph.Node) (maps []*graph.Node) {
		first, last := mobilenetV3Large.halves(a)
		for i, l := range []nn.Layer{first, last, extra(512), extra(256), extra(256), extra(128)} {
			name := "features." + strconv.Itoa(i)
			if i >= 2 {
				name = "extra." + strconv.Itoa(i-2)
			}
			x = apply(s, name, l, x)
			maps = append(maps, x)
		}
		return maps
	}
	return func(s nn.Scope, x *graph.Node) *graph.Node {
		return ssdRows(s, pyramid(maps).within("backbone")(s, x), a, []int{6, 6, 6, 6, 6, 6}, func(x *graph.Node, out int) nn.Layer {
			c := x.Shape().Dim(1)
			return nn.Seq(conv(c, 3, nn.Groups(c)), nn.Conv(out, 1, init))
		})
	}
}
