package onnx

import (
	"slices"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// A window is what convolutions and poolings move over the spatial dimensions: the numbers for each of them, in order.
type window struct {
	kernel, stride, dilation []int
	low, high                []int // padding before and behind
}

// window reads the attributes of a window of the given kernel over the spatial dimensions of a tensor of shape x.
func (c *call) window(x tensor.Shape, kernel []int) window {
	n := x.Rank() - 2
	if n < 1 {
		c.fail("x has shape %v, [N C ...] expected", x)
	}
	w := window{kernel: kernel, stride: c.spatial("strides", n, 1), dilation: c.spatial("dilations", n, 1)}
	if len(kernel) != n {
		c.fail("kernel %v for the %d dimensions of shape %v after the first two", kernel, n, x)
	}
	for i := range n {
		if kernel[i] < 1 || w.stride[i] < 1 || w.dilation[i] < 1 || max(kernel[i], w.stride[i], w.dilation[i]) > 1<<24 {
			c.fail("kernel %v, strides %v, dilations %v: 1 to %d expected", kernel, w.stride, w.dilation, 1<<24)
		}
	}
	w.setPadding(c, x.Dims()[2:])
	return w
}

// spatial returns an attribute with n numbers, all of them the same if it is not given.
func (c *call) spatial(name string, n, otherwise int) []int {
	list := c.attrInts(name)
	if list == nil {
		return slices.Repeat([]int{otherwise}, n)
	}
	if len(list) != n {
		c.fail("attribute %s is %v, %d numbers expected", name, list, n)
	}
	return list
}

// setPadding sets the padding for an image of the given sizes.
func (w *window) setPadding(c *call, sizes []int) {
	n := len(sizes)
	how := c.attrString("auto_pad", "NOTSET")
	switch how {
	case "NOTSET", "":
		pads := c.spatial("pads", 2*n, 0)
		for _, p := range pads {
			if p < 0 || p > 1<<24 {
				c.fail("padding %v, 0 to %d expected", pads, 1<<24)
			}
		}
		w.low, w.high = pads[:n], pads[n:]
	case "VALID":
		w.low, w.high = make([]int, n), make([]int, n)
	case "SAME_UPPER", "SAME_LOWER":
		w.low, w.high = make([]int, n), make([]int, n)
		for i, size := range sizes {
			windows := (size + w.stride[i] - 1) / w.stride[i]
			total := max(0, (windows-1)*w.stride[i]+w.extent(i)-size)
			w.low[i], w.high[i] = halves(total, how == "SAME_UPPER")
		}
	default:
		c.fail("attribute auto_pad is %q", how)
	}
}

// halves divides n; what is odd is on the upper side, or else on the lower.
func halves(n int, upper bool) (low, high int) {
	if upper {
		return n / 2, n - n/2
	}
	return n - n/2, n / 2
}

// extent returns how much of dimension i the dilated kernel spans.
func (w window) extent(i int) int { return w.dilation[i]*(w.kernel[i]-1) + 1 }

// after returns the window over the dimensions from i on.
func (w window) after(i int) window {
	return window{w.kernel[i:], w.stride[i:], w.dilation[i:], w.low[i:], w.high[i:]}
}

// over2 returns the window with a first dimension of size 1, over which nothing moves, if it has only one.
func (w window) over2() window {
	if len(w.kernel) != 1 {
		return w
	}
	one := func(list []int, v int) []int { return append([]int{v}, list...) }
	return window{one(w.kernel, 1), one(w.stride, 1), one(w.dilation, 1), one(w.low, 0), one(w.high, 0)}
}

// planar returns x [N C L] as [N C 1 L], and others as they are.
func planar(x *graph.Node) *graph.Node {
	if s := x.Shape(); s.Rank() == 3 {
		return op.Reshape(x, s.Dim(0), s.Dim(1), 1, s.Dim(2))
	}
	return x
}

// linear returns y [N C 1 L] as [N C L] if rank is 3.
func linear(y *graph.Node, rank int) *graph.Node {
	if s := y.Shape(); rank == 3 {
		return op.Reshape(y, s.Dim(0), s.Dim(1), s.Dim(3))
	}
	return y
}

// pads4 returns the padding of a window over two dimensions: top, left, bottom, right.
func (w window) pads4() [4]int { return [4]int{w.low[0], w.low[1], w.high[0], w.high[1]} }

// perChannel returns v [C] in a shape that broadcasts to [N C ...] of the given rank.
func perChannel(v *graph.Node, rank int) *graph.Node {
	dims := slices.Repeat([]int{1}, max(rank-1, 1))
	dims[0] = v.Shape().Size()
	return op.Reshape(v, dims...)
}
