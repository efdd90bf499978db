package onnx

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	register("MaxPool", 1, maxPool)
	register("AveragePool", 1, func(c *call) []value { return c.one(c.averages(c.float(0))) })
	register("MaxUnpool", 9, maxUnpool)
	register("LpPool", 1, lpPool)
	register("GlobalMaxPool", 1, globalMaxPool)
	register("GlobalAveragePool", 1, func(c *call) []value { return c.one(globalMean(c.float(0))) })
	register("GlobalLpPool", 1, globalLpPool)
}

// A pooling is a window, how often it fits into each dimension, and how much of the padding behind is there only because windows were counted up.
type pooling struct {
	window
	count, extra []int
}

// pooling reads the attributes. With ceil_mode the number of windows is rounded up, but none begins behind the image and its padding before.
func (c *call) pooling(x tensor.Shape) pooling {
	kernel := c.attrInts("kernel_shape")
	if kernel == nil {
		c.fail("attribute kernel_shape is missing")
	}
	p := pooling{window: c.window(x, kernel)}
	ceil := c.attrBool("ceil_mode")
	n := len(kernel)
	p.count, p.extra, p.high = make([]int, n), make([]int, n), append([]int(nil), p.high...)
	for i := range n {
		size := x.Dim(2 + i)
		free := size + p.low[i] + p.high[i] - p.extent(i)
		if free < 0 {
			c.check(errKernel(p.extent(i), size+p.low[i]+p.high[i]))
		}
		p.count[i] = free/p.stride[i] + 1
		if ceil && free%p.stride[i] != 0 && p.count[i]*p.stride[i] < size+p.low[i] {
			p.extra[i] = p.stride[i] - free%p.stride[i]
			p.count[i]++
			p.high[i] += p.extra[i]
		}
	}
	return p
}

// direct returns the attributes of the op that pools so, if there is one: over one or two dimensions, and without windows that lie in the padding or have
// gaps.
func (p pooling) direct() (attrs op.PoolAttrs, ok bool) {
	w := p.over2()
	if len(w.kernel) != 2 {
		return attrs, false
	}
	for i := range 2 {
		if w.dilation[i] != 1 || max(w.low[i], w.high[i]) >= w.kernel[i] {
			return attrs, false
		}
	}
	return op.PoolAttrs{Kernel: [2]int(w.kernel), Stride: [2]int(w.stride), Pad: w.pads4()}, true
}

// maxTaps bounds the windows of poolings that are composed of slices.
const maxTaps = 1 << 12

// taps calls f, for each dimension from the last on, with functions that return what a tap of the windows sees along it, and the number of taps.
func (p pooling) taps(c *call, f func(axis, taps int, at func(x *graph.Node, tap int) *graph.Node)) {
	for i := len(p.kernel) - 1; i >= 0; i-- {
		if p.kernel[i] > maxTaps {
			c.refuse("windows of more than %d elements with gaps, or wider than the image", maxTaps)
		}
		f(2+i, p.kernel[i], func(x *graph.Node, tap int) *graph.Node {
			first := tap * p.dilation[i]
			return op.Slice(x, 2+i, first, first+(p.count[i]-1)*p.stride[i]+1, p.stride[i])
		})
	}
}

// padded returns x with the padding of dimension axis, of the given value.
func (p pooling) padded(x *graph.Node, axis int, v float32) *graph.Node {
	low, high := make([]int, x.Shape().Rank()), make([]int, x.Shape().Rank())
	low[axis], high[axis] = p.low[axis-2], p.high[axis-2]
	if low[axis]+high[axis] == 0 {
		return x
	}
	return op.Pad(x, low, high, v)
}

// maxPool also pools integers of few bits, which are exact in float32.
func maxPool(c *call) []value {
	v := c.x(0)
	if !v.t.isFloat() && !v.t.isNarrow() {
		c.refuse("values of type %v", v.t)
	}
	x := v.real()
	p := c.pooling(x.Shape())
	if c.wants(1) {
		y, at := p.maxima(c, x)
		return []value{v.with(y), {n: at, t: Int64}}
	}
	if attrs, ok := p.direct(); ok {
		return c.one(linear(op.MaxPool(planar(x), attrs), x.Shape().Rank()))
	}
	p.taps(c, func(axis, taps int, at func(*graph.Node, int) *graph.Node) {
		padded := p.padded(x, axis, float32(math.Inf(-1)))
		x = at(padded, 0)
		for t := 1; t < taps; t++ {
			x = op.Max(x, at(padded, t))
		}
	})
	return c.one(x)
}

// maxima returns the maxima and their positions in x as a vector, i64. Of equal maxima the first is taken.
func (p pooling) maxima(c *call, x *graph.Node) (y, position *graph.Node) {
	s := x.Shape()
	if plane := s.Size() / max(1, s.Dim(0)*s.Dim(1)); plane > 1<<24 {
		c.refuse("positions of maxima in images of more than %d pixels", 1<<24)
	}
	index := op.Cast(c.positions(s, c.attrBool("storage_order")), tensor.F32)
	p.taps(c, func(axis, taps int, at func(*graph.Node, int) *graph.Node) {
		values, indices := p.padded(x, axis, float32(math.Inf(-1))), p.padded(index, axis, 0)
		x, index = at(values, 0), at(indices, 0)
		for t := 1; t < taps; t++ {
			v := at(values, t)
			larger := op.Less(x, v)
			x, index = op.Where(larger, v, x), op.Where(larger, at(indices, t), index)
		}
	})
	first := c.tensor(tensor.I64, append([]int{s.Dim(0), s.Dim(1)}, ones(s.Rank()-2)...)...)
	for i := range first.I64() {
		first.I64()[i] = int64(i * s.Strides()[1])
	}
	return x, op.Add(op.Cast(index, tensor.I64), c.constant(first))
}

func ones(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = 1
	}
	return list
}

// positions returns [1 1 ...] with the place of each pixel in its image: row-major, or column-major.
func (c *call) positions(s tensor.Shape, columns bool) *graph.Node {
	s = s.With(0, 1).With(1, 1)
	strides := s.Strides()
	if columns {
		n := 1
		for i := 2; i < s.Rank(); i++ {
			strides[i] = n
			n *= s.Dim(i)
		}
	}
	t := c.tensor(tensor.I64, s.Dims()...)
	graph.Walk(s, func(i int, at *[tensor.MaxRank]int) { t.I64()[i] = int64(graph.Offset(at, &strides)) })
	return c.constant(t)
}

// averages returns the mean of each window.
func (c *call) averages(x *graph.Node) *graph.Node {
	p := c.pooling(x.Shape())
	include := c.attrBool("count_include_pad")
	attrs, ok := p.direct()
	if ok && (!include || allZero(p.extra)) {
		attrs.CountIncludePad = include
		return linear(op.AvgPool(planar(x), attrs), x.Shape().Rank())
	}
	return op.Mul(p.sum(c, x), p.shares(c, x.Shape(), include))
}

func allZero(list []int) bool {
	for _, v := range list {
		if v != 0 {
			return false
		}
	}
	return true
}

// sum returns the sum in each window.
func (p pooling) sum(c *call, x *graph.Node) *graph.Node {
	p.taps(c, func(axis, taps int, at func(*graph.Node, int) *graph.Node) {
		padded := p.padded(x, axis, 0)
		x = at(padded, 0)
		for t := 1; t < taps; t++ {
			x = op.Add(x, at(padded, t))
		}
	})
	return x
}

// shares returns [1 1 ...] with 1 divided by the number of elements in each window: those of the image, and those of the padding if it counts, but for
// that behind which is there only because windows were counted up.
func (p pooling) shares(c *call, s tensor.Shape, include bool) *graph.Node {
	t := c.tensor(tensor.F32, append([]int{1, 1}, p.count...)...)
	graph.Walk(t.Shape(), func(i int, at *[tensor.MaxRank]int) {
		n := 1
		for d, k := range p.kernel {
			first, end := 0, s.Dim(2+d)
			if include {
				first, end = -p.low[d], end+p.high[d]-p.extra[d]
			}
			start := at[2+d]*p.stride[d] - p.low[d]
			taps := func(end int) int { return min(max((end-start+p.dilation[d]-1)/p.dilation[d], 0), k) } // those before end
			n *= max(taps(end)-taps(first), 0)
		}
		t.F32()[i] = 1 / float32(n)
	})
	return c.constant(t)
}

// lpPool returns, for each window, the p-th root of the sum of the p-th powers.
func lpPool(c *call) []value {
	x := c.float(0)
	order := c.order()
	p := c.pooling(x.Shape())
	powers := absPow(x, order)
	attrs, ok := p.direct()
	if !ok {
		return c.one(root(p.sum(c, powers), order))
	}
	attrs.CountIncludePad = true
	mean := linear(op.AvgPool(planar(powers), attrs), x.Shape().Rank())
	return c.one(root(op.Mul(mean, c.scalar(float64(attrs.Kernel[0]*attrs.Kernel[1]))), order))
}

// order returns the attribute p, which was a float in operator set 1.
func (c *call) order() float64 {
	if c.opset < 2 {
		return float64(c.attrFloat("p", 2))
	}
	return float64(c.attrInt("p", 2))
}

func absPow(x *graph.Node, order float64) *graph.Node {
	switch order {
	case 1:
		return op.Abs(x)
	case 2:
		return op.Mul(x, x)
	}
	return op.Pow(op.Abs(x), x.Graph().Scalar(order))
}

func root(x *graph.Node, order float64) *graph.Node {
	switch order {
	case 1:
		return x
	case 2:
		return op.Sqrt(x)
	}
	return op.Pow(x, x.Graph().Scalar(1/order))
}

// imageAxes returns the dimensions after the first two.
func (c *call) imageAxes(x *graph.Node) []int {
	if x.Shape().Rank() < 3 {
		c.fail("x has shape %v, [N C ...] expected", x.Shape())
	}
	return identity(x.Shape().Rank())[2:]
}

func globalMaxPool(c *call) []value {
	x := c.float(0)
	axes := c.imageAxes(x)
	if s := x.Shape(); s.Rank() == 4 {
		return c.one(op.MaxPool(x, op.PoolAttrs{Kernel: [2]int{s.Dim(2), s.Dim(3)}}))
	}
	return c.one(op.ReduceMax(x, true, axes...))
}

// globalMean returns the mean of each channel of x [N C ...] as [N C 1 ...].
func globalMean(x *graph.Node) *graph.Node {
	rank := x.Shape().Rank()
	if rank == 4 {
		return op.GlobalAvgPool(x)
	}
	if rank < 3 {
		return x
	}
	return op.ReduceMean(x, true, identity(rank)[2:]...)
}

func globalLpPool(c *call) []value {
	x := c.float(0)
	order := c.order()
	return c.one(root(op.ReduceSum(absPow(x, order), true, c.imageAxes(x)...), order))
}

// maxUnpool puts each element where the maximum was, in a tensor of zeros of the shape that was pooled. A larger output_shape leaves zeros behind.
func maxUnpool(c *call) []value {
	x := c.float(0)
	kernel := c.attrInts("kernel_shape")
	w := c.window(x.Shape(), kernel)
	dims := x.Shape().Dims()
	for i, k := range w.kernel {
		dims[2+i] = (dims[2+i]-1)*w.stride[i] + k - w.low[i] - w.high[i]
	}
	size := c.shapeOf(dims).Size()
	zeros := c.g.Fill(graph.F32(size), 0)
	count := x.Shape().Size()
	at := op.Reshape(op.Cast(c.x(1).whole(), tensor.I64), count)
	y := op.Reshape(op.Scatter(zeros, at, op.Reshape(x, count), op.Replace), dims...)
	if c.has(2) {
		low, high := make([]int, len(dims)), make([]int, len(dims))
		for i, d := range c.ints(2, "the output shape") {
			if i >= len(dims) || d < dims[i] {
				c.fail("output shape of dimension %d is %d, at least the pooled one expected", i, d)
			}
			high[i] = d - dims[i]
		}
		y = op.Pad(y, low, high, 0)
	}
	return c.one(y)
}
