package cpu

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/op"
)

// The softmax family along the last dimension, row by row, and along another one, by blocks of rows that lie side by side.
func init() {
	lowerings["Softmax"] = func(c *compiler, n *graph.Node, dst *value, _ tail) {
		c.softmax(n, dst, n.Op().(op.SoftmaxOp).Axis, func(r *run, in []*value, i, size int) {
			y := row(r, dst, i, size)
			_, sum := expRow(c.kernel, y, row(r, in[0], i, size))
			c.kernel.MulScalar(y, y, 1/sum)
		}, lanes.softmax)
	}
	lowerings["LogSoftmax"] = func(c *compiler, n *graph.Node, dst *value, _ tail) {
		c.softmax(n, dst, n.Op().(op.LogSoftmaxOp).Axis, func(r *run, in []*value, i, size int) {
			x, y := row(r, in[0], i, size), row(r, dst, i, size)
			largest, sum := expRow(c.kernel, y, x)
			c.kernel.AddScalar(y, x, -largest)
			c.kernel.AddScalar(y, y, -float32(math.Log(float64(sum))))
		}, lanes.logSoftmax)
	}
	lowerings["SoftmaxGrad"] = func(c *compiler, n *graph.Node, dst *value, _ tail) {
		c.softmax(n, dst, n.Op().(op.SoftmaxGradOp).Axis, func(r *run, in []*value, i, size int) {
			dy, y, dx := row(r, in[0], i, size), row(r, in[1], i, size), row(r, dst, i, size)
			c.kernel.AddScalar(dx, dy, -c.kernel.Dot(dy, y))
			c.kernel.Mul(dx, dx, y)
		}, lanes.softmaxGrad)
	}
	lowerings["LogSoftmaxGrad"] = func(c *compiler, n *graph.Node, dst *value, _ tail) {
		c.softmax(n, dst, n.Op().(op.LogSoftmaxGradOp).Axis, func(r *run, in []*value, i, size int) {
			dy, y, dx := row(r, in[0], i, size), row(r, in[1], i, size), row(r, dst, i, size)
			sum := c.kernel.Sum(dy)
			c.kernel.Exp(dx, y)
			c.kernel.ScaleShift(dx, dx, -sum, 0)
			c.kernel.Add(dx, dx, dy)
		}, lanes.logSoftmaxGrad)
	}
	lowerings["SoftmaxCrossEntropyGrad"] = func(c *compiler, n *graph.Node, dst *value, _ tail) {
		o := n.Op().(op.SoftmaxCrossEntropyGradOp)
		c.rows(n, dst, n.Shape().Dim(1), func(r *run, in []*value, i, size int) {
			c.crossEntropyGrad(row(r, dst, i, size), row(r, in[1], i, size), r.f32(in[0])[i], r.i32(in[2])[i], o.Smoothing)
		})
	}
}

// crossEntropyGrad writes dy (softmax(x) - target) for one sample.
func (c *compiler) crossEntropyGrad(dx, x []float32, dy float32, label int32, smoothing float32) {
	_, sum := expRow(c.kernel, dx, x)
	c.kernel.MulScalar(dx, dx, 1/sum)
	if smoothing > 0 {
		c.kernel.AddScalar(dx, dx, -smoothing/float32(len(dx)))
	}
	if label < 0 || int(label) >= len(dx) {
		dy = float32(math.NaN())
	} else {
		dx[label] -= 1 - smoothing
	}
	c.kernel.MulScalar(dx, dx, dy)
}

// expRow writes exp(x - max(x)) to y and returns the maximum and the sum.
func expRow(k *kernel.Set, y, x []float32) (largest, sum float32) {
	largest = k.MaxOf(x)
	k.AddScalar(y, x, -largest)
	k.Exp(y, y)
	return largest, k.Sum(y)
}

func row(r *run, v *value, i, size int) []float32 { return r.f32(v)[i*size : (i+1)*size] }

// softmax emits the step of an op along a dimension: of rows, or of lanes.
func (c *compiler) softmax(n *graph.Node, dst *value, axis int, do func(r *run, in []*value, i, size int), side func(l lanes, r *run, in []*value, scratch []float32)) {
	size, inner := n.Shape().Dim(axis), n.Shape().Strides()[axis]
	if inner == 1 {
		c.rows(n, dst, size, do)
		return
	}
	in := c.in(n)
	blocks := (inner + laneBlock - 1) / laneBlock
	c.add(&step{name: n.Op().Name(), nodes: []*graph.Node{n}, in: in, out: []*value{dst}, scratch: 2 * laneBlock, tasks: n.Shape().Size() / size / inner * blocks,
		run: func(r *run, task int, scratch []float32) {
			at := task % blocks * laneBlock
			l := lanes{c.kernel, dst, task/blocks*size*inner + at, size, inner, min(laneBlock, inner-at)}
			side(l, r, in, scratch)
		}})
}

// laneBlock is how many rows are done together: few enough for some dozen vectors of them to be in the second-level cache.
const laneBlock = 1024

// Lanes are rows that lie side by side: element i of each is in one vector of n values.
type lanes struct {
	kernel *kernel.Set
	dst    *value
	start  int
	size   int // elements of a row
	stride int
	n      int
}

func (l lanes) of(r *run, v *value, i int) []float32 { return r.f32(v)[l.start+i*l.stride:][:l.n] }

// expLanes writes x - max(x) or, with exp, its exponential to the result, and returns the sums of the exponentials.
func (l lanes) expLanes(r *run, x *value, exp bool, scratch []float32) []float32 {
	k := l.kernel
	sum, spare := scratch[:l.n], scratch[laneBlock:][:l.n]
	largest := spare
	copy(largest, l.of(r, x, 0))
	for i := 1; i < l.size; i++ {
		k.Max(largest, largest, l.of(r, x, i))
	}
	for i := range l.size {
		k.Sub(l.of(r, l.dst, i), l.of(r, x, i), largest)
	}
	clear(sum)
	for i := range l.size {
		y := l.of(r, l.dst, i)
		e := y
		if !exp {
			e = spare
		}
		k.Exp(e, y)
		k.Add(sum, sum, e)
	}
	return sum
}

func (l lanes) softmax(r *run, in []*value, scratch []float32) {
	sum := l.expLanes(r, in[0], true, scratch)
	l.kernel.Reciprocal(sum, sum)
	for i := range l.size {
		y := l.of(r, l.dst, i)
		l.kernel.Mul(y, y, sum)
	}
}

func (l lanes) logSoftmax(r *run, in []*value, scratch []float32) {
	sum := l.expLanes(r, in[0], false, scratch)
	l.kernel.Log(sum, sum)
	for i := range l.size {
		y := l.of(r, l.dst, i)
		l.kernel.Sub(y, y, sum)
	}
}

func (l lanes) softmaxGrad(r *run, in []*value, scratch []float32) {
	sum := scratch[:l.n]
	clear(sum)
	for i := range l.size {
		l.kernel.MulAdd(sum, l.of(r, in[0], i), l.of(r, in[1], i), sum)
	}
	for i := range l.size {
		dx := l.of(r, l.dst, i)
		l.kernel.Sub(dx, l.of(r, in[0], i), sum)
		l.kernel.Mul(dx, dx, l.of(r, in[1], i))
	}
}

func (l lanes) logSoftmaxGrad(r *run, in []*value, scratch []float32) {
	sum, p := scratch[:l.n], scratch[laneBlock:][:l.n]
	clear(sum)
	for i := range l.size {
		l.kernel.Add(sum, sum, l.of(r, in[0], i))
	}
	for i := range l.size {
		l.kernel.Exp(p, l.of(r, in[1], i))
		l.kernel.Mul(p, p, sum)
		l.kernel.Sub(l.of(r, l.dst, i), l.of(r, in[0], i), p)
	}
}

// rows emits a step that calls do for each row of so many neighbouring elements of n's result.
func (c *compiler) rows(n *graph.Node, dst *value, size int, do func(r *run, in []*value, i, size int)) {
	in := c.in(n)
	count := n.Shape().Size() / size
	per := max(1, taskSize/4/size)
	c.add(&step{name: n.Op().Name(), nodes: []*graph.Node{n}, in: in, out: []*value{dst}, tasks: (count + per - 1) / per, run: func(r *run, task int, _ []float32) {
		for i := task * per; i < min((task+1)*per, count); i++ {
			do(r, in, i, size)
		}
	}})
}
