package models_test

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/models"
)

func summarize(t *testing.T, name string) models.Summary { return summarizeWith(t, name, nil) }

func summarizeWith(t *testing.T, name string, options map[string]string) models.Summary {
	t.Helper()
	spec, err := models.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	net, err := spec.Build(models.Args{Options: options})
	if err != nil {
		t.Fatal(err)
	}
	s, err := models.Summarize(net, graph.F32(1, spec.Channels, spec.Height, spec.Width))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// published says what an architecture costs, as others give it.
type published struct {
	parameters, heads int     // without and with auxiliary heads; 0 heads: the same
	multiplyAdds      float64 // in units of the last digit
}

// TestPublished builds every architecture and compares parameters and multiply-adds with published numbers: torchvision's
// (docs.pytorch.org/vision/stable/models.html: num_params, GFLOPS). For small images, parameters are those of the weights that the world
// uses, and multiply-adds what PyTorch's flop counter says; papers on pruning give the same 125.49 M for ResNet-56 and 252.89 M for
// ResNet-110 (Lin et al., "HRank", CVPR 2020). The numbers of cnn3 and of the textbook's LeNet-5 are counted by hand.
func TestPublished(t *testing.T) {
	const m, g = 1e4, 1e6 // one hundredth of a million, one thousandth of a billion
	want := map[string]struct {
		published
		unit float64
	}{
		"lenet5":      {published{61706, 0, 28*28*6*25 + 10*10*16*150 + 400*120 + 120*84 + 84*10}, 1},
		"lenet5-1998": {published{60000, 0, 0}, 0},
		"cnn3":        {published{224 + 1168 + 4640 + 2*(8+16+32) + 2*8192 + 2, 0, 128*128*27*8 + 64*64*72*16 + 32*32*144*32 + 2*8192}, 1},

		"alexnet": {published{61100840, 0, 714}, g},
		"vgg11":   {published{132863336, 0, 7609}, g}, "vgg11_bn": {published{132868840, 0, 7609}, g},
		"vgg13": {published{133047848, 0, 11308}, g}, "vgg13_bn": {published{133053736, 0, 11308}, g},
		"vgg16": {published{138357544, 0, 15470}, g}, "vgg16_bn": {published{138365992, 0, 15470}, g},
		"vgg19": {published{143667240, 0, 19632}, g}, "vgg19_bn": {published{143678248, 0, 19632}, g},
		"googlenet": {published{6624904, 13004888, 1498}, g}, "inception_v3": {published{23834568, 27161264, 5713}, g},
		"resnet18": {published{11689512, 0, 1814}, g}, "resnet34": {published{21797672, 0, 3664}, g},
		"resnet50": {published{25557032, 0, 4089}, g}, "resnet101": {published{44549160, 0, 7801}, g},
		"resnet152":       {published{60192808, 0, 11514}, g},
		"resnext50_32x4d": {published{25028904, 0, 4230}, g}, "wide_resnet50_2": {published{68883240, 0, 11398}, g},
		"densenet121": {published{7978856, 0, 2834}, g}, "densenet169": {published{14149480, 0, 3360}, g},
		"densenet201": {published{20013928, 0, 4291}, g}, "densenet161": {published{28681000, 0, 7728}, g},
		"squeezenet1_0": {published{1248424, 0, 819}, g}, "squeezenet1_1": {published{1235496, 0, 349}, g},
		"mobilenet_v2":       {published{3504872, 0, 301}, g},
		"mobilenet_v3_large": {published{5483032, 0, 217}, g}, "mobilenet_v3_small": {published{2542856, 0, 57}, g},
		"efficientnet_b0": {published{5288548, 0, 386}, g},

		"resnet18-cifar": {published{11173962, 0, 55542}, m}, "resnet20-cifar": {published{269722, 0, 4055}, m},
		"resnet32-cifar": {published{464154, 0, 6886}, m}, "resnet44-cifar": {published{658586, 0, 9717}, m},
		"resnet56-cifar": {published{853018, 0, 12549}, m}, "resnet110-cifar": {published{1727962, 0, 25289}, m},
		"densenet100-cifar": {published{769162, 0, 28793}, m},
		"airbench-cifar":    {published{1971352, 0, 11815}, m}, // 1.97 million, says the paper

		// torchvision counts the arithmetic of the auxiliary heads, too, which is nothing that predictions do.
		"fcn_resnet50":       {published{32957013, 35322218, 152717 - 9991}, g},
		"fcn_resnet101":      {published{51949141, 54314346, 232738 - 9991}, g},
		"deeplabv3_resnet50": {published{39638869, 42004074, 178722 - 9991}, g}, "deeplabv3_resnet101": {published{58630997, 60996202, 258743 - 9991}, g},
		"deeplabv3_mobilenet_v3_large": {published{11025477, 11029328, 10452 - 16}, g}, "lraspp_mobilenet_v3_large": {published{3221538, 0, 2086}, g},
		"unet": {published{31037698, 0, 0}, 0}, "lince-seg": {published{2443061, 0, 0}, 0},
	}
	for _, spec := range models.All() {
		if spec.Task != "" {
			continue
		}
		w, ok := want[spec.Name]
		if !ok {
			t.Errorf("%s: say here how large it is", spec.Name)
			continue
		}
		s := summarize(t, spec.Name)
		if heads := cmp.Or(w.heads, w.parameters); s.Parameters != w.parameters || s.Parameters+s.Auxiliary != heads {
			t.Errorf("%s has %d parameters, and %d with auxiliary heads, want %d and %d", spec.Name, s.Parameters, s.Parameters+s.Auxiliary, w.parameters, heads)
		}
		if got := math.Round(float64(s.MultiplyAdds) / w.unit); w.unit > 0 && got != w.multiplyAdds {
			t.Errorf("%s takes %d multiply-adds, want %v times %v", spec.Name, s.MultiplyAdds, w.multiplyAdds, w.unit)
		}
	}
}

// TestLeNet1998 compares the parameters of each layer with those that the paper names.
func TestLeNet1998(t *testing.T) {
	layers := map[string]int{}
	for _, l := range summarize(t, "lenet5-1998").Layers {
		layers[l.Path] = l.Parameters
	}
	for name, want := range map[string]int{"c1": 156, "s2": 12, "c3": 1516, "s4": 32, "c5": 48120, "f6": 10164, "output": 0} {
		if layers[name] != want {
			t.Errorf("%s has %d parameters, the paper says %d", name, layers[name], want)
		}
	}
}

// TestLeNetNorm: batch normalisation stands between each hidden layer and its activation, and changes no other parameter.
func TestLeNetNorm(t *testing.T) {
	plain, normed := summarize(t, "lenet5"), summarizeWith(t, "lenet5", map[string]string{"norm": "batch"})
	added := normed.Layers[:0:0]
	for i, l := range normed.Layers {
		if !strings.HasPrefix(l.Path, "norm") {
			continue
		}
		added = append(added, l)
		if channels := l.Output.Shape.Dim(1); l.Parameters != 2*channels || !strings.HasPrefix(normed.Layers[i+1].Path, "act") {
			t.Errorf("%+v is followed by %+v: 2 parameters for each of %d channels, and an activation expected", l, normed.Layers[i+1], channels)
		}
	}
	rest := slices.DeleteFunc(normed.Layers, func(l models.LayerSummary) bool { return strings.HasPrefix(l.Path, "norm") })
	if len(added) != 4 || !slices.Equal(rest, plain.Layers) {
		t.Errorf("added are %+v\nthe rest is %+v\nwithout norm %+v", added, rest, plain.Layers)
	}
}

func TestSummary(t *testing.T) {
	s := summarize(t, "lenet5")
	conv := 2 * 28 * 28 * 6 * 25
	want := models.LayerSummary{Path: "conv1", Op: "Conv2D", Output: graph.F32(1, 6, 28, 28), Parameters: 156, FLOPs: int64(conv + 6*28*28)}
	if s.Layers[0] != want {
		t.Errorf("first layer %+v, want %+v", s.Layers[0], want)
	}
	var paths, ops []string
	var flops int64
	parameters := 0
	for _, l := range s.Layers {
		paths, ops = append(paths, l.Path), append(ops, l.Op)
		flops += l.FLOPs
		parameters += l.Parameters
	}
	if !slices.Equal(paths, []string{"conv1", "act1", "pool1", "conv2", "act2", "pool2", "flatten", "fc1", "act3", "fc2", "act4", "fc3"}) {
		t.Errorf("layers %q", paths)
	}
	if !slices.Equal(ops, []string{"Conv2D", "Tanh", "AvgPool", "Conv2D", "Tanh", "AvgPool", "Reshape", "MatMul", "Tanh", "MatMul", "Tanh", "MatMul"}) {
		t.Errorf("ops %q", ops)
	}
	if flops != s.FLOPs || parameters != s.Parameters {
		t.Errorf("the layers add up to %d FLOPs and %d parameters, the whole is %d and %d", flops, parameters, s.FLOPs, s.Parameters)
	}
}
