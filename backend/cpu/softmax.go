package cpu

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/op"
)

// The softmax family along the last dimension, row by row. Along other dimensions the reference runs.
func init() {
	lowerings["Softmax"] = func(c *compiler, n *graph.Node, dst *value, _ tail) {
		c.rows(n, dst, n.Op().(op.SoftmaxOp).Axis, func(r *run, in []*value, i, size int) {
			y := row(r, dst, i, size)
			_, sum := expRow(c.kernel, y, row(r, in[0], i, size))
			c.kernel.MulScalar(y, y, 1/sum)
		})
	}
	lowerings["LogSoftmax"] = func(c *compiler, n *graph.Node, dst *value, _ tail) {
		c.rows(n, dst, n.Op().(op.LogSoftmaxOp).Axis, func(r *run, in []*value, i, size int) {
			x, y := row(r, in[0], i, size), row(r, dst, i, size)
			largest, sum := expRow(c.kernel, y, x)
			c.kernel.AddScalar(y, x, -largest)
			c.kernel.AddScalar(y, y, -float32(math.Log(float64(sum))))
		})
	}
	lowerings["SoftmaxGrad"] = func(c *compiler, n *graph.Node, dst *value, _ tail) {
		c.rows(n, dst, n.Op().(op.SoftmaxGradOp).Axis, func(r *run, in []*value, i, size int) {
			dy, y, dx := row(r, in[0], i, size), row(r, in[1], i, size), row(r, dst, i, size)
			c.kernel.AddScalar(dx, dy, -c.kernel.Dot(dy, y))
			c.kernel.Mul(dx, dx, y)
		})
	}
	lowerings["SoftmaxCrossEntropyGrad"] = func(c *compiler, n *graph.Node, dst *value, _ tail) {
		o := n.Op().(op.SoftmaxCrossEntropyGradOp)
		c.rows(n, dst, 1, func(r *run, in []*value, i, size int) {
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

// rows emits a step that calls do for each row along the last dimension of n's result, if axis is that dimension.
func (c *compiler) rows(n *graph.Node, dst *value, axis int, do func(r *run, in []*value, i, size int)) {
	if axis != n.Shape().Rank()-1 {
		c.emitReference(n, dst)
		return
	}
	in := c.in(n)
	size := n.Shape().Dim(-1)
	count := n.Shape().Size() / size
	per := max(1, taskSize/4/size)
	c.add(&step{name: n.Op().Name(), nodes: []*graph.Node{n}, in: in, out: []*value{dst}, tasks: (count + per - 1) / per, run: func(r *run, task int, _ []float32) {
		for i := task * per; i < min((task+1)*per, count); i++ {
			do(r, in, i, size)
		}
	}})
}
