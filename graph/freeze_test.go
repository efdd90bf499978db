package graph

import (
	"strings"
	"testing"

	"github.com/lince-ml/lince/tensor"
)

func TestFreeze(t *testing.T) {
	g, err := Trace(func(g *Graph) {
		x, w, s := g.Input("x", F32(2)), g.Input("w", F32(2)), g.Input("s", F32(2))
		g.Within("layer", func() { g.Output("y", Add(Add(x, w), g.Fill(F32(2), 1))) })
		g.Update(s, Add(s, x))
	})
	if err != nil {
		t.Fatal(err)
	}
	w := tensor.Of[float32](tensor.ShapeOf(2), 1, 2)
	h, err := Freeze(g, map[string]*tensor.Tensor{"w": w, "nothing": w})
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	if err := h.Dump(&got); err != nil {
		t.Fatal(err)
	}
	if text := got.String(); strings.Contains(text, "Input{Label:w") || !strings.Contains(text, "Constant") ||
		!strings.Contains(text, "# layer") || !strings.Contains(text, "update s") || h.FLOPs() != g.FLOPs() {
		t.Errorf("frozen graph:\n%s", text)
	}
	for name, want := range map[string]string{"x": "its value f32[3]", "s": "updates input"} {
		bad := tensor.New(tensor.F32, tensor.ShapeOf(2))
		if name == "x" {
			bad = tensor.New(tensor.F32, tensor.ShapeOf(3))
		}
		if _, err := Freeze(g, map[string]*tensor.Tensor{name: bad}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("freezing %s: error %v, expected one with %q", name, err, want)
		}
	}
}
