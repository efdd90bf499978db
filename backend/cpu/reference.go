package cpu

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// emitReference emits a step of one task that runs the op's own Eval: every op works before somebody makes it fast.
func (c *compiler) emitReference(n *graph.Node, dst *value) {
	in := c.in(n)
	slot := len(c.evals)
	c.evals = append(c.evals, append([]*value{dst}, in...))
	c.add(&step{name: n.Op().Name(), nodes: []*graph.Node{n}, in: in, out: []*value{dst}, tasks: 1, run: func(r *run, _ int, _ []float32) {
		t := r.evals[slot]
		for i, v := range r.p.evals[slot] {
			if t[i] == nil || v.root().place == inInput || v.root().place == inOutput {
				t[i] = r.tensor(v)
			}
		}
		n.Op().Eval(t[0], t[1:])
	}})
}

// tensor returns v as a tensor: the caller's own where it is one, so that nothing is allocated. An output may be another shape of v.
func (r *run) tensor(v *value) *tensor.Tensor {
	if t := r.callers[v.id]; t != nil && t.Shape() == v.typ.Shape {
		return t
	}
	return tensor.Wrap(v.typ.DType, v.typ.Shape, r.raw[v.id])
}
