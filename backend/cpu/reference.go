package cpu

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// emitReference emits a step that runs the op's own Eval: every op works before somebody makes it fast.
// Such a step is one task, and it allocates.
func (c *compiler) emitReference(n *graph.Node, dst *value) {
	in := c.in(n)
	c.add(&step{name: n.Op().Name(), nodes: []*graph.Node{n}, in: in, out: []*value{dst}, tasks: 1, run: func(r *run, _ int, _ []float32) {
		args := make([]*tensor.Tensor, len(in))
		for i, v := range in {
			args[i] = r.tensor(v)
		}
		n.Op().Eval(r.tensor(dst), args)
	}})
}

func (r *run) tensor(v *value) *tensor.Tensor {
	return tensor.Wrap(v.typ.DType, v.typ.Shape, r.raw[v.id])
}
