package models

import (
	"strconv"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

func init() {
	Register(Spec{
		Task: segmentTask, Name: "lince-seg", Family: "lince-seg",
		Summary: "a small residual network down to a sixteenth of the image, and back by sums; learns from scratch on two cores",
		Paper: `after He, Zhang, Ren & Sun, "Deep residual learning for image recognition", CVPR 2016; Lin et al., "Feature pyramid networks for object detection", ` +
			`CVPR 2017; Liu, Rabinovich & Berg, "ParseNet", 2015`,
		Channels: 3, Height: 128, Width: 128, Classes: 21,
		Options: []Option{width, dropout(0.1)},
		Build:   func(a Args) (nn.Layer, error) { return linceSeg(a), nil },
	})
}

// linceSeg spends its arithmetic where images are small: no convolution sees the image at its own size, but the first and the last pass between it and a half
// with enough channels for all that is in 2x2 pixels. Channels double as pixels become a quarter, so that each convolution takes about as long.
func linceSeg(a Args) nn.Layer {
	conv := func(out, kernel int, options ...nn.ConvOption) nn.Layer {
		return convNorm(a.channels(out), kernel, nn.BatchNorm(), nn.Relu, options...)
	}
	block := func(channels int) nn.Layer {
		last := convNorm(a.channels(channels), 3, nn.BatchNorm(nn.ScaleInit(nn.Zeros)), nn.Identity)
		return nn.Chain(nn.Residual(nn.Seq(conv(channels, 3), last), nil), nn.Relu)
	}
	stages := []struct{ channels, blocks, decoded int }{{32, 0, 32}, {64, 1, 64}, {128, 2, 64}, {192, 2, 64}}
	return func(s nn.Scope, x *graph.Node) *graph.Node {
		within := func(name string, l nn.Layer, x *graph.Node) *graph.Node { return nn.Named(name, l)(s, x) }
		image := x
		var maps []*graph.Node
		for i, stage := range stages {
			layers := []nn.Layer{conv(stage.channels, 3, nn.Stride(2))}
			for range stage.blocks {
				layers = append(layers, block(stage.channels))
			}
			x = within("stage"+strconv.Itoa(i), nn.Seq(layers...), x)
			maps = append(maps, x)
		}
		last := len(stages) - 1
		x = within("lateral"+strconv.Itoa(last), conv(stages[last].decoded, 1), x)
		x = op.Add(x, within("context", nn.Chain(nn.GlobalAvgPool, nn.Conv(a.channels(stages[last].decoded), 1)), maps[last]))
		for i := last - 1; i >= 0; i-- {
			n, channels := strconv.Itoa(i), stages[i].decoded
			if channels != stages[i+1].decoded {
				x = within("narrow"+n, conv(channels, 1), x)
			}
			x = op.Add(resizeLike(maps[i])(s, x), within("lateral"+n, conv(channels, 1), maps[i]))
			x = within("decoder"+n, conv(channels, 3), x)
		}
		x = within("dropout", a.dropout("dropout"), x)
		// The padding makes it the transpose of a convolution that, as the first one does, rounds the half of an odd size up.
		output := nn.ConvTransposeTo(image.Shape().Dim(2), image.Shape().Dim(3), a.Classes, 4, nn.Stride(2), nn.Pads(1, 1, 2, 2))
		return within("output", output, x)
	}
}
