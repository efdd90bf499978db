package cpu

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/tensor"
)

// TestMatMulBlocks compares products of several blocks with the reference: in rows, in columns, in both, and in whole rows for the tail
// that follows; b packed by the blocks, by a step before, and at compilation.
func TestMatMulBlocks(t *testing.T) {
	for _, k := range kernel.Sets() {
		b := newBackend(3, k)
		defer b.Close()
		for _, c := range []struct {
			m, n, k              int
			constant, tail, pack bool
		}{
			{m: 9, n: 700, k: 300},
			{m: 9, n: 700, k: 300, constant: true},
			{m: 201, n: 40, k: 300, pack: true},
			{m: 201, n: 300, k: 70, pack: true},
			{m: 201, n: 300, k: 70, constant: true},
			{m: 90, n: 300, k: 70, tail: true, pack: true},
		} {
			t.Run(fmt.Sprintf("%s/%+v", k.Level, c), func(t *testing.T) {
				r := rand.New(rand.NewPCG(1, 2))
				in := []*tensor.Tensor{optest.Rand(r, -1, 1, c.m, c.k)}
				right := optest.Rand(r, -1, 1, c.n, c.k)
				if !c.constant {
					in = append(in, right)
				}
				g, err := graph.Trace(func(g *graph.Graph) {
					x := optest.Inputs(g, in)
					if c.constant {
						x = append(x, g.Const(right))
					}
					y := op.MatMul(x[0], x[1], op.MatMulAttrs{TransB: true})
					if c.tail {
						y = op.Relu(y)
					}
					g.Output("y", y)
				})
				if err != nil {
					t.Fatal(err)
				}
				want := optest.Run(t, ref.Backend{}, g, in)
				p, err := b.compile(g, false)
				if err != nil {
					t.Fatal(err)
				}
				pack := false
				for _, s := range p.stages {
					pack = pack || s.steps[0].name == "pack"
				}
				if last := p.stages[len(p.stages)-1]; len(last.tasks) < 2 || pack != c.pack {
					t.Errorf("%d tasks, want more than one; packed before: %v", len(last.tasks), pack)
				}
				out := tensor.New(tensor.F32, g.Outputs()[0].Node.Shape())
				if err := p.Run(in, []*tensor.Tensor{out}); err != nil {
					t.Fatal(err)
				}
				optest.Compare(t, "y", out, want[0], 1e-5)
			})
		}
	}
}
