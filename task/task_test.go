package task

import (
	"math"
	"testing"

	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func TestNormalize(t *testing.T) {
	in := modelfile.Input{Channels: 2, Height: 1, Width: 2, Mean: []float32{0.5, 0}, Std: []float32{0.25, 1}}
	p := NewProgram(ref.Backend{}, nil, false, func() (*graph.Graph, error) {
		return graph.Trace(func(g *graph.Graph) { g.Output("x", Input(g, 1, in)) })
	})
	call, err := p.Call()
	if err != nil {
		t.Fatal(err)
	}
	call.Set(Images, tensor.Of(tensor.ShapeOf(1, 2, 1, 2), uint8(0), 255, 51, 204))
	if err := call.Run(); err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{-2, 2, 0.2, 0.8} {
		if got := call.Output("x").F32()[i]; math.Abs(float64(got)-want) > 1e-6 {
			t.Errorf("pixel %d is %v, want %v", i, got, want)
		}
	}
}

// TestLive changes the weights of a live program, which sees it.
func TestLive(t *testing.T) {
	weights := map[string]*tensor.Tensor{"w": tensor.Of(tensor.ShapeOf(1), float32(3))}
	trace := func() (*graph.Graph, error) {
		return graph.Trace(func(g *graph.Graph) { g.Output("y", op.Neg(g.Input("w", graph.F32(1)))) })
	}
	live, frozen := NewProgram(ref.Backend{}, weights, true, trace), NewProgram(ref.Backend{}, weights, false, trace)
	run := func(p *Program) float32 {
		call, err := p.Call()
		if err != nil {
			t.Fatal(err)
		}
		defer p.Put(call)
		if err := call.Run(); err != nil {
			t.Fatal(err)
		}
		return call.Output("y").F32()[0]
	}
	if a, b := run(live), run(frozen); a != -3 || b != -3 {
		t.Errorf("%v and %v, want -3", a, b)
	}
	weights["w"].F32()[0] = 5
	if a := run(live); a != -5 {
		t.Errorf("%v, want -5", a)
	}
}
