package models

import (
	"strconv"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// A pyramid makes maps of several sizes of an image, the largest first.
type pyramid func(s nn.Scope, x *graph.Node) []*graph.Node

// within is the pyramid p in the sub-scope called name.
func (p pyramid) within(name string) pyramid {
	return func(s nn.Scope, x *graph.Node) (maps []*graph.Node) {
		x.Graph().Within(name, func() { maps = p(s.Sub(name), x) })
		return maps
	}
}

// apply is nn.Named, applied.
func apply(s nn.Scope, name string, l nn.Layer, x *graph.Node) *graph.Node {
	return nn.Named(name, l)(s, x)
}

// onEach applies l with the same parameters to each of xs.
func onEach(s nn.Scope, l nn.Layer, xs []*graph.Node) []*graph.Node {
	ys := make([]*graph.Node, len(xs))
	for i, x := range xs {
		if i > 0 {
			s = s.Again()
		}
		ys[i] = l(s, x)
	}
	return ys
}

// resnetMaps are the results of the stages of a ResNet from stage first on, counted from 0: strides of 4, 8, 16 and 32 pixels.
func resnetMaps(r resnet, a Args, first int) pyramid {
	return func(s nn.Scope, x *graph.Node) (maps []*graph.Node) {
		x = r.stem(a)(s, x)
		for i := range r.blocks {
			x = apply(s, "layer"+strconv.Itoa(i+1), r.stage(i, a), x)
			if i >= first {
				maps = append(maps, x)
			}
		}
		return maps
	}
}

// fpn gives all maps the same number of channels and adds to each what the smaller ones say (Lin, Dollár, Girshick, He, Hariharan &
// Belongie, "Feature pyramid networks for object detection", CVPR 2017, figure 3). Names and first values are torchvision's.
func fpn(s nn.Scope, maps []*graph.Node, channels int) []*graph.Node {
	conv := func(kernel int) nn.Layer {
		return nn.Seq(nn.Conv(channels, kernel, nn.Pad(kernel/2), nn.WithInit(nn.KaimingUniform(1), nn.Zeros)))
	}
	inner, out := make([]*graph.Node, len(maps)), make([]*graph.Node, len(maps))
	for i, x := range maps {
		inner[i] = apply(s, "inner_blocks."+strconv.Itoa(i), conv(1), x)
	}
	for i := len(maps) - 2; i >= 0; i-- {
		inner[i] = op.Add(inner[i], enlarge(inner[i+1], inner[i]))
	}
	for i, x := range inner {
		out[i] = apply(s, "layer_blocks."+strconv.Itoa(i), conv(3), x)
	}
	return out
}

// enlarge gives x the height and width of like: each pixel becomes the nearest of x, that at ⌊i·old/new⌋ as in PyTorch.
func enlarge(x, like *graph.Node) *graph.Node {
	for axis := 2; axis < 4; axis++ {
		from, to := x.Shape().Dim(axis), like.Shape().Dim(axis)
		if from == to {
			continue
		}
		at, one := make([]int32, to), make([]float32, to)
		for i := range at {
			at[i], one[i] = int32(i*from/to), 1
		}
		g := x.Graph()
		x = op.Resample(x, g.Const(tensor.Of(tensor.ShapeOf(to, 1), at...)), g.Const(tensor.Of(tensor.ShapeOf(to, 1), one...)), axis)
	}
	return x
}

// rows turns a map [N, A·channels, H, W] into a row for each of A things at each place: [N, H·W·A, channels].
func rows(x *graph.Node, channels int) *graph.Node {
	n, c, h, w := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2), x.Shape().Dim(3)
	if c == channels {
		return op.Transpose(op.Reshape(x, n, c, h*w), 0, 2, 1)
	}
	x = op.Transpose(op.Reshape(x, n, c/channels, channels, h, w), 0, 3, 4, 1, 2)
	return op.Reshape(x, n, h*w*c/channels, channels)
}

// allRows joins the rows of all maps.
func allRows(maps []*graph.Node, channels int) *graph.Node {
	list := make([]*graph.Node, len(maps))
	for i, x := range maps {
		list[i] = rows(x, channels)
	}
	return op.Concat(1, list...)
}
