package cpu

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/philox"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() { lowerings["Dropout"] = lowerDropout }

// lowerDropout draws the random numbers of a task from the counter at its first element, four to a block.
func lowerDropout(c *compiler, n *graph.Node, dst *value, _ tail) {
	o := n.Op().(op.DropoutOp)
	in := c.in(n)
	size := n.Shape().Size()
	s := &step{name: "Dropout", nodes: []*graph.Node{n}, in: in, out: []*value{dst}, tasks: (size + taskSize - 1) / taskSize}
	s.mayShare = func(from, _ *value) bool { return from == in[0].root() }
	s.run = func(r *run, task int, _ []float32) {
		key, counter := [2]uint32(r.u32(in[1])), [4]uint32(r.u32(in[2]))
		x, y := r.f32(in[0]), r.f32(dst)
		for i := task * taskSize; i < min((task+1)*taskSize, size); i += 4 {
			words := philox.Block(key, philox.Add(counter, uint64(i/4)))
			for j, w := range words[:min(4, size-i)] {
				keep := float32(0)
				if philox.Uniform(w) >= o.Rate {
					keep = x[i+j] * o.Scale()
				}
				y[i+j] = keep
			}
		}
	}
	c.add(s)
}

func (r *run) u32(v *value) []uint32 { return tensor.View[uint32](r.raw[v.id]) }
