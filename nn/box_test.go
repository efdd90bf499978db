package nn_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/nn/nntest"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// TestGIoUGolden compares with torchvision; see testdata/boxes.py.
func TestGIoUGolden(t *testing.T) {
	text, err := os.ReadFile("testdata/boxes.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		N                    int
		A, B, GIoU, Gradient []float32
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	shape := tensor.ShapeOf(golden.N, 4)
	store := nntest.Store{"a": tensor.Of(shape, golden.A...), "b": tensor.Of(shape, golden.B...)}
	out := store.Run(t, nntest.Trace(t, func(g *graph.Graph) {
		a, b := g.Input("a", graph.F32(golden.N, 4)), g.Input("b", graph.F32(golden.N, 4))
		giou := nn.GIoU(nn.BoxCorners(a), nn.BoxCorners(b))
		loss := op.Neg(op.ReduceMean(op.Slice(giou, 0, 3, golden.N, 1), false))
		g.Output("giou", giou)
		g.Output("gradient", graph.Grad(loss, []*graph.Node{a})[0])
	}))
	for name, want := range map[string][]float32{"giou": golden.GIoU, "gradient": golden.Gradient} {
		for i, got := range out[name].F32() {
			if math.Abs(float64(got-want[i])) > 2e-5 {
				t.Errorf("%s %d is %v, want %v", name, i, got, want[i])
			}
		}
	}
}

// TestGIoUGradient compares the gradient with differences.
func TestGIoUGradient(t *testing.T) {
	const n, h = 6, 1e-3
	a, b := nntest.Draw("boxes a", 4*n), nntest.Draw("boxes b", 4*n)
	for i := range a {
		a[i], b[i] = (a[i]+1.5)/2, (b[i]+1.5)/2 // sizes must be positive
	}
	g := nntest.Trace(t, func(g *graph.Graph) {
		a, b := g.Input("a", graph.F32(n, 4)), g.Input("b", graph.F32(n, 4))
		sum := op.ReduceSum(nn.GIoU(nn.BoxCorners(a), nn.BoxCorners(b)), false)
		g.Output("sum", sum)
		g.Output("gradient", graph.Grad(sum, []*graph.Node{a})[0])
	})
	run := func(a []float32) map[string]*tensor.Tensor {
		return nntest.Store{"a": tensor.Of(tensor.ShapeOf(n, 4), a...), "b": tensor.Of(tensor.ShapeOf(n, 4), b...)}.Run(t, g)
	}
	gradient := run(a)["gradient"].F32()
	for i, v := range a {
		a[i] = v + h
		up := run(a)["sum"].F32()[0]
		a[i] = v - h
		down := run(a)["sum"].F32()[0]
		a[i] = v
		if slope := float64(up-down) / (2 * h); math.Abs(slope-float64(gradient[i])) > 5e-3 {
			t.Errorf("derivative %d is %v, differences say %v", i, gradient[i], slope)
		}
	}
}
