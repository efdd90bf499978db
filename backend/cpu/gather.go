package cpu

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() { lowerings["Gather"] = lowerGather }

// lowerGather copies slices, some in each task.
func lowerGather(c *compiler, n *graph.Node, dst *value, _ tail) {
	axis := n.Op().(op.GatherOp).Axis
	in := c.in(n)
	s := n.In(0).Shape()
	size, slice := s.Dim(axis), s.Strides()[axis]
	count := n.In(1).Shape().Size()
	slices := n.Shape().Size() / slice
	width := slice * n.DType().Size()
	per := max(1, taskSize/slice)
	st := &step{name: "Gather", nodes: []*graph.Node{n}, in: in, out: []*value{dst}, tasks: (slices + per - 1) / per}
	st.run = func(r *run, task int, _ []float32) {
		x, y := r.bytes(in[0]), r.bytes(dst)
		for k := task * per; k < min((task+1)*per, slices); k++ {
			part := y[k*width : (k+1)*width]
			i := r.index(in[1], k%count)
			if i < 0 || i >= int64(size) {
				outside(part, n.DType())
				continue
			}
			copy(part, x[(k/count*size+int(i))*width:])
		}
	}
	c.add(st)
}

// outside writes what Gather has for an index that has no slice.
func outside(part []byte, d tensor.DType) {
	clear(part)
	if d == tensor.F32 {
		fill(tensor.View[float32](part), float32(math.NaN()))
	}
}
