package models_test

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"

	"github.com/lince-ml/lince/format/safetensors"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/nn/nntest"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/tensor"
)

const batch = 2

// TestEveryModel builds each architecture with each value of its options, runs it forward and backward, and saves and loads it.
func TestEveryModel(t *testing.T) {
	for _, spec := range models.All() {
		variants := []map[string]string{{}}
		for _, o := range spec.Options {
			for _, v := range o.Values[1:] {
				variants = append(variants, map[string]string{o.Name: v})
			}
		}
		for _, options := range variants {
			t.Run(spec.Name, func(t *testing.T) {
				a := models.Args{Options: options}
				if spec.Height > 32 { // the reference backend is slow
					a.Height, a.Width = 32, 32
				}
				a, err := spec.Complete(a)
				if err != nil {
					t.Fatal(err)
				}
				net, err := spec.Build(a)
				if err != nil {
					t.Fatal(err)
				}
				checkModel(t, net, a)
			})
		}
	}
}

func checkModel(t *testing.T, net nn.Layer, a models.Args) {
	var vars []nn.Variable
	x := graph.F32(batch, a.Channels, a.Height, a.Width)
	train := nntest.Trace(t, func(g *graph.Graph) {
		s := nn.NewScope(g, nn.Train)
		logits := net(s, g.Input("x", x))
		if logits.Type() != graph.F32(batch, a.Classes) {
			t.Fatalf("output %v for %d classes", logits.Type(), a.Classes)
		}
		loss := nn.CrossEntropy(logits, g.Input("labels", graph.TypeOf(tensor.I32, batch)), 0)
		g.Output("loss", loss)
		vars = s.Variables()
		var params []*graph.Node
		for _, v := range nn.Trainable(vars) {
			params = append(params, v.Node)
		}
		for i, d := range graph.Grad(loss, params) {
			g.Output(nn.Trainable(vars)[i].Name, d)
		}
	})
	eval := nntest.Trace(t, func(g *graph.Graph) { g.Output("logits", net(nn.NewScope(g, nn.Eval), g.Input("x", x))) })

	store := nntest.Store{
		"x":      optest.Rand(rand.New(rand.NewPCG(1, 2)), -1, 1, x.Shape.Dims()...),
		"labels": tensor.Of(tensor.ShapeOf(batch), int32(1), 0),
	}
	store.Init(vars, 1)
	for name, d := range store.Run(t, train) {
		checkNumbers(t, name, d.F32())
	}
	logits := store.Run(t, eval)["logits"]

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
	optest.Compare(t, "logits after save and load", loaded.Run(t, eval)["logits"], logits, 0)
}

// checkNumbers wants finite numbers, not all of them zero: a parameter without gradient is not connected.
func checkNumbers(t *testing.T, name string, values []float32) {
	if !slices.ContainsFunc(values, func(v float32) bool { return v != 0 }) {
		t.Errorf("%s: all zero", name)
	}
	if slices.ContainsFunc(values, func(v float32) bool { return math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) }) {
		t.Errorf("%s: not finite", name)
	}
}

func TestLookup(t *testing.T) {
	_, err := models.Lookup("lenet")
	want := `unknown model "lenet": did you mean "lenet5"? there are cnn3, lenet5 and lenet5-1998`
	if err == nil || err.Error() != want {
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
			`model lenet5: unknown option "pol": did you mean "pool"? there are activation and pool`},
		{"lenet5", models.Args{Options: map[string]string{"activation": "rlu"}},
			`model lenet5: unknown value of activation "rlu": did you mean "relu"? there are tanh, relu and sigmoid`},
		{"cnn3", models.Args{Options: map[string]string{"pool": "max"}}, `model cnn3: unknown option "pool": there are none`},
		{"cnn3", models.Args{Classes: -1}, `model cnn3: -1 classes, a positive number expected`},
		{"lenet5-1998", models.Args{Classes: 26},
			`model lenet5-1998: 26 classes, but its output codes are those of the 10 digits: lenet5 takes any number`},
		{"lenet5-1998", models.Args{Height: 64},
			`model lenet5-1998: images of 28x28 or 32x32 pixels expected, not 64x28: lenet5 takes any size`},
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
