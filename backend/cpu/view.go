package cpu

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// view returns, for an op that only picks elements, how the result walks its input: the strides along the result's dimensions and
// where it starts.
func view(n *graph.Node) (strides [tensor.MaxRank]int, first int, ok bool) {
	switch o := n.Op().(type) {
	case op.SliceOp:
		strides = n.In(0).Shape().Strides()
		first = o.Start * strides[o.Axis]
		strides[o.Axis] *= o.Step
	case op.TransposeOp:
		own := n.In(0).Shape().Strides()
		for i := range n.Shape().Rank() {
			strides[i] = own[o.Perm[i]]
		}
	default:
		return strides, 0, false
	}
	return strides, first, true
}

func init() {
	lowerings["Concat"] = lowerConcat
	lowerings["Pad"] = lowerPad
}

// lowerConcat copies the inputs side by side, one task for each position of the dimensions before the axis.
func lowerConcat(c *compiler, n *graph.Node, dst *value, then tail) {
	if n.DType() != tensor.F32 {
		c.emitReference(n, dst)
		return
	}
	axis := n.Op().(op.ConcatOp).Axis
	outer, row := 1, 1
	for i, size := range n.Shape().All() {
		if i < axis {
			outer *= size
		} else {
			row *= size
		}
	}
	in := c.in(n)
	s := &step{name: "Concat", nodes: []*graph.Node{n}, in: in, out: []*value{dst}, tasks: outer}
	s.attach(then)
	s.run = func(r *run, task int, scratch []float32) {
		at := task * row
		for _, v := range in {
			part := v.typ.Size() / outer
			at += copy(r.f32(dst)[at:], r.f32(v)[task*part:(task+1)*part])
		}
		then.run(r, task*row, (task+1)*row, scratch)
	}
	c.add(s)
}

// lowerPad fills and then copies row by row, one task for each position of the first dimension, if that is not padded itself.
func lowerPad(c *compiler, n *graph.Node, dst *value, then tail) {
	o := n.Op().(op.PadOp)
	in := c.in(n)[0]
	x, rank := n.In(0).Shape(), n.Shape().Rank()
	tasks := 1
	if rank > 0 && x.Size() > 0 && x.Dim(0) == n.Shape().Dim(0) {
		tasks = x.Dim(0)
	}
	strides := n.Shape().Strides()
	first := graph.Offset(&o.Low, &strides)
	for i := range strides {
		strides[i] *= o.Interior[i] + 1
	}
	dims := append([]dim{{1, 1}}, collapse(x, strides)...)
	s := &step{name: "Pad", nodes: []*graph.Node{n}, in: []*value{in}, out: []*value{dst}, tasks: tasks}
	s.attach(then)
	s.run = func(r *run, task int, scratch []float32) {
		size, count := n.Shape().Size()/tasks, x.Size()/tasks
		fill(r.f32(dst)[task*size:(task+1)*size], o.Value)
		scatter(r.f32(dst)[first:], r.f32(in)[task*count:(task+1)*count], dims, task*count)
		then.run(r, task*size, (task+1)*size, scratch)
	}
	c.add(s)
}

// scatter writes src, the elements from position lo on of a tensor that is walked by dims, to its places in dst.
func scatter(dst, src []float32, dims []dim, lo int) {
	o := operand{dims: dims}
	inner := dims[len(dims)-1]
	for len(src) > 0 {
		at, off := o.locate(lo)
		n := min(inner.size-at[len(dims)-1], len(src))
		for i, v := range src[:n] {
			dst[off+i*inner.stride] = v
		}
		src, lo = src[n:], lo+n
	}
}
