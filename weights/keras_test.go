package weights

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/format/formattest"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/nn/nntest"
	"github.com/lince-ml/lince/tensor"
)

// A kerasCase is what testdata/golden.py has had from Keras for one network.
type kerasCase struct {
	Application, Model string
	Size               int // of the images
	Gamma              float64
	Weights            []string // "conv1_conv/kernel 7x7x3x64"
	Logits             []float64
}

// TestKerasApplications computes what Keras has computed with the same weights.
func TestKerasApplications(t *testing.T) {
	text, err := os.ReadFile("testdata/keras.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []kerasCase
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		for _, numbered := range []bool{false, true} { // Keras 2 and Keras 3
			name := c.Application
			if numbered {
				name += " of Keras 3"
			}
			t.Run(name, func(t *testing.T) { c.check(t, numbered) })
		}
	}
}

func (c *kerasCase) check(t *testing.T, numbered bool) {
	f := &File{Entries: c.entries(numbered), Metadata: map[string]string{}}
	if err := f.mapKeras(); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(c.Application, f.Metadata["keras.application"]) {
		t.Errorf("taken for %q", f.Metadata["keras.application"])
	}
	if g, err := f.Guess(); err != nil || g == nil || g.Spec.Name != c.Model || g.Args.Classes != 10 || len(g.Unexpected)+len(g.OtherShape) > 0 {
		t.Errorf("guessed %+v, %v", g, err)
	}
	if numbered {
		return // the rest is the same
	}
	tensors, err := f.Load()
	if err != nil {
		t.Fatal(err)
	}
	logits := c.logits(t, tensors)
	worst, most := 0.0, 0.0
	for i, v := range logits {
		worst, most = math.Max(worst, math.Abs(float64(v)-c.Logits[i])), math.Max(most, math.Abs(c.Logits[i]))
	}
	if len(logits) != len(c.Logits) || !(worst <= 1e-4*most) {
		t.Errorf("off by %g where the largest is %g", worst, most)
	}
}

// entries returns the weights as format/keras gives them. Keras 3 gives the weights of normalisations without gamma numbers.
func (c *kerasCase) entries(numbered bool) []format.Entry {
	var entries []format.Entry
	for _, w := range c.Weights {
		name, text, _ := strings.Cut(w, " ")
		var dims []int
		for _, d := range strings.Split(text, "x") {
			var n int
			fmt.Sscan(d, &n)
			dims = append(dims, n)
		}
		value := kerasValue(name, tensor.ShapeOf(dims...), c.Gamma)
		layer, weight := cutWeight(name)
		if numbered && !slices.Contains(c.Weights, layer+"/gamma "+text) && len(dims) == 1 {
			switch weight {
			case "beta":
				name = layer + "/0"
			case "moving_mean":
				name = layer + "/1"
			case "moving_variance":
				name = layer + "/2"
			}
		}
		entries = append(entries, format.EntryOf(name, value))
	}
	return entries
}

func (c *kerasCase) logits(t *testing.T, tensors map[string]*tensor.Tensor) []float32 {
	t.Helper()
	spec, err := models.Lookup(c.Model)
	if err != nil {
		t.Fatal(err)
	}
	options := map[string]string{}
	for _, o := range spec.Options {
		switch o.Name {
		case "keras":
			options[o.Name] = "true"
		case "auxiliary":
			options[o.Name] = "false"
		}
	}
	net, err := spec.Build(models.Args{Classes: 10, Height: c.Size, Width: c.Size, Options: options})
	if err != nil {
		t.Fatal(err)
	}
	backend, err := cpu.New(0)
	if err != nil {
		t.Fatal(err)
	}
	defer backend.Close()
	shape := tensor.ShapeOf(2, 3, c.Size, c.Size)
	store := nntest.Store(tensors)
	x := nntest.Draw("x", shape.Size())
	if c.Application == "ResNet50" { // which takes blue, green and red
		for image, n := x, c.Size*c.Size; len(image) > 0; image = image[3*n:] {
			for i := range n {
				image[i], image[2*n+i] = image[2*n+i], image[i]
			}
		}
	}
	store["x"] = tensor.Of(shape, x...)
	g := nntest.Trace(t, func(g *graph.Graph) {
		g.Output("logits", net(nn.NewScope(g, nn.Eval), g.Input("x", graph.Type{DType: tensor.F32, Shape: shape})))
	})
	return store.RunOn(t, backend, g)["logits"].F32()
}

// kerasValue returns the value of a weight in golden.py.
func kerasValue(name string, shape tensor.Shape, gamma float64) *tensor.Tensor {
	numbers := nntest.Draw(name, shape.Size())
	layer, kind := cutWeight(name)
	scale, offset := 1.0/8, map[string]float64{"gamma": gamma, "beta": 0.75, "moving_variance": 1}[kind]
	if rank := shape.Rank(); rank > 1 {
		fan := shape.Size() / shape.Dim(-1)
		if strings.Contains(layer, "depthwise") {
			fan = shape.Dim(0) * shape.Dim(1)
		}
		scale, offset = math.Sqrt(6/float64(fan)), 0
	}
	for i, u := range numbers {
		numbers[i] = float32(float64(float64(u)*scale) + offset)
	}
	return tensor.Of(shape, numbers...)
}

// TestOtherKerasFiles leaves alone what is not of an application, and maps what surrounds one.
func TestOtherKerasFiles(t *testing.T) {
	f := open(t, "../format/keras/testdata/small.keras")
	if a, ok := f.Metadata["keras.application"]; ok || f.Entries[0].Name != "batch_normalization/gamma" {
		t.Errorf("taken for %q", a)
	}
	if err := formattest.ReadAll(f.Entries); err != nil {
		t.Error(err)
	}
}

func TestOrdered(t *testing.T) {
	for _, c := range []struct{ layers, want []string }{
		{[]string{"conv2d_2", "conv2d", "x", "conv2d_1"}, []string{"conv2d", "conv2d_1", "conv2d_2"}},
		{[]string{"conv2d_95", "conv2d_94", "conv2d_x"}, []string{"conv2d_94", "conv2d_95"}},
		{[]string{"conv2d", "conv2d_2"}, nil},
		{nil, nil},
	} {
		if got := ordered(c.layers, "conv2d"); !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.layers, got, c.want)
		}
	}
}
