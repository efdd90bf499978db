package models

import (
	"strconv"

	"github.com/lince-ml/lince/nn"
)

// A resnet is one column of table 1 of the paper, or a variant of one.
type resnet struct {
	blocks [4]int // in each stage

	// Blocks of 1x1, 3x3 and 1x1 convolutions instead of two 3x3. The 3x3 has groups, of inner channels each in the first stage.
	bottleneck    bool
	groups, inner int

	stem func(a Args) nn.Layer

	// The last two stages keep the size of the image, and their windows of 3x3 take pixels that are further apart instead: as far as they would be in
	// the halved image (Chen et al., "Rethinking atrous convolution for semantic image segmentation", 2017, section 3.1).
	dilated bool
}

const (
	paperResNet     = `He, Zhang, Ren & Sun, "Deep residual learning for image recognition", CVPR 2016`
	paperResNeXt    = `Xie, Girshick, Dollár, Tu & He, "Aggregated residual transformations for deep neural networks", CVPR 2017`
	paperWideResNet = `Zagoruyko & Komodakis, "Wide residual networks", BMVC 2016`
)

func init() {
	for _, m := range []struct {
		name, family, paper, summary string
		size, classes                int
		resnet
	}{
		{"resnet18", "ResNet", paperResNet, "8 blocks of two 3x3 convolutions", 224, 1000,
			resnet{[4]int{2, 2, 2, 2}, false, 0, 0, imageNetStem, false}},
		{"resnet34", "ResNet", paperResNet, "16 blocks of two 3x3 convolutions", 224, 1000,
			resnet{[4]int{3, 4, 6, 3}, false, 0, 0, imageNetStem, false}},
		{"resnet50", "ResNet", paperResNet, "16 bottlenecks of 1x1, 3x3 and 1x1 convolutions", 224, 1000,
			resnet{[4]int{3, 4, 6, 3}, true, 1, 64, imageNetStem, false}},
		{"resnet101", "ResNet", paperResNet, "33 bottlenecks", 224, 1000,
			resnet{[4]int{3, 4, 23, 3}, true, 1, 64, imageNetStem, false}},
		{"resnet152", "ResNet", paperResNet, "50 bottlenecks", 224, 1000,
			resnet{[4]int{3, 8, 36, 3}, true, 1, 64, imageNetStem, false}},
		{"resnet18-cifar", "ResNet", paperResNet, "resnet18 for small images: it begins with a 3x3 convolution and has no first pooling", 32, 10,
			resnet{[4]int{2, 2, 2, 2}, false, 0, 0, cifarStem, false}},
		{"resnext50_32x4d", "ResNeXt", paperResNeXt, "resnet50 with 3x3 convolutions of twice the channels, in 32 groups", 224, 1000,
			resnet{[4]int{3, 4, 6, 3}, true, 32, 4, imageNetStem, false}},
		{"wide_resnet50_2", "Wide ResNet", paperWideResNet, "resnet50 with 3x3 convolutions of twice the channels", 224, 1000,
			resnet{[4]int{3, 4, 6, 3}, true, 1, 128, imageNetStem, false}},
	} {
		Register(Spec{
			Name: m.name, Family: m.family, Summary: m.summary, Paper: m.paper,
			Channels: 3, Height: m.size, Width: m.size, Classes: m.classes,
			Options: m.options(),
			Build:   func(a Args) (nn.Layer, error) { return m.network(a), nil },
		})
	}
}

func (r resnet) options() []Option {
	if r.bottleneck && r.groups == 1 {
		return []Option{width, zeroInit, keras}
	}
	return []Option{width, zeroInit}
}

// network returns the residual network with torchvision's names. Where a bottleneck halves the image, its 3x3 convolution does it,
// as in torchvision and in Gross & Wilber, "Training and investigating residual nets", 2016; in the paper and in Keras, the first 1x1 does it.
func (r resnet) network(a Args) nn.Layer {
	return nn.Chain(append(r.features(a),
		nn.Named("avgpool", nn.GlobalAvgPool), nn.Named("flatten", nn.Flatten), nn.Named("fc", nn.Dense(a.Classes)))...)
}

// features returns what comes before the output: the stem and the four stages.
func (r resnet) features(a Args) []nn.Layer {
	layers := []nn.Layer{r.stem(a)}
	for i := range r.blocks {
		layers = append(layers, nn.Named("layer"+strconv.Itoa(i+1), r.stage(i, a)))
	}
	return layers
}

func imageNetStem(a Args) nn.Layer {
	return nn.Chain(
		nn.Named("conv1", resnetConv(a.channels(64), 7, nn.Stride(2))), nn.Named("bn1", a.norm()), nn.Named("relu", nn.Relu),
		nn.Named("maxpool", nn.MaxPool(3, nn.Stride(2), nn.Pad(1))))
}

func cifarStem(a Args) nn.Layer {
	return nn.Chain(
		nn.Named("conv1", resnetConv(a.channels(64), 3)), nn.Named("bn1", a.norm()), nn.Named("relu", nn.Relu))
}

// stage returns the blocks of stage i. The first of each stage but stage 0 halves the image.
func (r resnet) stage(i int, a Args) nn.Layer {
	stride, first, dilation := 1, 1, 1 // first is the dilation of the first block, which sees the image of the stage before
	switch {
	case i > 1 && r.dilated:
		first, dilation = 1<<(i-2), 1<<(i-1)
	case i > 0:
		stride = 2
	}
	out := a.channels(64) << i
	block := func(stride, _ int) nn.Layer { return basicBlock(out, stride, a) }
	if r.bottleneck {
		inner := r.groups * a.channels(r.inner) << i
		out *= 4
		block = func(stride, dilation int) nn.Layer { return bottleneckBlock(inner, out, r.groups, stride, dilation, a) }
	}
	var shortcut nn.Layer // of the first block: B of the paper, a projection where sizes change
	if i > 0 || r.bottleneck {
		shortcut = nn.Named("downsample", nn.Seq(resnetConv(out, 1, nn.Stride(stride)), a.norm()))
	}
	blocks := []nn.Layer{residual(block(stride, first), shortcut)}
	for range r.blocks[i] - 1 {
		blocks = append(blocks, residual(block(1, dilation), nil))
	}
	return nn.Seq(blocks...)
}

func residual(body, shortcut nn.Layer) nn.Layer {
	return nn.Chain(nn.Residual(body, shortcut), nn.Named("relu", nn.Relu))
}

// basicBlock is the branch of figure 5, left.
func basicBlock(channels, stride int, a Args) nn.Layer {
	return nn.Chain(
		nn.Named("conv1", resnetConv(channels, 3, nn.Stride(stride))), nn.Named("bn1", a.norm()), nn.Named("relu1", nn.Relu),
		nn.Named("conv2", resnetConv(channels, 3)), nn.Named("bn2", a.norm(nn.ScaleInit(a.lastScale()))))
}

// bottleneckBlock is the branch of figure 5, right; with groups it is figure 3(c) of the paper on ResNeXt.
func bottleneckBlock(inner, out, groups, stride, dilation int, a Args) nn.Layer {
	first := 1 // stride of the first convolution
	if a.has(keras.Name) {
		first, stride = stride, 1
	}
	return nn.Chain(
		nn.Named("conv1", resnetConv(inner, 1, nn.Stride(first))), nn.Named("bn1", a.norm()), nn.Named("relu1", nn.Relu),
		nn.Named("conv2", resnetConv(inner, 3, nn.Stride(stride), nn.Groups(groups), nn.Pad(dilation), nn.Dilation(dilation))), nn.Named("bn2", a.norm()), nn.Named("relu2", nn.Relu),
		nn.Named("conv3", resnetConv(out, 1)), nn.Named("bn3", a.norm(nn.ScaleInit(a.lastScale()))))
}

// resnetConv is a convolution whose result has the size of its input divided by the stride unless options pad otherwise. It begins as torchvision's does.
func resnetConv(out, kernel int, options ...nn.ConvOption) nn.Layer {
	options = append([]nn.ConvOption{nn.Pad(kernel / 2), nn.NoBias, nn.WithInit(nn.KaimingNormalFanOut(0), nil)}, options...)
	return nn.Conv(out, kernel, options...)
}
