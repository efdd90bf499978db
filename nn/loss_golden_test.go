package nn_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/nn/nntest"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/tensor"
)

// TestLossesGolden compares losses and their gradients with PyTorch's; see testdata/losses.py.
func TestLossesGolden(t *testing.T) {
	text, err := os.ReadFile("testdata/losses.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		N, Classes                   int
		Logits, Soft, Multi, Weights []float32
		Labels                       []int32
		Losses                       map[string]struct {
			Value    float32
			Gradient []float32
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	matrix := tensor.ShapeOf(golden.N, golden.Classes)
	store := nntest.Store{
		"x": tensor.Of(matrix, golden.Logits...), "soft": tensor.Of(matrix, golden.Soft...), "multi": tensor.Of(matrix, golden.Multi...),
		"weights": tensor.Of(tensor.ShapeOf(golden.Classes), golden.Weights...), "labels": tensor.Of(tensor.ShapeOf(golden.N), golden.Labels...),
	}
	g := nntest.Trace(t, func(g *graph.Graph) {
		input := func(name string) *graph.Node {
			return g.Input(name, graph.Type{DType: tensor.F32, Shape: store[name].Shape()})
		}
		x, soft, multi, weights := input("x"), input("soft"), input("multi"), input("weights")
		labels := g.Input("labels", graph.TypeOf(tensor.I32, golden.N))
		hot := op.OneHot(labels, golden.Classes)
		for name, loss := range map[string]*graph.Node{
			"weighted":                        nn.CrossEntropyWeighted(x, labels, weights, 0),
			"weighted smooth":                 nn.CrossEntropyWeighted(x, labels, weights, 0.1),
			"soft":                            nn.CrossEntropySoft(x, soft),
			"focal 2":                         nn.Focal(x, hot, 2),
			"focal 0.5 soft":                  nn.Focal(x, soft, 0.5),
			"bce":                             nn.BCE(x, multi),
			"bce weighted":                    nn.BCEWeighted(x, multi, weights),
			"sigmoid focal":                   nn.SigmoidFocal(x, multi, 2, 0.25),
			"sigmoid focal 0.5 without alpha": nn.SigmoidFocal(x, multi, 0.5, -1),
		} {
			g.Output(name, loss)
			g.Output(name+" gradient", graph.Grad(loss, []*graph.Node{x})[0])
		}
	})
	out := store.Run(t, g)
	for name, want := range golden.Losses {
		optest.Compare(t, name, out[name], tensor.Of(tensor.Shape{}, want.Value), 1e-5)
		optest.Compare(t, name+" gradient", out[name+" gradient"], tensor.Of(matrix, want.Gradient...), 2e-6)
	}
}
