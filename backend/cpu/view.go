package cpu

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// isView reports whether n only picks elements of its input.
func isView(n *graph.Node) bool {
	switch n.Op().(type) {
	case op.SliceOp, op.TransposeOp:
		return true
	}
	return false
}

// view returns how the view n walks its input, which is of layout l: the strides along the result's dimensions and where it starts.
func view(n *graph.Node, l layout) (strides [tensor.MaxRank]int, first int) {
	own := l.strides(n.In(0).Shape())
	switch o := n.Op().(type) {
	case op.SliceOp:
		strides, first = own, o.Start*own[o.Axis]
		strides[o.Axis] *= o.Step
	case op.TransposeOp:
		for i := range n.Shape().Rank() {
			strides[i] = own[o.Perm[i]]
		}
	}
	return strides, first
}

func init() {
	lowerings["Concat"] = lowerConcat
	lowerings["Pad"] = lowerPad
}

// lowerConcat copies the inputs side by side.
func lowerConcat(c *compiler, n *graph.Node, dst *value, then tail) {
	if n.DType() != tensor.F32 {
		c.emitReference(n, dst)
		return
	}
	if dst.layout == channelsLast {
		c.concatChannels(n, dst, then)
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
	s := &step{name: "Concat", nodes: []*graph.Node{n}, in: in, out: []*value{dst}, tasks: outer} // a task for each position before the axis
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

// concatChannels copies the channels of the inputs side by side, some positions in each task.
func (c *compiler) concatChannels(n *graph.Node, dst *value, then tail) {
	in := make([]*value, len(n.Ins()))
	for i, a := range n.Ins() {
		in[i] = c.as(a, channelsLast)
	}
	channels := n.Shape().Dim(1)
	cut := cutRows(n.Shape().Dim(0), n.Shape().Size()/channels, channels)
	s := &step{name: "Concat", nodes: []*graph.Node{n}, in: in, out: []*value{dst}, tasks: cut.groups()}
	then.cut(c, cut)
	s.attach(then)
	s.run = func(r *run, task int, scratch []float32) {
		cut.each(task, func(p piece) {
			at := p.lo * channels
			for _, v := range in {
				own := v.typ.Shape.Dim(1)
				c.kernel.CopyMatrix(r.f32(dst)[at:], channels, r.f32(v)[p.lo*own:], own, p.hi-p.lo, own)
				at += own
			}
			then.rows(r, p, scratch)
		})
	}
	c.add(s)
}

// lowerPad fills and then copies row by row, one task for each position of the first dimension, if that is not padded itself.
func lowerPad(c *compiler, n *graph.Node, dst *value, then tail) {
	o := n.Op().(op.PadOp)
	in := c.as(n.In(0), dst.layout)
	x, rank := n.In(0).Shape(), n.Shape().Rank()
	tasks := 1
	if rank > 0 && x.Size() > 0 && x.Dim(0) == n.Shape().Dim(0) {
		tasks = x.Dim(0)
	}
	strides := dst.layout.strides(n.Shape())
	first := graph.Offset(&o.Low, &strides)
	for i := range strides {
		strides[i] *= o.Interior[i] + 1
	}
	dims := append([]dim{{1, 1}}, collapse(x, strides, dst.layout)...)
	size, count := n.Shape().Size()/tasks, x.Size()/tasks
	s := &step{name: "Pad", nodes: []*graph.Node{n}, in: []*value{in}, out: []*value{dst}, tasks: tasks}
	var cut cut
	if dst.layout == channelsLast {
		cut = cutImages(n.Shape(), tasks)
		then.cut(c, cut)
	}
	s.attach(then)
	s.run = func(r *run, task int, scratch []float32) {
		fill(r.f32(dst)[task*size:(task+1)*size], o.Value)
		scatter(r.f32(dst)[first:], r.f32(in)[task*count:(task+1)*count], dims, task*count)
		if dst.layout == channelsLast {
			cut.each(task, func(p piece) { then.rows(r, p, scratch) })
			return
		}
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
		if inner.stride == 1 {
			copy(dst[off:], src[:n])
		} else {
			for i, v := range src[:n] {
				dst[off+i*inner.stride] = v
			}
		}
		src, lo = src[n:], lo+n
	}
}
