package models_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/format/safetensors"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/nn/nntest"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/tensor"
)

const batch = 2

// TestEveryModel builds each architecture with each value of its options and traces it forward and backward. Networks that are not large
// it also runs, and saves and loads them; of each family of large ones, TestGolden runs at least one.
func TestEveryModel(t *testing.T) {
	for _, spec := range models.All() {
		if spec.Task != "" {
			continue // its output is not that of a classifier
		}
		variants := []map[string]string{{}}
		for _, o := range spec.Options {
			for _, v := range otherValues(o) {
				variants = append(variants, map[string]string{o.Name: v})
			}
		}
		for _, options := range variants {
			t.Run(spec.Name, func(t *testing.T) {
				a, err := spec.Complete(models.Args{Options: options})
				if err != nil {
					t.Fatal(err)
				}
				net, err := spec.Build(a)
				if err != nil {
					t.Fatal(err)
				}
				checkModel(t, spec, net, a)
			})
		}
	}
}

// otherValues returns the values of an option that are not its default; of a number, one that is in the range of all there are.
func otherValues(o models.Option) []string {
	if o.Values != nil {
		return o.Values[1:]
	}
	return []string{fmt.Sprint(o.Number.Min + 0.25)}
}

func checkModel(t *testing.T, spec models.Spec, net nn.Layer, a models.Args) {
	var vars []nn.Variable
	x := graph.F32(batch, a.Channels, a.Height, a.Width)
	train := nntest.Trace(t, func(g *graph.Graph) { vars = trainingStep(g, net, x) })
	logits := graph.F32(batch, a.Classes)
	if spec.Task == "segment" {
		logits = graph.F32(batch, a.Classes, a.Height, a.Width)
	}
	if y := train.Outputs()[0].Node; y.Type() != logits {
		t.Fatalf("output %v, want %v for %d classes", y.Type(), logits, a.Classes)
	}
	eval := nntest.Trace(t, func(g *graph.Graph) { g.Output("logits", net(nn.NewScope(g, nn.Eval), g.Input("x", x))) })
	const large = 3e6
	if parameters(vars) > large {
		return
	}

	backend := newCPU(t)
	store := nntest.Store{
		"x":      optest.Rand(rand.New(rand.NewPCG(1, 2)), -1, 1, x.Shape.Dims()...),
		"labels": labelsOf(train, a.Classes),
	}
	store.Init(vars, 1)
	store[nn.KeyInput], store[nn.CounterInput] = tensor.New(tensor.U32, tensor.ShapeOf(2)), tensor.New(tensor.U32, tensor.ShapeOf(4))
	for name, d := range store.RunOn(t, backend, train) {
		checkNumbers(t, name, d.F32(), a.Options["zero-init"] != "true")
	}
	result := store.RunOn(t, backend, eval)["logits"]

	path := filepath.Join(t.TempDir(), "model.safetensors")
	weights := map[string]*tensor.Tensor{}
	for _, v := range vars {
		weights[v.Name] = store[v.Name]
	}
	if err := safetensors.WriteFile(path, &safetensors.File{Tensors: weights}); err != nil {
		t.Fatal(err)
	}
	file, err := safetensors.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	loaded := nntest.Store{"x": store["x"]}
	for name, w := range file.Tensors {
		loaded[name] = w
	}
	optest.Compare(t, "logits after save and load", loaded.RunOn(t, backend, eval)["logits"], result, 0)
}

// parameters returns how many numbers of vars are trained.
func parameters(vars []nn.Variable) int {
	n := 0
	for _, v := range nn.Trainable(vars) {
		n += v.Node.Shape().Size()
	}
	return n
}

// trainingStep outputs logits, the loss, and the gradient of each parameter under its name. It returns the network's variables.
func trainingStep(g *graph.Graph, net nn.Layer, x graph.Type) []nn.Variable {
	s := nn.NewScope(g, nn.Train)
	logits := net(s, g.Input("x", x))
	labels := g.Input("labels", graph.TypeOf(tensor.I32, logits.Shape().Size()/logits.Shape().Dim(1)))
	loss := nn.CrossEntropy(rows(logits), labels, 0)
	for _, a := range s.Auxiliaries() {
		loss = op.Add(loss, op.Mul(nn.CrossEntropy(rows(a.Node), labels, 0), g.Scalar(float64(a.Weight))))
	}
	g.Output("logits", logits)
	g.Output("loss", loss)
	var params []*graph.Node
	for _, v := range nn.Trainable(s.Variables()) {
		params = append(params, v.Node)
	}
	for i, d := range graph.Grad(loss, params) {
		g.Output(params[i].Op().(graph.InputOp).Label, d)
	}
	return s.Variables()
}

// rows returns the logits of pixels, [N, classes, H, W], as [NHW, classes], and those of images as they are.
func rows(logits *graph.Node) *graph.Node {
	if logits.Shape().Rank() == 2 {
		return logits
	}
	return op.Reshape(op.Transpose(logits, 0, 2, 3, 1), -1, logits.Shape().Dim(1))
}

// labelsOf returns the labels that the program g of a training step takes: 0, 1, ..., and again from 0 on.
func labelsOf(g *graph.Graph, classes int) *tensor.Tensor {
	for _, n := range g.Inputs() {
		if n.Op().(graph.InputOp).Label == "labels" {
			t := tensor.New(tensor.I32, n.Shape())
			for i := range t.I32() {
				t.I32()[i] = int32(i % classes)
			}
			return t
		}
	}
	return nil
}

func newCPU(t *testing.T) *cpu.Backend {
	b, err := cpu.New(0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// checkNumbers wants finite numbers and, if connected, not all of them zero: a parameter without gradient is not connected.
func checkNumbers(t *testing.T, name string, values []float32, connected bool) {
	if connected && !slices.ContainsFunc(values, func(v float32) bool { return v != 0 }) {
		t.Errorf("%s: all zero", name)
	}
	if slices.ContainsFunc(values, func(v float32) bool { return math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) }) {
		t.Errorf("%s: not finite", name)
	}
}

// TestFamilies: `lince models` prints one paper for each family.
func TestFamilies(t *testing.T) {
	paper := map[string]string{}
	for _, spec := range models.All() {
		if spec.Family == "" || spec.Summary == "" || spec.Paper == "" {
			t.Errorf("%+v: family, summary and paper expected", spec)
		}
		if p, ok := paper[spec.Family]; ok && p != spec.Paper {
			t.Errorf("%s is by %s, another %s by %s", spec.Name, spec.Paper, spec.Family, p)
		}
		paper[spec.Family] = spec.Paper
	}
}

func TestLookup(t *testing.T) {
	_, err := models.Lookup("lenet")
	want := `unknown model "lenet": did you mean "lenet5"? there are airbench-cifar, alexnet, cnn3, deeplabv3_mobilenet_v3_large, deeplabv3_resnet101, `
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("error %v\nwant  %s", err, want)
	}
}

func TestBadArgs(t *testing.T) {
	for _, c := range []struct {
		model string
		args  models.Args
		want  string
	}{
		{"lenet5", models.Args{Options: map[string]string{"pol": "max"}},
			`model lenet5: unknown option "pol": did you mean "pool"? there are activation, pool and norm`},
		{"lenet5", models.Args{Options: map[string]string{"activation": "rlu"}},
			`model lenet5: unknown value of activation "rlu": did you mean "relu"? there are tanh, relu and sigmoid`},
		{"cnn3", models.Args{Options: map[string]string{"pool": "max"}}, `model cnn3: unknown option "pool": there are none`},
		{"cnn3", models.Args{Classes: -1}, `model cnn3: -1 classes, a positive number expected`},
		{"lenet5-1998", models.Args{Classes: 26},
			`model lenet5-1998: 26 classes, but its output codes are those of the 10 digits: lenet5 takes any number`},
		{"lenet5-1998", models.Args{Height: 64},
			`model lenet5-1998: images of 28x28 or 32x32 pixels expected, not 64x28: lenet5 takes any size`},
		{"unet", models.Args{Height: 12},
			`model unet: images of 12x128 pixels cannot be halved 4 times: 16 or more each way expected, or a smaller depth`},
		{"vgg11", models.Args{Options: map[string]string{"dropout": "1"}},
			`model vgg11: dropout is "1", a number from 0 to less than 1 expected`},
		{"vgg11", models.Args{Options: map[string]string{"width": "NaN"}},
			`model vgg11: width is "NaN", a number from 0.05 to less than 16 expected`},
		{"vgg11", models.Args{Options: map[string]string{"width": "half"}},
			`model vgg11: width is "half", a number from 0.05 to less than 16 expected`},
		{"googlenet", models.Args{Channels: 1, Options: map[string]string{"transform-input": "true"}},
			`model googlenet: option transform-input: it takes images of 3 channels, not 1`},
		{"inception_v3", models.Args{Width: 128},
			`model inception_v3: its auxiliary head needs images of 299x299 pixels or more, not 299x128: set the option auxiliary to false`},
	} {
		spec, err := models.Lookup(c.model)
		if err == nil {
			_, err = spec.Build(c.args)
		}
		if err == nil || err.Error() != c.want {
			t.Errorf("error %v\nwant  %s", err, c.want)
		}
	}
}

// TestZeroInit: with the option, residual branches begin as 0, and nothing else does.
func TestZeroInit(t *testing.T) {
	for model, last := range map[string]string{"resnet18": "bn2.weight", "resnet50": "bn3.weight", "resnet20-cifar": "bn2.weight"} {
		for _, option := range []string{"true", "false"} {
			spec, err := models.Lookup(model)
			if err != nil {
				t.Fatal(err)
			}
			net, err := spec.Build(models.Args{Options: map[string]string{"zero-init": option}})
			if err != nil {
				t.Fatal(err)
			}
			vars, err := models.Variables(net, graph.F32(1, 3, 64, 64))
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range vars {
				if v.Node.Shape().Rank() > 1 || !strings.HasSuffix(v.Name, ".weight") {
					continue
				}
				want := float32(1)
				if option == "true" && strings.HasPrefix(v.Name, "layer") && strings.HasSuffix(v.Name, last) {
					want = 0
				}
				if got := nn.Initialize([]nn.Variable{v}, 1)[0].F32()[0]; got != want {
					t.Errorf("%s with zero-init %s: %s begins with %v, want %v", model, option, v.Name, got, want)
				}
			}
		}
	}
}

// TestInit compares first values with what torchvision's code draws, or for small images that of the authors: the standard deviation of a
// weight, from its fan-in or fan-out, and constants.
func TestInit(t *testing.T) {
	fan := func(gain, n float64) float64 { return math.Sqrt(gain / n) }
	for model, want := range map[string]map[string]float64{
		"alexnet":         {"features.3.weight": fan(1./3, 64*25), "features.3.bias": fan(1./3, 64*25), "classifier.1.weight": fan(1./3, 9216)},
		"vgg11":           {"features.3.weight": fan(2, 128*9), "features.3.bias": 0, "classifier.0.weight": 0.01, "classifier.0.bias": 0},
		"resnet18":        {"layer1.0.conv1.weight": fan(2, 64*9), "fc.weight": fan(1./3, 512)},
		"resnext50_32x4d": {"layer1.0.conv2.weight": fan(2, 128*9)},
		"resnet20-cifar":  {"layer2.0.conv1.weight": fan(2, 16*9), "linear.weight": fan(2, 64)},
		"densenet121":     {"features.conv0.weight": fan(2, 3*49), "classifier.weight": fan(1./3, 1024), "classifier.bias": 0},
		"googlenet":       {"conv2.conv.weight": 0.01, "fc.weight": 0.01, "aux1.fc1.weight": 0.01},
		"inception_v3":    {"Conv2d_3b_1x1.conv.weight": 0.1, "fc.weight": 0.1, "AuxLogits.fc.weight": 0.001},
		"squeezenet1_0":   {"features.3.expand3x3.weight": fan(2, 16*9), "features.3.expand3x3.bias": 0, "classifier.1.weight": 0.01},
		"mobilenet_v2":    {"features.2.conv.0.0.weight": fan(2, 96), "features.2.conv.2.weight": fan(2, 24), "classifier.1.weight": 0.01},
		"mobilenet_v3_large": {"features.4.block.1.0.weight": fan(2, 72*25), "features.4.block.2.fc1.weight": fan(2, 24),
			"features.4.block.2.fc1.bias": 0, "classifier.0.weight": 0.01},
		"efficientnet_b0": {"features.2.0.block.2.fc2.weight": fan(2, 96), "classifier.1.weight": fan(1./3, 1000), "classifier.1.bias": 0},
	} {
		spec, err := models.Lookup(model)
		if err != nil {
			t.Fatal(err)
		}
		vars := variablesOf(t, spec)
		for name, std := range want {
			i := slices.IndexFunc(vars, func(v nn.Variable) bool { return v.Name == name })
			if i < 0 {
				t.Errorf("%s has no %s", model, name)
				continue
			}
			values, squares := nn.Initialize(vars[i:i+1], 1)[0].F32(), 0.0
			for _, v := range values {
				squares += float64(v) * float64(v)
			}
			n := float64(len(values))
			if got := math.Sqrt(squares / n); math.Abs(got-std) > 4*std/math.Sqrt(2*n) {
				t.Errorf("%s: %s begins with deviation %.4g, want %.4g", model, name, got, std)
			}
		}
	}
}

// variablesOf returns the variables of the architecture at its usual size.
func variablesOf(t *testing.T, spec models.Spec) []nn.Variable {
	t.Helper()
	net, err := spec.Build(models.Args{})
	if err != nil {
		t.Fatal(err)
	}
	vars, err := models.Variables(net, graph.F32(1, spec.Channels, spec.Height, spec.Width))
	if err != nil {
		t.Fatal(err)
	}
	return vars
}
