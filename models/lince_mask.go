package models

import (
	"fmt"
	"maps"
	"slices"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/nearest"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	Register(Spec{
		Task: "instances", Name: "lince-mask", Family: "lince-mask",
		Summary:  "lince-det, and a small network that tells which pixels of a box are the thing; learns from scratch on two cores",
		Paper:    `after He, Gkioxari, Dollár & Girshick, "Mask R-CNN", ICCV 2017`,
		Channels: 3, Height: 128, Width: 128, Classes: 80,
		Options: []Option{width},
		Build:   func(a Args) (nn.Layer, error) { return instancesOf["lince-mask"](a).layer, nil },
	})
}

// Instances is a network in two parts, since what becomes of boxes that it has found itself is decided between them.
type Instances struct {
	// Boxes returns a detector's rows for images [N, C, H, W], and features of the images for Masks.
	Boxes func(s nn.Scope, x *graph.Node) (rows, features *graph.Node)
	// Masks returns for each of K boxes, f32 [K, 4] in pixels of the images, a logit for each of its cells: [K, side, side]. Images, i32 [K], has
	// the number of the box's image.
	Masks func(s nn.Scope, features, boxes, images *graph.Node) *graph.Node
}

var instancesOf = map[string]func(Args) Instances{"lince-mask": linceMask}

// LookupInstances returns the parts of an architecture for instance segmentation.
func LookupInstances(name string, a Args) (Instances, error) {
	build, ok := instancesOf[name]
	if !ok {
		return Instances{}, fmt.Errorf("no instance segmentation: %w", nearest.Error("model", name, slices.Sorted(maps.Keys(instancesOf))))
	}
	spec, err := Lookup(name)
	if err != nil {
		return Instances{}, err
	}
	a, err = spec.Complete(a)
	return build(a), err
}

// layer is the network as one layer, which returns the rows: it looks at a box of its own, so that all variables are declared.
func (in Instances) layer(s nn.Scope, x *graph.Node) *graph.Node {
	rows, features := in.Boxes(s, x)
	g := x.Graph()
	in.Masks(s, features, g.Fill(graph.F32(1, 4), 0), g.Fill(graph.TypeOf(tensor.I32, 1), 0))
	return rows
}

// linceMask looks at features of stride 4: those of the backbone there, and those of the neck. A box is 14 x 14 cells of these, and each of them
// tells four cells of the mask.
func linceMask(a Args) Instances {
	const channels, stride, cells = 48, 4, 14
	d := linceDet{a}
	boxes := func(s nn.Scope, x *graph.Node) (rows, features *graph.Node) {
		var fine *graph.Node
		var levels []*graph.Node
		x.Graph().Within("backbone", func() { fine, levels = d.stages(s.Sub("backbone"), x) })
		x.Graph().Within("neck", func() { levels = d.neck(s.Sub("neck"), levels) })
		rows = d.head(s, levels)
		x.Graph().Within("mask", func() {
			s := s.Sub("mask")
			fine = apply(s, "fine", d.conv(channels, 1), fine)
			coarse := apply(s, "coarse", d.conv(channels, 1), levels[0])
			features = apply(s, "features", d.conv(channels, 3), op.Add(fine, enlarge(coarse, fine)))
		})
		return rows, features
	}
	masks := func(s nn.Scope, features, boxes, images *graph.Node) (logits *graph.Node) {
		features.Graph().Within("mask", func() {
			x := op.RoIAlign(features, boxes, images, op.RoIAlignOp{Height: cells, Width: cells, Samples: 2, Scale: 1. / stride, Aligned: true})
			layers := nn.Seq(d.conv(channels, 3), d.conv(channels, 3), d.conv(channels, 3), nn.Conv(4, 3, nn.Pad(1)))
			logits = apply(s.Sub("mask"), "head", layers, x)
		})
		return spread(logits)
	}
	return Instances{Boxes: boxes, Masks: masks}
}

// spread makes the four channels of each pixel of x [K, 4, H, W] the pixels [K, 2H, 2W] in its place (Shi et al., "Real-time single image and video
// super-resolution using an efficient sub-pixel convolutional neural network", CVPR 2016).
func spread(x *graph.Node) *graph.Node {
	k, h, w := x.Shape().Dim(0), x.Shape().Dim(2), x.Shape().Dim(3)
	x = op.Transpose(op.Reshape(x, k, 2, 2, h, w), 0, 3, 1, 4, 2)
	return op.Reshape(x, k, 2*h, 2*w)
}
