package models

import "github.com/lince-ml/lince/nn"

func init() {
	for _, m := range []struct {
		name, summary string
		blocks        [4]int
	}{
		{"fcn_resnet50", "resnet50 whose last map is an eighth of the image, and a small head for each pixel", [4]int{3, 4, 6, 3}},
		{"fcn_resnet101", "the same with resnet101", [4]int{3, 4, 23, 3}},
	} {
		Register(Spec{
			Task: segmentTask, Name: m.name, Family: "FCN", Summary: m.summary,
			Paper:    `Long, Shelhamer & Darrell, "Fully convolutional networks for semantic segmentation", CVPR 2015`,
			Channels: 3, Height: 520, Width: 520, Classes: 21,
			Options: []Option{width, dropout(0.1), auxiliary},
			Build: func(a Args) (nn.Layer, error) {
				middle, end := resnetBackbone(m.blocks, a)
				head := fcnHead(a.dropout("dropout"), a.Classes)
				return segmenter{middle, end, head, head}.network(a), nil
			},
		})
	}
}
