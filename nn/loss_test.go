package nn_test

import (
	"math"
	"testing"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/nn/nntest"
	"github.com/lince-ml/lince/tensor"
)

// TestLosses compares with values worked out by hand; the ops' own tests go further.
func TestLosses(t *testing.T) {
	two := tensor.ShapeOf(2, 2)
	store := nntest.Store{
		"x":      tensor.Of(two, float32(0), 0, 0, float32(math.Log(3))),
		"target": tensor.Of(two, float32(1), 0, 0.5, 0.5),
		"labels": tensor.Of(tensor.ShapeOf(2), int32(1), 1),
	}
	g := nntest.Trace(t, func(g *graph.Graph) {
		x, target := g.Input("x", graph.F32(2, 2)), g.Input("target", graph.F32(2, 2))
		labels := g.Input("labels", graph.TypeOf(tensor.I32, 2))
		g.Output("CrossEntropy", nn.CrossEntropy(x, labels, 0))
		g.Output("CrossEntropySoft", nn.CrossEntropySoft(x, target))
		g.Output("BCE", nn.BCE(x, target))
		g.Output("MSE", nn.MSE(x, target))
		g.Output("SmoothL1", nn.SmoothL1(x, target, 0.75))
	})
	out := store.Run(t, g)
	log2, log3 := math.Ln2, math.Log(3)
	for name, want := range map[string]float64{
		"CrossEntropy":     (log2 + math.Log(4.0/3)) / 2,
		"CrossEntropySoft": (log2 + (math.Log(4)+math.Log(4.0/3))/2) / 2,
		"BCE":              (3*log2 + (math.Log(4)+math.Log(4.0/3))/2) / 4,
		"MSE":              (1 + 0 + 0.25 + (log3-0.5)*(log3-0.5)) / 4,
		"SmoothL1":         ((1 - 0.375) + 0 + 0.25/1.5 + (log3-0.5)*(log3-0.5)/1.5) / 4,
	} {
		if got := float64(out[name].F32()[0]); math.Abs(got-want) > 1e-6 {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}
