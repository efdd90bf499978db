package models_test

import (
	"slices"
	"testing"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/models"
)

func summarize(t *testing.T, name string) models.Summary {
	t.Helper()
	spec, err := models.Lookup(name)
	if err != nil {
		t.Fatal(err)
	}
	net, err := spec.Build(models.Args{})
	if err != nil {
		t.Fatal(err)
	}
	s, err := models.Summarize(net, graph.F32(1, spec.Channels, spec.Height, spec.Width))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestParameters compares with known numbers of parameters, without and with auxiliary heads: torchvision's, those of the CIFAR-10
// weights that the world uses, and, also layer by layer, that of the paper on LeNet-5.
func TestParameters(t *testing.T) {
	for name, want := range map[string][2]int{
		"lenet5": {61706}, "lenet5-1998": {60000}, "cnn3": {224 + 1168 + 4640 + 2*(8+16+32) + 2*8192 + 2},
		"resnet18": {11689512}, "resnet34": {21797672}, "resnet50": {25557032}, "resnet101": {44549160}, "resnet152": {60192808},
		"resnet18-cifar": {11173962}, "resnet20-cifar": {269722}, "resnet32-cifar": {464154}, "resnet44-cifar": {658586},
		"resnet56-cifar": {853018}, "resnet110-cifar": {1727962},
		"densenet121": {7978856}, "densenet169": {14149480}, "densenet201": {20013928}, "densenet161": {28681000},
		"googlenet": {6624904, 13004888}, "inception_v3": {23834568, 27161264},
	} {
		s := summarize(t, name)
		if want[1] == 0 {
			want[1] = want[0] // no heads
		}
		if got := [2]int{s.Parameters, s.Parameters + s.Auxiliary}; got != want {
			t.Errorf("%s has %d parameters, and %d with auxiliary heads, want %d", name, got[0], got[1], want)
		}
	}
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
