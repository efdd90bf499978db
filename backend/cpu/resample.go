package cpu

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	lowerings["Resample"] = lowerResample
	lowerings["ResampleGrad"] = lowerResampleGrad
}

// lowerResample adds up rows: what follows the resampled dimension in memory is moved as one.
func lowerResample(c *compiler, n *graph.Node, dst *value, _ tail) {
	axis := n.Op().(op.ResampleOp).Axis
	x, indices, weights := c.as(n.In(0), dst.layout), c.as(n.In(1), rowMajor), c.as(n.In(2), rowMajor)
	places, taps := n.In(1).Shape().Dim(0), n.In(1).Shape().Dim(1)
	size := n.In(0).Shape().Dim(axis)
	inner := 1 // elements that follow axis in memory
	order := dst.layout.order(n.Shape().Rank())
	for i := len(order) - 1; order[i] != axis; i-- {
		inner *= n.Shape().Dim(order[i])
	}
	rows := n.Shape().Size() / inner
	per := max(1, taskSize/(inner*max(taps, 1)))
	s := &step{name: "Resample", nodes: []*graph.Node{n}, in: []*value{x, indices, weights}, out: []*value{dst}, tasks: (rows + per - 1) / per}
	s.run = func(r *run, task int, _ []float32) {
		from, w := r.f32(x), r.f32(weights)
		for row := task * per; row < min((task+1)*per, rows); row++ {
			place, first := row%places, row/places*size*inner
			y := r.f32(dst)[row*inner : (row+1)*inner]
			clear(y)
			for t := place * taps; t < (place+1)*taps; t++ {
				i := r.index(indices, t)
				if i < 0 || i >= int64(size) {
					continue
				}
				part := from[first+int(i)*inner:][:inner]
				switch {
				case inner == 1:
					y[0] += w[t] * part[0]
				case taps == 1 && w[t] == 1:
					copy(y, part)
				default:
					c.kernel.Axpy(y, part, w[t])
				}
			}
		}
	}
	c.add(s)
}

// index returns element i of v, which is of type i32 or i64.
func (r *run) index(v *value, i int) int64 {
	if v.typ.DType == tensor.I32 {
		return int64(r.i32(v)[i])
	}
	return tensor.View[int64](r.raw[v.id])[i]
}

// lowerResampleGrad adds rows up where they came from, what precedes the resampled dimension in parts.
func lowerResampleGrad(c *compiler, n *graph.Node, dst *value, _ tail) {
	axis := n.Op().(op.ResampleGradOp).Axis
	in := c.in(n)
	places, taps := n.In(1).Shape().Dim(0), n.In(1).Shape().Dim(1)
	size, inner := n.Shape().Dim(axis), n.Shape().Strides()[axis]
	block := size * inner
	blocks := n.Shape().Size() / max(block, 1)
	per := max(1, taskSize/max(block, 1))
	s := &step{name: "ResampleGrad", nodes: []*graph.Node{n}, in: in, out: []*value{dst}, tasks: (blocks + per - 1) / per}
	s.run = func(r *run, task int, _ []float32) {
		w := r.f32(in[2])
		for b := task * per; b < min((task+1)*per, blocks); b++ {
			dx, dy := r.f32(dst)[b*block:(b+1)*block], r.f32(in[0])[b*places*inner:(b+1)*places*inner]
			clear(dx)
			for t := range places * taps {
				i := r.index(in[1], t)
				if i < 0 || i >= int64(size) {
					continue
				}
				part := dy[t/taps*inner:][:inner]
				if to := dx[int(i)*inner:][:inner]; inner == 1 {
					to[0] += w[t] * part[0]
				} else {
					c.kernel.Axpy(to, part, w[t])
				}
			}
		}
	}
	c.add(s)
}
