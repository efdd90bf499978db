package cpu

import (
	"slices"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// A pooling is one of the four, in both layouts: of count planes, and of rows y0 to y1 of an image whose channels lie side by side.
type pooling struct {
	planes func(p *kernel.Pool, dst []float32, in [2][]float32, count int, scratch []float32)
	rows   func(p *kernel.ChannelPool, dst []float32, in [2][]float32, y0, y1 int, scratch []float32)
}

func init() {
	maxPool := pooling{
		func(p *kernel.Pool, y []float32, in [2][]float32, n int, scratch []float32) {
			p.Max(y, in[0], n, scratch)
		},
		func(p *kernel.ChannelPool, y []float32, in [2][]float32, y0, y1 int, _ []float32) {
			p.Max(y, in[0], y0, y1)
		},
	}
	maxPoolGrad := pooling{
		func(p *kernel.Pool, dx []float32, in [2][]float32, n int, scratch []float32) {
			p.MaxGrad(dx, in[1], in[0], n, scratch)
		},
		func(p *kernel.ChannelPool, dx []float32, in [2][]float32, y0, y1 int, scratch []float32) {
			p.MaxGrad(dx, in[1], in[0], y0, y1, scratch)
		},
	}
	avgPool := pooling{
		func(p *kernel.Pool, y []float32, in [2][]float32, n int, scratch []float32) {
			p.Avg(y, in[0], n, scratch)
		},
		func(p *kernel.ChannelPool, y []float32, in [2][]float32, y0, y1 int, _ []float32) {
			p.Avg(y, in[0], y0, y1)
		},
	}
	avgPoolGrad := pooling{
		func(p *kernel.Pool, dx []float32, in [2][]float32, n int, scratch []float32) {
			p.AvgGrad(dx, in[0], n, scratch)
		},
		func(p *kernel.ChannelPool, dx []float32, in [2][]float32, y0, y1 int, scratch []float32) {
			p.AvgGrad(dx, in[0], y0, y1, scratch)
		},
	}
	lowerings["MaxPool"] = func(c *compiler, n *graph.Node, dst *value, then tail) {
		c.pool2d(n, n.In(0).Shape(), n.Op().(op.MaxPoolOp).PoolAttrs, maxPool, dst, then)
	}
	lowerings["MaxPoolGrad"] = func(c *compiler, n *graph.Node, dst *value, then tail) {
		c.pool2d(n, n.Shape(), n.Op().(op.MaxPoolGradOp).PoolAttrs, maxPoolGrad, dst, then)
	}
	lowerings["AvgPool"] = func(c *compiler, n *graph.Node, dst *value, then tail) {
		c.pool2d(n, n.In(0).Shape(), n.Op().(op.AvgPoolOp).PoolAttrs, avgPool, dst, then)
	}
	lowerings["AvgPoolGrad"] = func(c *compiler, n *graph.Node, dst *value, then tail) {
		c.pool2d(n, n.Shape(), n.Op().(op.AvgPoolGradOp).PoolAttrs, avgPoolGrad, dst, then)
	}
}

// pool2d emits the step of a pooling of x, or of its gradient, in the layout of dst.
func (c *compiler) pool2d(n *graph.Node, x tensor.Shape, a op.PoolAttrs, do pooling, dst *value, then tail) {
	in := make([]*value, len(n.Ins()))
	for i, node := range n.Ins() {
		in[i] = c.as(node, dst.layout)
	}
	// of returns the parts of the inputs that part picks.
	of := func(part func(v *value) []float32) (list [2][]float32) {
		for i, v := range in {
			list[i] = part(v)
		}
		return list
	}
	if dst.layout == channelsLast {
		p := c.kernel.NewChannelPool(poolShape(a, x), x.Dim(1))
		c.imageRows(n, in, nil, dst, then, p.Scratch(), func(r *run, image, y0, y1 int, scratch []float32) {
			do.rows(p, imageOf(r, dst, image), of(func(v *value) []float32 { return imageOf(r, v, image) }), y0, y1, scratch)
		})
		return
	}
	p := c.kernel.NewPool(poolShape(a, x))
	c.planes(n, in, dst, then, p.Scratch(), func(r *run, pl planeRange, scratch []float32) {
		do.planes(p, pl.of(r, dst), of(func(v *value) []float32 { return pl.of(r, v) }), pl.count(), scratch)
	})
}

func poolShape(a op.PoolAttrs, x tensor.Shape) kernel.PoolShape {
	return kernel.PoolShape{
		H: x.Dim(2), W: x.Dim(3), KH: a.Kernel[0], KW: a.Kernel[1], StrideH: a.Stride[0], StrideW: a.Stride[1],
		PadT: a.Pad[0], PadL: a.Pad[1], PadB: a.Pad[2], PadR: a.Pad[3], CountPad: a.CountIncludePad,
	}
}

// imageOf returns an image of v.
func imageOf(r *run, v *value, image int) []float32 {
	size := v.typ.Size() / v.typ.Shape.Dim(0)
	return r.f32(v)[image*size:][:size]
}

// imageRows emits a step that reads images in and all of whole and makes some rows of n's result in each task, channels side by side, with
// so many floats of scratch.
func (c *compiler) imageRows(n *graph.Node, in, whole []*value, dst *value, then tail, scratch int, do func(r *run, image, y0, y1 int, scratch []float32)) {
	s := n.Shape()
	images, height, width, channels := s.Dim(0), s.Dim(2), s.Dim(3), s.Dim(1)
	parts := min(height, (poolTasks+images-1)/images)
	rows := max(1, poolRoom/(width*channels))
	cut := cutImages(s, images*parts)
	st := &step{name: n.Op().Name(), nodes: []*graph.Node{n}, in: slices.Concat(in, whole), out: []*value{dst}, tasks: cut.groups(), shares: images, local: in, scratch: scratch}
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

// planes emits a step that does a piece of the planes of in and n's result in each task, with so many floats of scratch.
func (c *compiler) planes(n *graph.Node, in []*value, dst *value, then tail, scratch int, do func(r *run, p planeRange, scratch []float32)) {
	s := n.Shape()
	size := s.Dim(2) * s.Dim(3)
	largest := max(size, n.In(0).Shape().Dim(2)*n.In(0).Shape().Dim(3))
	cut := cutShares(s.Dim(0), s.Dim(1), largest)
	part := cut.count * cut.each
	if then.ewise != nil || len(then.sums) > 0 {
		part = max(1, poolSize/largest)
	}
	st := &step{name: n.Op().Name(), nodes: []*graph.Node{n}, in: in, out: []*value{dst}, tasks: cut.tasks(), shares: cut.shares(), local: in, scratch: scratch}
	st.attach(then)
	st.run = func(r *run, task int, scratch []float32) {
		lo, end := cut.units(task)
		for ; lo < end; lo += part {
			p := planeRange{lo, min(lo+part, end)}
			do(r, p, scratch)
			then.run(r, p.lo*size, p.hi*size, scratch)
		}
	}
	c.add(st)
}
