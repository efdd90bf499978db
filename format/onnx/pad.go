package onnx

import (
	"slices"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	register("Pad", 1, pad)
	register("CenterCropPad", 18, centerCropPad)
}

// pad takes padding and value from inputs, or before operator set 11 from attributes. Negative padding cuts off.
func pad(c *call) []value {
	x := c.x(0)
	low, high := c.padding(x.rank())
	n := x.n
	for axis := range low { // what is cut off takes no part
		n = op.Slice(n, axis, min(max(0, -low[axis]), n.Shape().Dim(axis)), max(0, n.Shape().Dim(axis)-max(0, -high[axis])), 1)
		low[axis], high[axis] = max(0, low[axis]), max(0, high[axis])
	}
	mode := c.attrString("mode", "constant")
	if mode == "constant" {
		return c.padConstant(x.with(n), low, high)
	}
	for axis := range low {
		if low[axis]+high[axis] > 0 {
			n = c.padFrom(n, mode, axis, low[axis], high[axis])
		}
	}
	return c.one(n)
}

// padding returns how much is added before and behind each of rank dimensions.
func (c *call) padding(rank int) (low, high []int) {
	var pads []int
	axes := identity(rank)
	switch {
	case c.opset < 2:
		pads = c.attrInts("paddings")
	case c.opset < 11:
		pads = c.attrInts("pads")
	default:
		pads = c.ints(1, "the padding")
		if c.has(3) {
			axes = c.axes(c.ints(3, "the axes"), rank)
		}
	}
	if len(pads) != 2*len(axes) {
		c.fail("padding %v for %d dimensions", pads, len(axes))
	}
	low, high = make([]int, rank), make([]int, rank)
	for i, axis := range axes {
		low[axis], high[axis] = pads[i], pads[len(axes)+i]
		if max(low[axis], high[axis]) > MaxElements || min(low[axis], high[axis]) < -MaxElements {
			c.fail("padding %v, numbers up to %d expected", pads, MaxElements)
		}
	}
	return low, high
}

// padConstant surrounds x with a value: 0 unless one is given.
func (c *call) padConstant(x value, low, high []int) []value {
	if !slices.ContainsFunc(append(low[:len(low):len(low)], high...), func(p int) bool { return p != 0 }) {
		return []value{x}
	}
	v := fill(x.n, 0)
	switch {
	case c.opset < 11:
		v = op.Cast(c.scalar(float64(c.attrFloat("value", 0))), x.n.DType())
	case c.has(2):
		v = op.Reshape(op.Cast(c.x(2).n, x.n.DType()))
	}
	if x.n.DType() == tensor.F32 {
		if known := c.folder.value(v); known != nil {
			return c.one(op.Pad(x.n, low, high, known.F32()[0]))
		}
	}
	n := x.n
	for axis := range low {
		part := func(size int) *graph.Node { return graph.Expand(v, n.Shape().With(axis, size)) }
		n = op.Concat(axis, part(low[axis]), n, part(high[axis]))
	}
	return c.one(n)
}

// padFrom continues x along axis with elements of its own: its last ones again (edge), mirrored at the last one (reflect), or from the other end (wrap).
func (c *call) padFrom(x *graph.Node, mode string, axis, low, high int) *graph.Node {
	n := x.Shape().Dim(axis)
	if n == 0 {
		c.fail("mode %s of shape %v, which has no elements", mode, x.Shape())
	}
	if low+n+high > MaxElements {
		c.fail("more than %d elements", MaxElements)
	}
	indices := c.tensor(tensor.I64, low+n+high)
	for i := range indices.I64() {
		at := i - low
		switch mode {
		case "edge":
			at = min(max(at, 0), n-1)
		case "wrap":
			at = ((at % n) + n) % n
		case "reflect":
			at = reflectIndex(at, n)
		default:
			c.fail("attribute mode is %q, constant, reflect, edge or wrap expected", mode)
		}
		indices.I64()[i] = int64(at)
	}
	return op.Gather(x, c.constant(indices), axis)
}

// reflectIndex mirrors an index at the first and last of n elements, as often as it takes.
func reflectIndex(i, n int) int {
	if n == 1 {
		return 0
	}
	period := 2 * (n - 1)
	i = (i%period + period) % period
	return min(i, period-i)
}

// centerCropPad cuts or pads with zeros on both sides, the odd element behind, to the wanted sizes.
func centerCropPad(c *call) []value {
	x := c.x(0)
	axes := identity(x.rank())
	if a := c.attrInts("axes"); a != nil {
		axes = c.axes(a, x.rank())
	}
	sizes := c.ints(1, "the shape")
	if len(sizes) != len(axes) {
		c.fail("shape %v for %d dimensions", sizes, len(axes))
	}
	n := x.n
	for i, axis := range axes {
		switch more := sizes[i] - n.Shape().Dim(axis); {
		case sizes[i] < 0 || sizes[i] > MaxElements:
			c.fail("shape %v, sizes of 0 to %d expected", sizes, MaxElements)
		case more < 0:
			first := -more / 2
			n = op.Slice(n, axis, first, first+sizes[i], 1)
		case more > 0:
			part := func(size int) *graph.Node { return graph.Expand(fill(n, 0), n.Shape().With(axis, size)) }
			n = op.Concat(axis, part(more/2), n, part(more-more/2))
		}
	}
	return c.one(n)
}
