package cpu

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/tensor"
)

// constantWork is a graph in which weights of more than foldLimit are made of constants: transposed, then scaled by a batch normalisation,
// and a sum of large constants, which no run is to compute again.
func constantWork(t *testing.T) (*graph.Graph, map[string]*tensor.Tensor) {
	t.Helper()
	r := rand.New(rand.NewPCG(3, 1))
	values := map[string]*tensor.Tensor{}
	g, err := graph.Trace(func(g *graph.Graph) {
		variable := func(name string, lo, hi float64, dims ...int) *graph.Node {
			values[name] = optest.Rand(r, lo, hi, dims...)
			return g.Input(name, graph.F32(dims...))
		}
		x := g.Input("x", graph.F32(1, 48, 20, 20))
		vector := func(name string, lo float64) *graph.Node { return variable(name, lo, 1, 40) }
		w := op.Transpose(variable("w", -1, 1, 48, 40, 3, 3), 1, 0, 2, 3)
		y := op.Conv2D(x, w, op.ConvAttrs{Pad: [4]int{1, 1, 1, 1}})
		y = op.BatchNorm(y, vector("scale", -1), vector("bias", -1), vector("mean", -1), vector("variance", 0.5), 1e-5)
		offset := op.Mul(variable("a", -1, 1, 1, 40, 20, 20), variable("b", -1, 1, 1, 40, 20, 20))
		g.Output("y", op.Relu(op.Add(y, offset)))
	})
	if err != nil {
		t.Fatal(err)
	}
	return g, values
}

// TestFrozenConstants checks that what depends on constants alone is computed by the compiler, and that it lets go of what it does not need.
func TestFrozenConstants(t *testing.T) {
	g, values := constantWork(t)
	frozen, err := graph.Freeze(g, values)
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(1)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	p, err := b.compile(frozen, false)
	if err != nil {
		t.Fatal(err)
	}
	if steps := p.Steps(); strings.Join(steps[0].Ops, " ") != "Conv2D Add Add Relu" || len(steps) > 1 && steps[1].Name != "reorder" {
		t.Errorf("the steps are %v", steps)
	}
	for _, h := range []*graph.Graph{frozen, p.g} {
		for _, n := range h.Live() {
			if k, ok := n.Op().(graph.ConstOp); ok && k.Value != nil {
				t.Errorf("a constant %v is held", n.Type())
			}
		}
	}
	kept := 0
	for _, v := range p.values {
		kept += len(v.data)
	}
	// The weights, packed in whole vectors and, for Winograd's algorithm, four times as many; the offset; vectors.
	if most := 4 * (4*48*48*9 + 40*400 + 1000); kept > most {
		t.Errorf("%d bytes of constants are held, expected %d at most", kept, most)
	}
	if _, err := b.compile(frozen, false); err == nil || !strings.Contains(err.Error(), "has been compiled before") {
		t.Errorf("the second compilation gives %v", err)
	}

	x := optest.Rand(rand.New(rand.NewPCG(1, 1)), -1, 1, 1, 48, 20, 20)
	got := tensor.New(tensor.F32, tensor.ShapeOf(1, 40, 20, 20))
	if err := p.Run([]*tensor.Tensor{x}, []*tensor.Tensor{got}); err != nil {
		t.Fatal(err)
	}
	in := []*tensor.Tensor{}
	values["x"] = x
	for _, n := range g.Inputs() {
		in = append(in, values[n.Op().(graph.InputOp).Label])
	}
	optest.Compare(t, "y", got, optest.Run(t, ref.Backend{}, g, in)[0], 1e-4)
}
