package onnx

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

func init() {
	register("Conv", 1, func(c *call) []value {
		y := c.convolve(c.float(0), c.float(1))
		if c.has(2) {
			y = op.Add(y, perChannel(c.float(2), y.Shape().Rank()))
		}
		return c.one(y)
	})
}

// convolve returns the convolution of x [N C ...] with w [O C/group ...], over any number of dimensions, by the attributes of the node.
func (c *call) convolve(x, w *graph.Node) *graph.Node {
	if x.Shape().Rank() != w.Shape().Rank() {
		c.fail("x has shape %v, the weights %v: the same number of dimensions expected", x.Shape(), w.Shape())
	}
	kernel := w.Shape().Dims()[min(2, w.Shape().Rank()):]
	if given := c.attrInts("kernel_shape"); given != nil && !equal(given, kernel) {
		c.fail("attribute kernel_shape is %v, the weights have shape %v", given, w.Shape())
	}
	c.fewTaps(kernel)
	return convND(x, w, c.window(x.Shape(), kernel), c.attrInt("group", 1))
}

// fewTaps bounds the taps over which a convolution is divided into others: all but those of the last two dimensions.
func (c *call) fewTaps(kernel []int) {
	taps := 1
	for _, k := range kernel[:max(len(kernel)-2, 0)] {
		taps *= k
	}
	if taps > maxTaps {
		c.refuse("kernels with more than %d taps over the dimensions before the last two", maxTaps)
	}
}

func equal(a, b []int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// convND convolves over the dimensions after the first two. Over more than two of them it is the sum, over the taps along the first, of convolutions over the
// others.
func convND(x, w *graph.Node, win window, groups int) *graph.Node {
	rank := x.Shape().Rank()
	if rank <= 4 {
		win = win.over2()
		y := op.Conv2D(planar(x), planar(w), op.ConvAttrs{
			Stride: [2]int(win.stride), Dilation: [2]int(win.dilation), Pad: win.pads4(), Groups: groups,
		})
		return linear(y, rank)
	}
	low, high := make([]int, rank), make([]int, rank)
	low[2], high[2] = win.low[0], win.high[0]
	if low[2]+high[2] > 0 {
		x = op.Pad(x, low, high, 0)
	}
	slabs := depthFirst(x)
	count := (slabs.Shape().Dim(0)-win.extent(0))/win.stride[0] + 1
	if slabs.Shape().Dim(0) < win.extent(0) {
		graph.Fail("Conv", errKernel(win.extent(0), slabs.Shape().Dim(0)), x, w)
	}
	var sum *graph.Node
	for tap := range win.kernel[0] {
		first := tap * win.dilation[0]
		part := op.Slice(slabs, 0, first, first+(count-1)*win.stride[0]+1, win.stride[0])
		y := convND(mergeFirst(part), dropDepth(op.Slice(w, 2, tap, tap+1, 1)), win.after(1), groups)
		if sum == nil {
			sum = y
		} else {
			sum = op.Add(sum, y)
		}
	}
	return depthBack(splitFirst(sum, count))
}

// depthFirst returns x [N C D ...] as [D N C ...].
func depthFirst(x *graph.Node) *graph.Node {
	perm := identity(x.Shape().Rank())
	perm[0], perm[1], perm[2] = 2, 0, 1
	return op.Transpose(x, perm...)
}

// depthBack returns x [D N C ...] as [N C D ...].
func depthBack(x *graph.Node) *graph.Node {
	perm := identity(x.Shape().Rank())
	perm[0], perm[1], perm[2] = 1, 2, 0
	return op.Transpose(x, perm...)
}

func identity(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// mergeFirst returns x [D N ...] as [D*N ...].
func mergeFirst(x *graph.Node) *graph.Node {
	dims := x.Shape().Dims()
	return op.Reshape(x, append([]int{dims[0] * dims[1]}, dims[2:]...)...)
}

// splitFirst returns x [D*N ...] as [D N ...].
func splitFirst(x *graph.Node, d int) *graph.Node {
	dims := x.Shape().Dims()
	return op.Reshape(x, append([]int{d, dims[0] / d}, dims[1:]...)...)
}

// dropDepth returns w [O C 1 ...] as [O C ...].
func dropDepth(w *graph.Node) *graph.Node {
	dims := w.Shape().Dims()
	return op.Reshape(w, append(dims[:2:2], dims[3:]...)...)
}
