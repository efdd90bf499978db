package onnx

import (
	"slices"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// Quantised values are whole numbers in float32 (see value): the kernels for float32 compute with them, and elementwise parts fuse.

func init() {
	for _, domain := range []string{"", microsoft} {
		operators[operatorKey{domain, "QuantizeLinear"}] = operator{since: 10, build: quantizeLinear}
		operators[operatorKey{domain, "DequantizeLinear"}] = operator{since: 10, build: dequantizeLinear}
	}
	register("DynamicQuantizeLinear", 11, dynamicQuantizeLinear)
}

// quantizeLinear returns x / scale, rounded, plus the zero point, limited to the type of that.
func quantizeLinear(c *call) []value {
	t := DataType(c.attrInt("output_dtype", int(Undefined)))
	switch {
	case c.has(2):
		t = c.x(2).t
	case t == Undefined:
		t = Uint8
	}
	if err := t.supported(); err != nil {
		c.refuse("%v", err)
	}
	if !t.isFloat() && !t.isNarrow() {
		c.refuse("results of type %v", t)
	}
	x := c.real(0)
	scale := c.along(c.real(1), x.Shape())
	q := op.Div(x, scale)
	if t.isFloat() {
		v := value{n: q, t: Float}
		if saturates(t) && c.attrInt("saturate", 1) != 0 {
			v = saturated(v, t)
		}
		return []value{castTo(v, t)}
	}
	var zero *graph.Node
	if c.has(2) {
		zero = c.along(c.real(2), x.Shape())
	}
	return []value{quantised(q, zero, t)}
}

// quantised returns q, rounded, plus the zero point (nil: 0), as a value of type t.
func quantised(q, zero *graph.Node, t DataType) value {
	q = op.Round(q)
	if zero != nil && !isZero(zero) {
		q = op.Add(q, zero)
	}
	return value{n: op.Clip(q, float32(dataTypes[t].lo), float32(dataTypes[t].hi)), t: t}
}

// isZero reports whether n is a constant whose elements are all 0.
func isZero(n *graph.Node) bool {
	switch o := n.Op().(type) {
	case graph.ConstOp:
		return !slices.ContainsFunc(o.Value.Bytes(), func(b byte) bool { return b != 0 })
	case graph.FillOp:
		return o.Value == 0
	}
	return len(n.Ins()) == 1 && n.Op().Name() != "Not" && keepsZero(n.Op()) && isZero(n.In(0))
}

// keepsZero reports whether zeros stay zeros.
func keepsZero(o graph.Op) bool {
	switch o.(type) {
	case op.CastOp, op.ReshapeOp, graph.ExpandOp:
		return true
	}
	return false
}

// along returns scales or zero points in a shape that broadcasts to s: one number; one for each element along the attribute axis; or, with
// block_size, one for each block of so many along it.
func (c *call) along(n *graph.Node, s tensor.Shape) *graph.Node {
	if n.Shape().Size() == 1 {
		return op.Reshape(n)
	}
	axis := c.axis(c.attrInt("axis", 1), s.Rank())
	if block := c.attrInt("block_size", 0); block > 0 && n.Shape().Rank() == s.Rank() {
		return c.blocked(n, s, axis, block)
	}
	if n.Shape().Rank() != 1 || n.Shape().Size() != s.Dim(axis) {
		c.fail("scales or zero points of shape %v along axis %d of shape %v", n.Shape(), axis, s)
	}
	return op.Reshape(n, append([]int{s.Dim(axis)}, ones(s.Rank()-1-axis)...)...)
}

// blocked repeats each number along axis for the elements of its block.
func (c *call) blocked(n *graph.Node, s tensor.Shape, axis, block int) *graph.Node {
	if block > MaxElements {
		c.fail("blocks of %d elements, up to %d expected", block, MaxElements)
	}
	dims := n.Shape().Dims()
	if len(dims) == tensor.MaxRank {
		c.refuse("blocks in %d dimensions", tensor.MaxRank)
	}
	wide := slices.Insert(slices.Clone(dims), axis+1, block)
	n = graph.Expand(op.Reshape(n, slices.Insert(slices.Clone(dims), axis+1, 1)...), tensor.ShapeOf(wide...))
	dims[axis] *= block
	if dims[axis] < s.Dim(axis) {
		c.fail("%d blocks of %d along axis %d of shape %v", dims[axis]/block, block, axis, s)
	}
	return op.Slice(op.Reshape(n, dims...), axis, 0, s.Dim(axis), 1)
}

// dequantizeLinear returns (x - zero point) scale, of the type of the scale.
func dequantizeLinear(c *call) []value {
	x := c.real(0)
	if c.has(2) {
		if zero := c.along(c.real(2), x.Shape()); !isZero(zero) {
			x = op.Sub(x, zero)
		}
	}
	t := c.x(1).t
	if to := DataType(c.attrInt("output_dtype", int(Undefined))); to != Undefined {
		t = to
	}
	if !t.isFloat() {
		c.refuse("results of type %v", t)
	}
	return []value{{n: op.Mul(x, c.along(c.real(1), x.Shape())), t: t}}
}

// dynamicQuantizeLinear takes scale and zero point from the range of x, which is made to hold 0.
func dynamicQuantizeLinear(c *call) []value {
	x := c.float(0)
	zero, steps := c.scalar(0), c.scalar(255)
	low, high := op.Min(op.ReduceMin(x, false), zero), op.Max(op.ReduceMax(x, false), zero)
	scale := op.Div(op.Sub(high, low), steps)
	divisor := op.Where(op.Equal(scale, zero), c.scalar(1), scale) // of a tensor of zeros
	point := quantised(op.Neg(op.Div(low, divisor)), nil, Uint8)
	return []value{quantised(op.Div(x, divisor), point.n, Uint8), {n: scale, t: Float}, point}
}
