package cpu

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

func init() { lowerings["OneHot"] = lowerOneHot }

// lowerOneHot makes all classes of some indices in each task.
func lowerOneHot(c *compiler, n *graph.Node, dst *value, _ tail) {
	o, in := n.Op().(op.OneHotOp), c.in(n)
	axis := n.Shape().Rank() - 1 - o.Inner
	inner := n.Shape().Strides()[axis]
	rows := n.In(0).Shape().Size() / inner
	per := max(1, taskSize/(inner*o.Depth))
	c.add(&step{name: "OneHot", nodes: []*graph.Node{n}, in: in, out: []*value{dst}, tasks: (rows + per - 1) / per, run: func(r *run, task int, _ []float32) {
		lo, hi := task*per, min((task+1)*per, rows)
		clear(r.f32(dst)[lo*o.Depth*inner : hi*o.Depth*inner])
		for row := lo; row < hi; row++ {
			y := r.f32(dst)[row*o.Depth*inner:][:o.Depth*inner]
			for i := range inner {
				if index := r.index(in[0], row*inner+i); 0 <= index && index < int64(o.Depth) {
					y[int(index)*inner+i] = 1
				}
			}
		}
	}})
}
