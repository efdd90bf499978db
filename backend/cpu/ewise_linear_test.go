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

// TestLinear compares sums and products with scalars, which are joined to fewer instructions, with the reference.
func TestLinear(t *testing.T) {
	type node = *graph.Node
	for name, c := range map[string]struct {
		f      func(x, y, s, u node) []node // s and u have one value a channel
		instrs int
	}{
		"scale and shift":      {func(x, y, s, u node) []node { return []node{op.Add(op.Mul(x, s), u)} }, 1},
		"then ReLU":            {func(x, y, s, u node) []node { return []node{op.Relu(op.Sub(op.Mul(x, s), u))} }, 1},
		"from a scalar":        {func(x, y, s, u node) []node { return []node{op.Sub(s, x)} }, 1},
		"of two":               {func(x, y, s, u node) []node { return []node{op.Add(op.Add(op.Mul(x, s), op.Mul(y, u)), s)} }, 1},
		"residual":             {func(x, y, s, u node) []node { return []node{op.Relu(op.Add(op.Add(op.Mul(x, s), u), y))} }, 2},
		"minus a product":      {func(x, y, s, u node) []node { return []node{op.Sub(x, op.Mul(y, u))} }, 1},
		"minus a sum":          {func(x, y, s, u node) []node { return []node{op.Sub(x, op.Add(op.Mul(y, u), s))} }, 1},
		"two shifts":           {func(x, y, s, u node) []node { return []node{op.Sub(op.Add(x, s), op.Add(y, u))} }, 2},
		"twice the same":       {func(x, y, s, u node) []node { p := op.Mul(x, s); return []node{op.Add(p, p)} }, 2},
		"ReLU before":          {func(x, y, s, u node) []node { return []node{op.Add(op.Relu(op.Add(op.Mul(x, s), u)), s)} }, 2},
		"a result in between":  {func(x, y, s, u node) []node { p := op.Mul(x, s); return []node{op.Add(p, u), p} }, 2},
		"a reader in between":  {func(x, y, s, u node) []node { p := op.Mul(x, s); return []node{op.Mul(op.Add(p, u), p)} }, 3},
		"the sum of a product": {func(x, y, s, u node) []node { return []node{op.Add(op.Mul(x, y), u)} }, 2},
	} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(1, 2))
			in := []*tensor.Tensor{optest.Rand(r, -2, 2, 2, 3, 10, 10), optest.Rand(r, -2, 2, 2, 3, 10, 10),
				optest.Rand(r, -2, 2, 1, 3, 1, 1), optest.Rand(r, -2, 2, 1, 3, 1, 1)}
			g, err := graph.Trace(func(g *graph.Graph) {
				x := optest.Inputs(g, in)
				for i, n := range c.f(x[0], x[1], x[2], x[3]) {
					g.Output(string(rune('a'+i)), n)
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			b, err := New(1)
			if err != nil {
				t.Fatal(err)
			}
			defer b.Close()
			got, want := optest.Run(t, b, g, in), optest.Run(t, ref.Backend{}, g, in)
			for i := range want {
				optest.Compare(t, g.Outputs()[i].Name, got[i], want[i], 1e-6)
			}
			if n := instructions(b, g); n != c.instrs {
				t.Errorf("%d instructions, want %d", n, c.instrs)
			}
		})
	}
}

// instructions counts the elementwise instructions that b makes of g.
func instructions(b *Backend, g *graph.Graph) (count int) {
	c := &compiler{Backend: b, g: g, live: g.Live(), of: map[*graph.Node]*value{}, reordered: map[*graph.Node]*value{}}
	c.findUses()
	c.fuse()
	for _, n := range c.live {
		if grp := c.groups[n]; grp != nil && grp.last == n {
			count += len(c.newEwise(grp, rowMajor).instrs)
		}
		c.emit(n)
	}
	return count
}
