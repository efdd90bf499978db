package models_test

import (
	"encoding/json"
	"hash/fnv"
	"math"
	"os"
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
	Shape       []int     // of the images
	Logits      []float64 // in evaluation
	TrainLogits []float64 `json:"train_logits"` // in training, none if that was left out
	Loss        float64   // with that of the auxiliary heads
	Gradients   map[string][2]float64
}

const goldenClasses = 10

// TestGolden compares logits and gradients with PyTorch's.
func TestGolden(t *testing.T) {
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []golden
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Model, func(t *testing.T) {
			if testing.Short() && c.Shape[2] > 128 {
				t.Skip("large images")
			}
			c.check(t)
		})
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
	store := nntest.Store{"x": tensor.Of(x.Shape, draw("x", x.Shape.Size())...), "labels": tensor.New(tensor.I32, tensor.ShapeOf(c.Shape[0]))}
	for i := range c.Shape[0] {
		store["labels"].I32()[i] = int32(i % goldenClasses)
	}
	for _, v := range all {
		store[v.Name] = goldenValue(t, v.Name, v.Node.Shape())
	}

	eval := nntest.Trace(t, func(g *graph.Graph) { g.Output("logits", net(nn.NewScope(g, nn.Eval), g.Input("x", x))) })
	compareLogits(t, "logits", store.RunOn(t, backend, eval)["logits"], c.Logits)
	if c.TrainLogits == nil {
		return
	}
	train := nntest.Trace(t, func(g *graph.Graph) { trainingStep(g, net, x) })
	out := store.RunOn(t, backend, train)
	compareLogits(t, "logits in training", out["logits"], c.TrainLogits)
	if loss := float64(out["loss"].F32()[0]); math.Abs(loss-c.Loss) > 1e-5*c.Loss {
		t.Errorf("loss %v, PyTorch has %v", loss, c.Loss)
	}
	c.compareGradients(t, out)
}

func compareLogits(t *testing.T, what string, got *tensor.Tensor, want []float64) {
	t.Helper()
	if got.Size() != len(want) {
		t.Fatalf("%s: %d numbers, PyTorch has %d", what, got.Size(), len(want))
	}
	worst, most := 0.0, 0.0
	for i, v := range got.F32() {
		worst, most = math.Max(worst, math.Abs(float64(v)-want[i])), math.Max(most, math.Abs(want[i]))
	}
	if !(worst <= 1e-4*most) {
		t.Errorf("%s: off by %g where the largest is %g", what, worst, most)
	}
}

// compareGradients compares two numbers of each gradient: its norm and its scalar product with a fixed random vector. A gradient that
// cancels to nothing is held to a thousandth of the largest. The bound leaves room for one ReLU of an early layer whose input is so
// close to 0 that rounding decides: that moves the gradients of the layers before it by up to a hundredth of their norm.
func (c *golden) compareGradients(t *testing.T, out map[string]*tensor.Tensor) {
	largest := 0.0
	for _, want := range c.Gradients {
		largest = math.Max(largest, want[0])
	}
	for name, want := range c.Gradients {
		if out[name] == nil {
			t.Errorf("no parameter %s", name)
			continue
		}
		var squares, product float64
		check := draw("check."+name, out[name].Size())
		for i, d := range out[name].F32() {
			squares += float64(d) * float64(d)
			product += float64(d) * float64(check[i])
		}
		worst := math.Max(math.Abs(math.Sqrt(squares)-want[0]), math.Abs(product-want[1]))
		if !(worst <= 1e-2*math.Max(want[0], 1e-3*largest)) {
			t.Errorf("gradient of %s: checksums %.7g and %.7g, PyTorch has %.7g", name, math.Sqrt(squares), product, want)
		}
	}
	if parameters := len(out) - 2; parameters != len(c.Gradients) { // all but logits and loss
		t.Errorf("%d parameters, PyTorch has %d", parameters, len(c.Gradients))
	}
}

// draw returns n numbers of [-1, 1), multiples of 2^-23: SplitMix64 (Steele, Lea & Flood 2014) from the FNV-1a hash of the name on.
func draw(name string, n int) []float32 {
	h := fnv.New64a()
	h.Write([]byte(name))
	state, numbers := h.Sum64(), make([]float32, n)
	for i := range numbers {
		state += 0x9e3779b97f4a7c15
		z := (state ^ state>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		numbers[i] = float32((z^z>>31)>>40)/(1<<23) - 1
	}
	return numbers
}

// goldenValue returns the value of a variable in golden.py.
func goldenValue(t *testing.T, name string, shape tensor.Shape) *tensor.Tensor {
	numbers := draw(name, shape.Size())
	scale, offset := 1.0/8, 0.0
	if shape.Rank() > 1 {
		scale = math.Sqrt(6 / float64(shape.Size()/shape.Dim(0)))
	} else {
		kind := name[strings.LastIndexByte(name, '.')+1:]
		of := map[string]float64{"weight": 0.25, "bias": 0.75, "running_mean": 0, "running_var": 1}
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
