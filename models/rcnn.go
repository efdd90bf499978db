package models

import (
	"strconv"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

func init() {
	registerStages(Spec{
		Task: "detect", Name: "fasterrcnn_resnet50_fpn", Family: "Faster R-CNN",
		Summary:  "resnet50 that proposes boxes, and a second look at the best thousand; for prediction",
		Paper:    `Ren, He, Girshick & Sun, "Faster R-CNN", NeurIPS 2015, with the maps of Lin et al., CVPR 2017`,
		Channels: 3, Height: 800, Width: 800, Classes: 90,
		Options: []Option{width, normEps},
	}, fasterRCNN)
	registerStages(Spec{
		Task: "instances", Name: "maskrcnn_resnet50_fpn", Family: "Mask R-CNN",
		Summary:  "fasterrcnn_resnet50_fpn, and a mask of each thing; for prediction",
		Paper:    `He, Gkioxari, Dollár & Girshick, "Mask R-CNN", ICCV 2017`,
		Channels: 3, Height: 800, Width: 800, Classes: 90,
		Options: []Option{width, normEps},
	}, maskRCNN)
}

// rcnnMaps are the maps that boxes are looked at on, of strides 4 to 32.
const rcnnMaps = 4

// fasterRCNN has torchvision's names and first values. A row of the images is the logit of there being a thing, and its box's deltas from the anchor.
func fasterRCNN(a Args) Stages {
	rows := func(s nn.Scope, x *graph.Node) (*graph.Node, []*graph.Node) {
		levels := rcnnLevels(a).within("backbone")(s, x)
		return rpn(a, s, levels), levels[:rcnnMaps]
	}
	return Stages{Rows: rows, Maps: rcnnMaps, Boxes: a.boxHead}
}

// maskRCNN is fasterRCNN with a mask for each class.
func maskRCNN(a Args) Stages {
	st := fasterRCNN(a)
	st.Masks = a.maskHead
	return st
}

// rcnnLevels are a resnet50's maps of strides 4 to 32, and every second pixel of the last one.
func rcnnLevels(a Args) pyramid {
	return func(s nn.Scope, x *graph.Node) (levels []*graph.Node) {
		maps := resnetMaps(resnet{blocks: [4]int{3, 4, 6, 3}, bottleneck: true, groups: 1, inner: 64, stem: imageNetStem}, a, 0).within("body")(s, x)
		x.Graph().Within("fpn", func() {
			s := s.Sub("fpn")
			levels = fpn(s, maps, a.channels(256))
			levels = append(levels, nn.MaxPool(1, nn.Stride(2))(s, levels[rcnnMaps-1]))
		})
		return levels
	}
}

// rpn is the network of Faster R-CNN, section 3.1: it proposes boxes, three at each place.
func rpn(a Args, s nn.Scope, levels []*graph.Node) *graph.Node {
	const boxes = 3
	head := func(l nn.Layer, xs []*graph.Node) []*graph.Node {
		return onEach(s, nn.Named("rpn", nn.Named("head", l)), xs)
	}
	conv := func(out, kernel int) nn.Layer { return nn.Conv(out, kernel, nn.Pad(kernel/2), small) }
	seen := head(nn.Named("conv", nn.Seq(nn.Seq(conv(a.channels(256), 3), nn.Relu))), levels)
	things := head(nn.Named("cls_logits", conv(boxes, 1)), seen)
	deltas := head(nn.Named("bbox_pred", conv(4*boxes, 1)), seen)
	return op.Concat(2, allRows(things, 1), allRows(deltas, 4))
}

// lookAt returns cells x cells of what the map of each box shows in it: of the others it gets zeros.
func lookAt(in BoxesIn, cells int) (x *graph.Node) {
	for i, m := range in.Features {
		y := op.RoIAlign(m, in.Boxes, in.Images[i], op.RoIAlignOp{Height: cells, Width: cells, Samples: 2, Scale: 1 / float32(int(4)<<i)})
		if i == 0 {
			x = y
		} else {
			x = op.Add(x, y)
		}
	}
	return x
}

// boxHead is that of Lin et al., section 4.2: two layers of 1024.
func (a Args) boxHead(s nn.Scope, in BoxesIn) (rows *graph.Node) {
	hidden, outs := a.channels(1024), a.Classes+1
	in.Boxes.Graph().Within("roi_heads", func() {
		s := s.Sub("roi_heads")
		x := apply(s, "box_head", nn.Chain(nn.Flatten,
			nn.Named("fc6", nn.Dense(hidden)), nn.Relu, nn.Named("fc7", nn.Dense(hidden)), nn.Relu), lookAt(in, 7))
		predict := func(name string, n int) *graph.Node { return apply(s, "box_predictor", nn.Named(name, nn.Dense(n)), x) }
		rows = op.Concat(1, predict("cls_score", outs), predict("bbox_pred", 4*outs))
	})
	return rows
}

// maskHead is that of Mask R-CNN, figure 4, right.
func (a Args) maskHead(s nn.Scope, in BoxesIn) (logits *graph.Node) {
	channels, outs := a.channels(256), a.Classes+1
	init := nn.WithInit(nn.KaimingNormalFanOut(0), nn.Zeros)
	in.Boxes.Graph().Within("roi_heads", func() {
		s := s.Sub("roi_heads")
		x := lookAt(in, 14)
		for i := range 4 {
			x = apply(s, "mask_head", nn.Named(strconv.Itoa(i), nn.Seq(nn.Conv(channels, 3, nn.Pad(1), init), nn.Relu)), x)
		}
		x = apply(s, "mask_predictor", nn.Chain(
			nn.Named("conv5_mask", nn.ConvTranspose(channels, 2, nn.Stride(2), init)), nn.Relu,
			nn.Named("mask_fcn_logits", nn.Conv(outs, 1, init))), x)
		// Of its class alone: the background has the first mask.
		k, h, w := x.Shape().Dim(0), x.Shape().Dim(2), x.Shape().Dim(3)
		one := op.OneHot(op.Add(in.Classes, in.Classes.Graph().Fill(in.Classes.Type(), 1)), outs)
		logits = op.ReduceSum(op.Mul(x, op.Reshape(one, k, outs, 1, 1)), false, 1)
		logits = op.Reshape(logits, k, h, w)
	})
	return logits
}
