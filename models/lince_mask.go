package models

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

func init() {
	registerStages(Spec{
		Task: "instances", Name: "lince-mask", Family: "lince-mask",
		Summary:  "lince-det, and a small network that tells which pixels of a box are the thing; learns from scratch on two cores",
		Paper:    `after He, Gkioxari, Dollár & Girshick, "Mask R-CNN", ICCV 2017`,
		Channels: 3, Height: 128, Width: 128, Classes: 80,
		Options: []Option{width},
	}, linceMask)
}

// linceMask looks at features of stride 4: those of the backbone there, and those of the neck. A box is 14 x 14 cells of these, and each of them
// tells four cells of the mask.
func linceMask(a Args) Stages {
	const channels, stride, cells = 48, 4, 14
	d := linceDet{a}
	rowsOf := func(s nn.Scope, x *graph.Node) (rows *graph.Node, features []*graph.Node) {
		var fine *graph.Node
		var levels []*graph.Node
		x.Graph().Within("backbone", func() { fine, levels = d.stages(s.Sub("backbone"), x) })
		x.Graph().Within("neck", func() { levels = d.neck(s.Sub("neck"), levels) })
		rows = d.head(s, levels)
		x.Graph().Within("mask", func() {
			s := s.Sub("mask")
			fine = apply(s, "fine", d.conv(channels, 1), fine)
			coarse := apply(s, "coarse", d.conv(channels, 1), levels[0])
			features = []*graph.Node{apply(s, "features", d.conv(channels, 3), op.Add(fine, enlarge(coarse, fine)))}
		})
		return rows, features
	}
	masks := func(s nn.Scope, in BoxesIn) (logits *graph.Node) {
		in.Boxes.Graph().Within("mask", func() {
			x := op.RoIAlign(in.Features[0], in.Boxes, in.Images[0], op.RoIAlignOp{Height: cells, Width: cells, Samples: 2, Scale: 1. / stride, Aligned: true})
			layers := nn.Seq(d.conv(channels, 3), d.conv(channels, 3), d.conv(channels, 3), nn.Conv(4, 3, nn.Pad(1)))
			logits = apply(s.Sub("mask"), "head", layers, x)
		})
		return spread(logits)
	}
	return Stages{Rows: rowsOf, Maps: 1, Masks: masks}
}

// spread makes the four channels of each pixel of x [K, 4, H, W] the pixels [K, 2H, 2W] in its place (Shi et al., "Real-time single image and video
// super-resolution using an efficient sub-pixel convolutional neural network", CVPR 2016).
func spread(x *graph.Node) *graph.Node {
	k, h, w := x.Shape().Dim(0), x.Shape().Dim(2), x.Shape().Dim(3)
	x = op.Transpose(op.Reshape(x, k, 2, 2, h, w), 0, 3, 1, 4, 2)
	return op.Reshape(x, k, 2*h, 2*w)
}
