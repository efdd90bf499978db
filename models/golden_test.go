package models_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/nn/nntest"
	"github.com/lince-ml/lince/tensor"
)

// A golden is what testdata/golden.py has had from PyTorch for one network.
type golden struct {
	Model       string
	Options     map[string]string
	State       string // the digest of names and shapes; see TestState
	Images      string // the name that they are drawn from
	Shape       []int  // of the images
	Logits      []float64
	TrainLogits []float64  `json:"train_logits"`
	Loss        float64    // with that of the auxiliary heads
	Gradients   []gradient // of the last parameters, usually of all
}

// A gradient is its parameter's name, its norm, and its scalar product with a fixed random vector.
type gradient struct {
	name          string
	norm, product float64
}

func (g *gradient) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[]any{&g.name, &g.norm, &g.product})
}

const (
	goldenClasses = 10
	goldenEvery   = 97 // of the logits of pixels, this one is in the file
)

func readGolden(t *testing.T) map[string]golden {
	t.Helper()
	paths, err := filepath.Glob("testdata/golden/*.json")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	cases := map[string]golden{}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var c golden
		if err := json.Unmarshal(text, &c); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		cases[strings.TrimSuffix(filepath.Base(path), ".json")] = c
	}
	return cases
}

// TestGolden compares logits and gradients with PyTorch's.
func TestGolden(t *testing.T) {
	for name, c := range readGolden(t) {
		t.Run(name, func(t *testing.T) { c.check(t) })
	}
}

// TestState compares the names, the order and the shapes of all variables with those of torchvision's state_dict. All architectures but
// LeNet, cnn3 and lince's own have a golden file.
func TestState(t *testing.T) {
	cases := readGolden(t)
	for _, spec := range models.All() {
		if spec.Task != "" {
			continue
		}
		c, ok := cases[spec.Name]
		if !ok {
			if spec.Family != "LeNet" && spec.Family != "small" && !strings.HasPrefix(spec.Name, "lince-") {
				t.Errorf("%s: no golden file", spec.Name)
			}
			continue
		}
		vars := variablesOf(t, spec)
		h := sha256.New()
		for _, v := range vars {
			fmt.Fprintf(h, "%s [%s]\n", v.Name, strings.Trim(strings.ReplaceAll(fmt.Sprint(v.Node.Shape()), " ", ", "), "[]"))
		}
		if got := hex.EncodeToString(h.Sum(nil)); got != c.State {
			t.Errorf("%s: names and shapes have digest %s, PyTorch's have %s", spec.Name, got, c.State)
		}
	}
}

func (c *golden) check(t *testing.T) {
	spec, err := models.Lookup(c.Model)
	if err != nil {
		t.Fatal(err)
	}
	net, err := spec.Build(models.Args{Classes: goldenClasses, Height: c.Shape[2], Width: c.Shape[3], Options: c.Options})
	if err != nil {
		t.Fatal(err)
	}
	backend := newCPU(t)
	x := graph.F32(c.Shape...)
	all, err := models.Variables(net, x)
	if err != nil {
		t.Fatal(err)
	}
	if testing.Short() && (parameters(all) > 2e7 || c.Shape[2] > 128) {
		t.Skip("a large network or large images")
	}
	store := nntest.Store{"x": tensor.Of(x.Shape, nntest.Draw(c.Images, x.Shape.Size())...)}
	for _, v := range all {
		store[v.Name] = goldenValue(t, v.Name, v.Node.Shape())
	}

	eval := nntest.Trace(t, func(g *graph.Graph) { g.Output("logits", net(nn.NewScope(g, nn.Eval), g.Input("x", x))) })
	compareLogits(t, "logits", store.RunOn(t, backend, eval)["logits"], c.Logits)
	train := nntest.Trace(t, func(g *graph.Graph) { trainingStep(g, net, x) })
	store["labels"] = labelsOf(train, goldenClasses)
	out := store.RunOn(t, backend, train)
	compareLogits(t, "logits in training", out["logits"], c.TrainLogits)
	if loss := float64(out["loss"].F32()[0]); math.Abs(loss-c.Loss) > 1e-5*c.Loss {
		t.Errorf("loss %v, PyTorch has %v", loss, c.Loss)
	}
	c.compareGradients(t, all, out)
}

func compareLogits(t *testing.T, what string, got *tensor.Tensor, want []float64) {
	t.Helper()
	every := 1
	if got.Shape().Rank() == 4 {
		every = goldenEvery
	}
	if n := (got.Size() + every - 1) / every; n != len(want) {
		t.Fatalf("%s: %d numbers, PyTorch has %d", what, n, len(want))
	}
	worst, most := 0.0, 0.0
	for i := range want {
		v := got.F32()[i*every]
		worst, most = math.Max(worst, math.Abs(float64(v)-want[i])), math.Max(most, math.Abs(want[i]))
	}
	if !(worst <= 1e-4*most) {
		t.Errorf("%s: off by %g where the largest is %g", what, worst, most)
	}
}

// compareGradients compares two numbers of each gradient. A gradient that cancels to nothing is held to a thousandth of the largest.
// golden.py has chosen images with which no ReLU and no maximum that matters is decided by rounding.
func (c *golden) compareGradients(t *testing.T, vars []nn.Variable, out map[string]*tensor.Tensor) {
	params := nn.Trainable(vars)
	if len(params) < len(c.Gradients) {
		t.Fatalf("%d parameters, PyTorch has %d", len(params), len(c.Gradients))
	}
	params = params[len(params)-len(c.Gradients):]
	largest := 0.0
	for _, g := range c.Gradients {
		largest = math.Max(largest, g.norm)
	}
	for i, want := range c.Gradients {
		if params[i].Name != want.name {
			t.Fatalf("parameter %d is %s, PyTorch has %s", i, params[i].Name, want.name)
		}
		var squares, product float64
		check := nntest.Draw("check."+want.name, out[want.name].Size())
		for i, d := range out[want.name].F32() {
			squares += float64(d) * float64(d)
			product += float64(d) * float64(check[i])
		}
		worst := math.Max(math.Abs(math.Sqrt(squares)-want.norm), math.Abs(product-want.product))
		if !(worst <= 1e-3*math.Max(want.norm, 1e-3*largest)) {
			t.Errorf("gradient of %s: checksums %.7g and %.7g, PyTorch has %.7g and %.7g", want.name, math.Sqrt(squares), product, want.norm, want.product)
		}
	}
}

// goldenValue returns the value of a variable in golden.py.
func goldenValue(t *testing.T, name string, shape tensor.Shape) *tensor.Tensor {
	numbers := nntest.Draw(name, shape.Size())
	scale, offset := 1.0/8, 0.0
	if shape.Rank() > 1 {
		scale = math.Sqrt(6 / float64(shape.Size()/shape.Dim(0)))
	} else {
		kind := name[strings.LastIndexByte(name, '.')+1:]
		of := map[string]float64{"weight": 0.25, "bias": 0.75, "running_mean": 0, "running_var": 1, "scale_weight": 20}
		if _, known := of[kind]; !known {
			t.Fatalf("no value for %s", name)
		}
		offset = of[kind]
	}
	for i, u := range numbers {
		numbers[i] = float32(float64(float64(u)*scale) + offset)
	}
	return tensor.Of(shape, numbers...)
}
