package cpu

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	lowerings["MaxPool"] = func(c *compiler, n *graph.Node, dst *value, then tail) {
		a, x := n.Op().(op.MaxPoolOp).PoolAttrs, n.In(0).Shape()
		if dst.layout == channelsLast {
			p := c.channelPooling(a, x)
			c.poolRows(n, dst, then, 0, func(r *run, in []*value, image, y0, y1 int, _ []float32) {
				p.Max(imageOf(r, dst, image), imageOf(r, in[0], image), y0, y1)
			})
			return
		}
		p := c.pooling(a, x)
		c.planes(n, dst, then, p.Scratch(), func(r *run, in []*value, pl planeRange, scratch []float32) {
			p.Max(pl.of(r, dst), pl.of(r, in[0]), pl.count(), scratch)
		})
	}
	lowerings["MaxPoolGrad"] = func(c *compiler, n *graph.Node, dst *value, then tail) {
		a := n.Op().(op.MaxPoolGradOp).PoolAttrs
		if dst.layout == channelsLast {
			p := c.channelPooling(a, n.Shape())
			c.poolRows(n, dst, then, p.Scratch(), func(r *run, in []*value, image, y0, y1 int, scratch []float32) {
				p.MaxGrad(imageOf(r, dst, image), imageOf(r, in[1], image), imageOf(r, in[0], image), y0, y1, scratch)
			})
			return
		}
		p := c.pooling(a, n.Shape())
		c.planes(n, dst, then, p.Scratch(), func(r *run, in []*value, pl planeRange, scratch []float32) {
			p.MaxGrad(pl.of(r, dst), pl.of(r, in[1]), pl.of(r, in[0]), pl.count(), scratch)
		})
	}
	lowerings["AvgPool"] = func(c *compiler, n *graph.Node, dst *value, then tail) {
		a, x := n.Op().(op.AvgPoolOp).PoolAttrs, n.In(0).Shape()
		if dst.layout == channelsLast {
			p := c.channelPooling(a, x)
			c.poolRows(n, dst, then, 0, func(r *run, in []*value, image, y0, y1 int, _ []float32) {
				p.Avg(imageOf(r, dst, image), imageOf(r, in[0], image), y0, y1)
			})
			return
		}
		p := c.pooling(a, x)
		c.planes(n, dst, then, p.Scratch(), func(r *run, in []*value, pl planeRange, scratch []float32) {
			p.Avg(pl.of(r, dst), pl.of(r, in[0]), pl.count(), scratch)
		})
	}
	lowerings["AvgPoolGrad"] = func(c *compiler, n *graph.Node, dst *value, then tail) {
		a := n.Op().(op.AvgPoolGradOp).PoolAttrs
		if dst.layout == channelsLast {
			p := c.channelPooling(a, n.Shape())
			c.poolRows(n, dst, then, p.Scratch(), func(r *run, in []*value, image, y0, y1 int, scratch []float32) {
				p.AvgGrad(imageOf(r, dst, image), imageOf(r, in[0], image), y0, y1, scratch)
			})
			return
		}
		p := c.pooling(a, n.Shape())
		c.planes(n, dst, then, p.Scratch(), func(r *run, in []*value, pl planeRange, scratch []float32) {
			p.AvgGrad(pl.of(r, dst), pl.of(r, in[0]), pl.count(), scratch)
		})
	}
}

func poolShape(a op.PoolAttrs, x tensor.Shape) kernel.PoolShape {
	return kernel.PoolShape{
		H: x.Dim(2), W: x.Dim(3), KH: a.Kernel[0], KW: a.Kernel[1], StrideH: a.Stride[0], StrideW: a.Stride[1],
		PadT: a.Pad[0], PadL: a.Pad[1], PadB: a.Pad[2], PadR: a.Pad[3], CountPad: a.CountIncludePad,
	}
}

func (c *compiler) pooling(a op.PoolAttrs, x tensor.Shape) *kernel.Pool {
	return c.kernel.NewPool(poolShape(a, x))
}

func (c *compiler) channelPooling(a op.PoolAttrs, x tensor.Shape) *kernel.ChannelPool {
	return c.kernel.NewChannelPool(poolShape(a, x), x.Dim(1))
}

// imageOf returns an image of v.
func imageOf(r *run, v *value, image int) []float32 {
	size := v.typ.Size() / v.typ.Shape.Dim(0)
	return r.f32(v)[image*size:][:size]
}

// poolRows is imageRows of n's inputs with their channels side by side.
func (c *compiler) poolRows(n *graph.Node, dst *value, then tail, scratch int, do func(r *run, in []*value, image, y0, y1 int, scratch []float32)) {
	var in []*value
	for _, a := range n.Ins() {
		in = append(in, c.as(a, channelsLast))
	}
	c.imageRows(n, in, dst, then, scratch, func(r *run, image, y0, y1 int, scratch []float32) {
		do(r, in, image, y0, y1, scratch)
	})
}

// imageRows emits a step that reads in and makes some rows of n's result in each task, channels side by side, with so many floats of scratch.
func (c *compiler) imageRows(n *graph.Node, in []*value, dst *value, then tail, scratch int, do func(r *run, image, y0, y1 int, scratch []float32)) {
	s := n.Shape()
	images, height, width, channels := s.Dim(0), s.Dim(2), s.Dim(3), s.Dim(1)
	parts := min(height, (poolTasks+images-1)/images)
	rows := max(1, poolRoom/(width*channels))
	cut := cutImages(s, images*parts)
	st := &step{name: n.Op().Name(), nodes: []*graph.Node{n}, in: in, out: []*value{dst}, tasks: cut.groups(), scratch: scratch}
	then.cut(c, cut)
	st.attach(then)
	st.run = func(r *run, task int, scratch []float32) {
		image, start := task/parts, cut.starts[task]
		first, end := image*height, cut.starts[task+1]/width
		for y := start / width; y < end; y += rows {
			last := min(y+rows, end)
			do(r, image, y-first, last-first, scratch)
			then.rows(r, piece{task, start, y * width, last * width, 0, channels, channels}, scratch)
		}
	}
	c.add(st)
}

const (
	poolTasks = 16      // tasks that a pooling makes at least, if it can
	poolRoom  = 1 << 15 // values that are made before what follows is done with them, in the second-level cache
)

// A planeRange is a run of planes, images times channels.
type planeRange struct{ lo, hi int }

func (p planeRange) count() int { return p.hi - p.lo }

// of returns these planes of v.
func (p planeRange) of(r *run, v *value) []float32 {
	size := v.typ.Shape.Dim(2) * v.typ.Shape.Dim(3)
	return r.f32(v)[p.lo*size : p.hi*size]
}

// poolSize is how many values are pooled before what follows is done with them: few enough to be in the first-level cache still.
const poolSize = 4 * blockSize

// planes emits a step that does a piece of the planes of n's inputs and result in each task, with so many floats of scratch.
func (c *compiler) planes(n *graph.Node, dst *value, then tail, scratch int, do func(r *run, in []*value, p planeRange, scratch []float32)) {
	in := c.in(n)
	s := n.Shape()
	planes, size := s.Dim(0)*s.Dim(1), s.Dim(2)*s.Dim(3)
	largest := max(size, n.In(0).Shape().Dim(2)*n.In(0).Shape().Dim(3))
	per := max(1, taskSize/largest)
	part := per
	if then.ewise != nil || len(then.sums) > 0 {
		part = max(1, poolSize/largest)
	}
	st := &step{name: n.Op().Name(), nodes: []*graph.Node{n}, in: in, out: []*value{dst}, tasks: (planes + per - 1) / per, scratch: scratch}
	st.attach(then)
	st.run = func(r *run, task int, scratch []float32) {
		end := min((task+1)*per, planes)
		for lo := task * per; lo < end; lo += part {
			p := planeRange{lo, min(lo+part, end)}
			do(r, in, p, scratch)
			then.run(r, p.lo*size, p.hi*size, scratch)
		}
	}
	c.add(st)
}
