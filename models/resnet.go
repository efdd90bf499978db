package models

import (
	"fmt"
	"strconv"

	"github.com/lince-ml/lince/nn"
)

// A resnet is one column of table 1 of the paper.
type resnet struct {
	depth      int
	blocks     [4]int // in each stage
	bottleneck bool   // blocks of 1x1, 3x3 and 1x1 instead of two 3x3
}

func init() {
	for _, r := range []resnet{
		{18, [4]int{2, 2, 2, 2}, false},
		{34, [4]int{3, 4, 6, 3}, false},
		{50, [4]int{3, 4, 6, 3}, true},
		{101, [4]int{3, 4, 23, 3}, true},
		{152, [4]int{3, 8, 36, 3}, true},
	} {
		Register(Spec{
			Name:     "resnet" + strconv.Itoa(r.depth),
			Summary:  fmt.Sprintf("residual network of %d layers, %d stages of 64 to 512 channels", r.depth, len(r.blocks)),
			Paper:    paperResNet + ", table 1",
			Channels: 3, Height: 224, Width: 224, Classes: 1000,
			Options: []Option{zeroInit},
			Build:   func(a Args) (nn.Layer, error) { return r.network(imageNetStem, a), nil },
		})
	}
	small := resnet{18, [4]int{2, 2, 2, 2}, false}
	Register(Spec{
		Name:     "resnet18-cifar",
		Summary:  "ResNet-18 for small images: it begins with a 3x3 convolution instead of 7x7 with stride 2 and pooling",
		Paper:    paperResNet + ", table 1",
		Channels: 3, Height: 32, Width: 32, Classes: 10,
		Options: []Option{zeroInit},
		Build:   func(a Args) (nn.Layer, error) { return small.network(cifarStem, a), nil },
	})
}

const paperResNet = `He, Zhang, Ren & Sun, "Deep residual learning for image recognition", CVPR 2016`

// zeroInit makes each residual branch begin as 0; see [nn.ScaleInit].
var zeroInit = Option{"zero-init", []string{"false", "true"}}

// network returns the residual network with torchvision's names. Where a bottleneck halves the image, its 3x3 convolution does it,
// as in torchvision and in Gross & Wilber, "Training and investigating residual nets", 2016; in the paper, the first 1x1 does it.
func (r resnet) network(stem nn.Layer, a Args) nn.Layer {
	lastScale := nn.Init(nn.Ones)
	if a.Options[zeroInit.Name] == "true" {
		lastScale = nn.Zeros
	}
	layers := []nn.Layer{stem}
	for i, n := range r.blocks {
		layers = append(layers, nn.Named("layer"+strconv.Itoa(i+1), r.stage(i, n, lastScale)))
	}
	return nn.Chain(append(layers,
		nn.Named("avgpool", nn.GlobalAvgPool), nn.Named("flatten", nn.Flatten), nn.Named("fc", nn.Dense(a.Classes)))...)
}

var (
	imageNetStem = nn.Chain(
		nn.Named("conv1", resnetConv(64, 7, 2)), nn.Named("bn1", nn.BatchNorm()), nn.Named("relu", nn.Relu),
		nn.Named("maxpool", nn.MaxPool(3, nn.Stride(2), nn.Pad(1))))
	cifarStem = nn.Chain(
		nn.Named("conv1", resnetConv(64, 3, 1)), nn.Named("bn1", nn.BatchNorm()), nn.Named("relu", nn.Relu))
)

// stage returns the n blocks of stage i. The first of each stage but stage 0 halves the image.
func (r resnet) stage(i, n int, lastScale nn.Init) nn.Layer {
	channels, stride := 64<<i, 1
	if i > 0 {
		stride = 2
	}
	block, out := basicBlock, channels
	if r.bottleneck {
		block, out = bottleneckBlock, 4*channels
	}
	var shortcut nn.Layer // of the first block: B of the paper, a projection where sizes change
	if i > 0 || r.bottleneck {
		shortcut = nn.Named("downsample", nn.Seq(resnetConv(out, 1, stride), nn.BatchNorm()))
	}
	blocks := []nn.Layer{residual(block(channels, stride, lastScale), shortcut)}
	for range n - 1 {
		blocks = append(blocks, residual(block(channels, 1, lastScale), nil))
	}
	return nn.Seq(blocks...)
}

func residual(body, shortcut nn.Layer) nn.Layer {
	return nn.Chain(nn.Residual(body, shortcut), nn.Named("relu", nn.Relu))
}

// basicBlock is the branch of figure 5, left.
func basicBlock(channels, stride int, lastScale nn.Init) nn.Layer {
	return nn.Chain(
		nn.Named("conv1", resnetConv(channels, 3, stride)), nn.Named("bn1", nn.BatchNorm()), nn.Named("relu1", nn.Relu),
		nn.Named("conv2", resnetConv(channels, 3, 1)), nn.Named("bn2", nn.BatchNorm(nn.ScaleInit(lastScale))))
}

// bottleneckBlock is the branch of figure 5, right, with four times channels at its end.
func bottleneckBlock(channels, stride int, lastScale nn.Init) nn.Layer {
	return nn.Chain(
		nn.Named("conv1", resnetConv(channels, 1, 1)), nn.Named("bn1", nn.BatchNorm()), nn.Named("relu1", nn.Relu),
		nn.Named("conv2", resnetConv(channels, 3, stride)), nn.Named("bn2", nn.BatchNorm()), nn.Named("relu2", nn.Relu),
		nn.Named("conv3", resnetConv(4*channels, 1, 1)), nn.Named("bn3", nn.BatchNorm(nn.ScaleInit(lastScale))))
}

// resnetConv is a convolution whose result has the size of its input divided by stride. It begins as torchvision's does.
func resnetConv(out, kernel, stride int) nn.Layer {
	return nn.Conv(out, kernel, nn.Stride(stride), nn.Pad(kernel/2), nn.NoBias, nn.WithInit(nn.KaimingNormalFanOut(0), nil))
}
