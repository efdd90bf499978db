package cpu

import (
	"math/rand/v2"
	"testing"

	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/tensor"
)

// TestWeightGradOfManyPositions has so many positions that the images are cut into more chunks than small cases are.
func TestWeightGradOfManyPositions(t *testing.T) {
	b, err := New(2)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for _, c := range []struct {
		n, c, o, side, k, pad int
	}{{128, 1, 6, 28, 5, 2}, {96, 3, 8, 28, 3, 1}, {36, 32, 16, 32, 3, 1}} {
		a := op.ConvAttrs{Pad: [4]int{c.pad, c.pad, c.pad, c.pad}}
		r := rand.New(rand.NewPCG(1, 1))
		x, w := optest.Rand(r, -1, 1, c.n, c.c, c.side, c.side), graph.F32(c.o, c.c, c.k, c.k)
		dy := optest.Rand(r, -1, 1, c.n, c.o, c.side, c.side)
		g, err := graph.Trace(func(g *graph.Graph) {
			y := op.Conv2D(g.Input("x", graph.F32(x.Shape().Dims()...)), g.Input("w", w), a)
			g.Output("dw", graph.Grad(op.ReduceSum(op.Mul(y, g.Input("dy", graph.F32(dy.Shape().Dims()...))), false), []*graph.Node{g.Inputs()[1]})[0])
		})
		if err != nil {
			t.Fatal(err)
		}
		in := []*tensor.Tensor{x, tensor.New(tensor.F32, w.Shape), dy}
		optest.Compare(t, w.String(), optest.Run(t, b, g, in)[0], optest.Run(t, ref.Backend{}, g, in)[0], 1e-4)
	}
}
