package onnx

import (
	"fmt"
	"slices"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

func init() { register("ConvTranspose", 1, convTranspose) }

func errKernel(extent, size int) error {
	return fmt.Errorf("the kernel spans %d, more than the padded size %d", extent, size)
}

// convTranspose is the gradient of a convolution with respect to its input.
func convTranspose(c *call) []value {
	x, w := c.float(0), c.float(1)
	n := x.Shape().Rank() - 2
	if n < 1 || w.Shape().Rank() != x.Shape().Rank() {
		c.fail("x has shape %v, the weights %v: [N C ...] and [C M/group ...] expected", x.Shape(), w.Shape())
	}
	win, out := c.transposedWindow(x.Shape().Dims()[2:], w.Shape().Dims()[2:])
	c.fewTaps(win.kernel)
	y := convTransposeND(x, w, win, out, c.attrInt("group", 1))
	if c.has(2) {
		y = op.Add(y, perChannel(c.float(2), y.Shape().Rank()))
	}
	return c.one(y)
}

// transposedWindow returns the window, and the sizes of the result, for an input of the given sizes.
func (c *call) transposedWindow(sizes, kernel []int) (window, []int) {
	n := len(sizes)
	win := window{kernel: kernel, stride: c.spatial("strides", n, 1), dilation: c.spatial("dilations", n, 1)}
	more := c.spatial("output_padding", n, 0)
	for i := range n {
		if min(win.stride[i], win.dilation[i], kernel[i], sizes[i]) < 1 || max(win.stride[i], win.dilation[i], kernel[i], more[i], sizes[i]) > 1<<24 || more[i] < 0 {
			c.fail("sizes %v, strides %v, dilations %v, kernel %v, output padding %v: 1 to %d expected, or 0 as output padding",
				sizes, win.stride, win.dilation, kernel, more, 1<<24)
		}
	}
	how := c.attrString("auto_pad", "NOTSET")
	same := how == "SAME_UPPER" || how == "SAME_LOWER"
	out := c.attrInts("output_shape")
	if out != nil && len(out) == n+2 { // with batch and channels, as some exporters write it
		out = out[2:]
	}
	if out == nil && same {
		out = make([]int, n)
		for i, size := range sizes {
			out[i] = size * win.stride[i]
		}
	}
	whole := make([]int, n) // without padding
	for i, size := range sizes {
		whole[i] = win.stride[i]*(size-1) + more[i] + win.extent(i)
	}
	if out != nil {
		if len(out) != n {
			c.fail("attribute output_shape is %v, %d numbers expected", out, n)
		}
		win.low, win.high = make([]int, n), make([]int, n)
		for i := range n {
			if out[i] < 1 || out[i] > MaxElements {
				c.fail("an output of size %v, 1 to %d expected", out, MaxElements)
			}
			win.low[i], win.high[i] = halves(max(0, whole[i]-out[i]), how == "SAME_UPPER")
		}
		return win, slices.Clone(out)
	}
	win.setPadding(c, sizes)
	out = make([]int, n)
	for i := range n {
		out[i] = whole[i] - win.low[i] - win.high[i]
	}
	return win, out
}

// convTransposeND returns the transposed convolution of x [N C ...] with w [C M/groups ...], of the given sizes. Over more than two dimensions it is the
// sum, over the taps along the first, of transposed convolutions over the others, each put where its tap is.
func convTransposeND(x, w *graph.Node, win window, out []int, groups int) *graph.Node {
	rank := x.Shape().Rank()
	if rank <= 4 {
		return linear(convTranspose2(planar(x), planar(w), win.over2(), out, groups), rank)
	}
	slabs := depthFirst(x)
	depth := slabs.Shape().Dim(0)
	whole := max(win.stride[0]*(depth-1)+win.extent(0), win.low[0]+out[0])
	var sum *graph.Node
	for tap := range win.kernel[0] {
		y := convTransposeND(mergeFirst(slabs), dropDepth(op.Slice(w, 2, tap, tap+1, 1)), win.after(1), out[1:], groups)
		pad := op.PadOp{}
		pad.Low[0], pad.Interior[0] = tap*win.dilation[0], win.stride[0]-1
		pad.High[0] = whole - pad.Low[0] - win.stride[0]*(depth-1) - 1
		y = graph.Apply(pad, splitFirst(y, depth))
		if sum == nil {
			sum = y
		} else {
			sum = op.Add(sum, y)
		}
	}
	return depthBack(op.Slice(sum, 0, win.low[0], win.low[0]+out[0], 1))
}

// convTranspose2 works over two dimensions. What lies beyond all that the kernel reaches is 0.
func convTranspose2(x, w *graph.Node, win window, out []int, groups int) *graph.Node {
	if len(out) == 1 {
		out = []int{1, out[0]}
	}
	attrs := op.ConvAttrs{Stride: [2]int(win.stride), Dilation: [2]int(win.dilation), Groups: groups}
	var size, beyond [2]int
	for i := range 2 {
		reach := win.stride[i]*(x.Shape().Dim(2+i)-1) + win.extent(i) - win.low[i]
		size[i] = min(out[i], reach+win.stride[i]-1) // a convolution of stride s sees s-1 more
		beyond[i] = out[i] - size[i]
		attrs.Pad[i], attrs.Pad[2+i] = win.low[i], max(0, reach-size[i])
	}
	y := op.Conv2DInputGrad(x, w, attrs, size[0], size[1])
	if beyond != [2]int{} {
		y = op.Pad(y, []int{0, 0, 0, 0}, []int{0, 0, beyond[0], beyond[1]}, 0)
	}
	return y
}
