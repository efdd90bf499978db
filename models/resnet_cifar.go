package models

import (
	"fmt"
	"strconv"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

func init() {
	for _, n := range []int{3, 5, 7, 9, 18} {
		depth := 6*n + 2
		Register(Spec{
			Name:     fmt.Sprintf("resnet%d-cifar", depth),
			Family:   "ResNet for CIFAR",
			Summary:  fmt.Sprintf("%d blocks of two 3x3 convolutions, 16 to 64 channels, shortcuts without parameters", 3*n),
			Paper:    paperResNet + ", section 4.2",
			Channels: 3, Height: 32, Width: 32, Classes: 10,
			Options: []Option{width, zeroInit},
			Build:   func(a Args) (nn.Layer, error) { return resnetCIFAR(n, a), nil },
		})
	}
}

// resnetCIFAR has three stages of n blocks, with names as in the usual PyTorch code (Idelbayev, github.com/akamaster/pytorch_resnet_cifar10),
// whose weights it takes. Shortcuts are the paper's option A:
// identities, and where a stage begins, every second pixel with channels of zeros added.
func resnetCIFAR(n int, a Args) nn.Layer {
	layers := []nn.Layer{nn.Named("conv1", cifarConv(a.channels(16), 1)), nn.Named("bn1", nn.BatchNorm()), nn.Named("relu", nn.Relu)}
	for i := range 3 {
		channels := a.channels(16) << i
		var blocks []nn.Layer
		for j := range n {
			stride, shortcut := 1, nn.Layer(nil)
			if i > 0 && j == 0 {
				stride, shortcut = 2, nn.Named("shortcut", subsampled)
			}
			blocks = append(blocks, residual(nn.Chain(
				nn.Named("conv1", cifarConv(channels, stride)), nn.Named("bn1", nn.BatchNorm()), nn.Named("relu1", nn.Relu),
				nn.Named("conv2", cifarConv(channels, 1)), nn.Named("bn2", nn.BatchNorm(nn.ScaleInit(a.lastScale())))), shortcut))
		}
		layers = append(layers, nn.Named("layer"+strconv.Itoa(i+1), nn.Seq(blocks...)))
	}
	return nn.Chain(append(layers,
		nn.Named("avgpool", nn.GlobalAvgPool), nn.Named("flatten", nn.Flatten),
		nn.Named("linear", nn.Dense(a.Classes, nn.WithInit(nn.KaimingNormal(0), nil))))...)
}

func cifarConv(out, stride int) nn.Layer {
	return nn.Conv(out, 3, nn.Stride(stride), nn.Pad(1), nn.NoBias, nn.WithInit(nn.KaimingNormal(0), nil))
}

// subsampled takes every second row and column of x and doubles its channels with zeros: half of them before and half behind the
// channels of x, as in the usual PyTorch code (the paper does not say).
func subsampled(_ nn.Scope, x *graph.Node) *graph.Node {
	for axis := 2; axis < 4; axis++ {
		x = op.Slice(x, axis, 0, x.Shape().Dim(axis), 2)
	}
	c := x.Shape().Dim(1)
	return op.Pad(x, []int{0, c / 2, 0, 0}, []int{0, c - c/2, 0, 0}, 0)
}
