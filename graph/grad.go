package graph

import (
	"fmt"

	"github.com/lince-ml/lince/tensor"
)

// Grad emits the gradient of loss, a float32 scalar, with respect to each node of wrt, by reverse-mode differentiation.
// A node that loss does not depend on gets zeros. The emitted nodes carry the paths of the nodes they differentiate.
func Grad(loss *Node, wrt []*Node) []*Node {
	g := loss.g
	if loss.typ != F32() {
		g.fail("Grad", []*Node{loss}, fmt.Errorf("the loss must be a f32 scalar"))
	}
	needs := dependents(g, wrt)
	dys := make([]*Node, loss.id+1)
	dys[loss.id] = g.Scalar(1)
	for id := loss.id; id >= 0; id-- {
		n, dy := g.nodes[id], dys[id]
		if dy == nil || !needs[id] {
			continue
		}
		for i, d := range g.emitGrad(n, dy) {
			if d == nil || !needs[n.in[i].id] {
				continue
			}
			if d.typ != n.in[i].typ {
				panic(fmt.Sprintf("graph: gradient of %s for input %d is %v, the input %v", n.op.Name(), i, d.typ, n.in[i].typ))
			}
			if sum := &dys[n.in[i].id]; *sum == nil {
				*sum = d
			} else {
				*sum = Add(*sum, d)
			}
		}
	}
	out := make([]*Node, len(wrt))
	for i, n := range wrt {
		if n.id < len(dys) && dys[n.id] != nil {
			out[i] = dys[n.id]
		} else {
			out[i] = g.Fill(n.typ, 0)
		}
	}
	return out
}

func (g *Graph) emitGrad(n, dy *Node) (d []*Node) {
	old := g.scope
	g.scope = n.path
	d = n.op.Grad(n, dy)
	g.scope = old
	return d
}

// dependents marks the float nodes that depend on one of wrt, itself included: the nodes that gradients flow through.
func dependents(g *Graph, wrt []*Node) []bool {
	mark := make([]bool, len(g.nodes))
	for _, n := range wrt {
		mark[n.id] = true
	}
	for _, n := range g.nodes {
		for _, in := range n.in {
			mark[n.id] = mark[n.id] || mark[in.id] && n.typ.DType == tensor.F32
		}
	}
	return mark
}
