package backend_test

import (
	"testing"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

func TestCall(t *testing.T) {
	g, err := graph.Trace(func(g *graph.Graph) {
		a, b := g.Input("a", graph.F32(2)), g.Input("b", graph.F32(2))
		sum := graph.Add(a, b)
		g.Update(a, sum)
		g.Output("sum", sum)
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := ref.Backend{}.Compile(g)
	if err != nil {
		t.Fatal(err)
	}
	c := backend.NewCall(p, g)
	if err := c.Run(); err == nil {
		t.Error("it ran without inputs")
	}
	a, b := tensor.Of(tensor.ShapeOf(2), float32(1), 2), tensor.Of(tensor.ShapeOf(2), float32(10), 20)
	if !c.Set("a", a) || !c.Set("b", b) || c.Set("c", b) {
		t.Error("inputs a and b, and no c, expected")
	}
	for i := range 3 {
		if err := c.Run(); err != nil {
			t.Fatal(err)
		}
		if want := float32(10*(i+1) + 1); a.F32()[0] != want || c.Output("sum").F32()[0] != want {
			t.Errorf("run %d: a is %v, the sum %v, want %v", i, a.F32(), c.Output("sum").F32(), want)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("an update has an output of its own")
		}
	}()
	c.Output("a")
}
