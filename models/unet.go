package models

import (
	"fmt"
	"strconv"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

func init() {
	Register(Spec{
		Task: segmentTask, Name: "unet", Family: "U-Net",
		Summary:  "halves the image four times and doubles it again, each time with what it was at that size before; the options are its width and depth",
		Paper:    `Ronneberger, Fischer & Brox, "U-Net: convolutional networks for biomedical image segmentation", MICCAI 2015`,
		Channels: 3, Height: 128, Width: 128, Classes: 2,
		Options: []Option{width, unetDepth},
		Build:   unet,
	})
}

// unetDepth is how many times the image is halved.
var unetDepth = Option{Name: "depth", Values: []string{"4", "1", "2", "3", "5", "6"}}

// unet is figure 1, with the names that PyTorch code for it usually has. It differs from the paper as that code does: convolutions pad the image, so that
// the result has its size, and batch normalisation follows each. Where a size is odd, its half is rounded down, and doubled to the old size.
func unet(a Args) (nn.Layer, error) {
	depth := int(a.number(unetDepth.Name))
	if least := 1 << depth; min(a.Height, a.Width) < least {
		return nil, fmt.Errorf("model unet: images of %dx%d pixels cannot be halved %d times: %d or more each way expected, or a smaller depth", a.Height, a.Width, depth, least)
	}
	channels := func(level int) int { return a.channels(64) << level }
	return func(s nn.Scope, x *graph.Node) *graph.Node {
		maps := []*graph.Node{nn.Named("inc", unetConvs(channels(0)))(s, x)}
		for level := 1; level <= depth; level++ {
			down := nn.Named("maxpool_conv", nn.Seq(nn.MaxPool(2), unetConvs(channels(level))))
			maps = append(maps, nn.Named("down"+strconv.Itoa(level), down)(s, maps[level-1]))
		}
		y := maps[depth]
		for level := depth - 1; level >= 0; level-- {
			y = nn.Named("up"+strconv.Itoa(depth-level), unetUp(maps[level], channels(level)))(s, y)
		}
		return nn.Named("outc", nn.Named("conv", nn.Conv(a.Classes, 1)))(s, y)
	}, nil
}

// unetConvs are the two convolutions at each size.
func unetConvs(channels int) nn.Layer {
	convs := append(headConv(channels, 3), headConv(channels, 3)...)
	return nn.Named("double_conv", nn.Seq(convs...))
}

// unetUp doubles the image to the size of skip and puts both together.
func unetUp(skip *graph.Node, channels int) nn.Layer {
	up := nn.ConvTransposeTo(skip.Shape().Dim(2), skip.Shape().Dim(3), channels, 2, nn.Stride(2))
	return func(s nn.Scope, x *graph.Node) *graph.Node {
		return nn.Named("conv", unetConvs(channels))(s, op.Concat(1, skip, nn.Named("up", up)(s, x)))
	}
}
