package onnx

import (
	"slices"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	register("Shape", 1, shape)
	register("Size", 1, func(c *call) []value { return c.integers(tensor.Shape{}, c.x(0).shape().Size()) })
	register("Reshape", 1, reshape)
	register("Flatten", 1, flatten)
	register("Squeeze", 1, squeeze)
	register("Unsqueeze", 1, unsqueeze)
	register("Transpose", 1, transpose)
	register("Expand", 8, expand)
	register("Tile", 1, tile)
	register("Concat", 1, concat)
}

// integers returns the outputs of an operator that has one, constant and of type int64.
func (c *call) integers(s tensor.Shape, list ...int) []value {
	t := tensor.New(tensor.I64, s)
	for i, v := range list {
		t.I64()[i] = int64(v)
	}
	return []value{{n: c.constant(t), t: Int64}}
}

// shape returns the sizes of the dimensions from start to end, which are clamped.
func shape(c *call) []value {
	dims := c.x(0).shape().Dims()
	clamp := func(i int) int {
		if i < 0 {
			i += len(dims)
		}
		return min(max(i, 0), len(dims))
	}
	start, end := clamp(c.attrInt("start", 0)), clamp(c.attrInt("end", len(dims)))
	dims = dims[start:max(start, end)]
	return c.integers(tensor.ShapeOf(len(dims)), dims...)
}

// reshape takes the sizes from an input, or before operator set 5 from an attribute. A size of 0 is that of the input, unless allowzero says otherwise.
func reshape(c *call) []value {
	x := c.x(0)
	var dims []int
	if c.opset < 5 {
		dims = c.attrInts("shape")
	} else {
		dims = c.ints(1, "the shape")
	}
	dims = slices.Clone(dims)
	if !c.attrBool("allowzero") {
		for i, d := range dims {
			if d == 0 {
				if i >= x.rank() {
					c.fail("shape %v: dimension %d of shape %v, which has none", dims, i, x.shape())
				}
				dims[i] = x.dim(i)
			}
		}
	}
	if i := slices.Index(dims, -1); i >= 0 && x.shape().Size() == 0 {
		dims[i] = openSize(x.shape().Dims(), dims)
	}
	return c.one(op.Reshape(x.n, dims...))
}

// openSize returns the size in place of -1 in dims for a tensor without elements: 0, or, if another size is 0, what is left of the old sizes that
// are not.
func openSize(old, dims []int) int {
	if !slices.Contains(dims, 0) {
		return 0
	}
	left := 1
	for _, d := range old {
		left *= max(d, 1)
	}
	for _, d := range dims {
		left /= max(d, 1)
	}
	return left
}

func flatten(c *call) []value {
	x := c.x(0)
	axis := c.attrInt("axis", 1)
	if axis < -x.rank() || axis > x.rank() {
		c.fail("axis %d of shape %v, %d to %d expected", axis, x.shape(), -x.rank(), x.rank())
	}
	return c.one(op.Flatten(x.n, axis))
}

// axesInput returns the axes, which are an attribute before operator set since, then input 1; nil if they are left out.
func (c *call) axesInput(since int) []int {
	switch {
	case c.opset < since:
		return c.attrInts("axes")
	case c.has(1):
		return c.ints(1, "the axes")
	}
	return nil
}

// squeeze removes dimensions of size 1: those given, or else all.
func squeeze(c *call) []value {
	x := c.x(0)
	axes := c.axes(c.axesInput(13), x.rank())
	dims := []int{}
	for i, d := range x.shape().All() {
		listed := slices.Contains(axes, i)
		if listed && d != 1 {
			c.fail("dimension %d of shape %v has size %d, 1 expected", i, x.shape(), d)
		}
		if !listed && (len(axes) > 0 || d != 1) {
			dims = append(dims, d)
		}
	}
	return c.one(op.Reshape(x.n, dims...))
}

func unsqueeze(c *call) []value {
	x := c.x(0)
	axes := c.axesInput(13)
	rank := x.rank() + len(axes)
	if rank > tensor.MaxRank {
		c.refuse("results of more than %d dimensions", tensor.MaxRank)
	}
	axes = c.axes(axes, rank)
	dims := make([]int, 0, rank)
	old := x.shape().Dims()
	for i := range rank {
		if slices.Contains(axes, i) {
			dims = append(dims, 1)
		} else {
			dims, old = append(dims, old[0]), old[1:]
		}
	}
	return c.one(op.Reshape(x.n, dims...))
}

func transpose(c *call) []value {
	x := c.x(0)
	perm := c.attrInts("perm")
	if perm == nil {
		return c.one(op.Transpose(x.n))
	}
	if len(perm) != x.rank() {
		c.fail("permutation %v of shape %v, %d numbers expected", perm, x.shape(), x.rank())
	}
	if x.rank() == 0 {
		return c.one(x.n)
	}
	return c.one(op.Transpose(x.n, perm...))
}

// expand broadcasts both ways: sizes of the input other than 1 stay where the wanted ones are 1.
func expand(c *call) []value {
	x := c.x(0)
	s, err := graph.Broadcast(x.shape(), c.shapeOf(c.ints(1, "the shape")))
	c.check(err)
	return c.one(graph.Expand(x.n, s))
}

// shapeOf returns the shape with the given sizes.
func (c *call) shapeOf(dims []int) tensor.Shape {
	if len(dims) > tensor.MaxRank {
		c.refuse("results of more than %d dimensions", tensor.MaxRank)
	}
	for _, d := range dims {
		if d < 0 {
			c.fail("shape %v, sizes of 0 or more expected", dims)
		}
	}
	s := tensor.ShapeOf(dims...)
	if !fits(s) {
		c.fail("shape %v, at most %d elements are possible", s, MaxElements)
	}
	return s
}

// tile repeats the tensor along each dimension. In operator set 1 there is one number of repeats and one axis.
func tile(c *call) []value {
	x := c.x(0)
	repeats := slices.Repeat([]int{1}, x.rank())
	if c.opset < 6 {
		repeats[c.axis(c.int(2, "the axis"), x.rank())] = c.int(1, "the number of repeats")
	} else {
		repeats = c.ints(1, "the numbers of repeats")
	}
	if len(repeats) != x.rank() {
		c.fail("%d numbers of repeats for shape %v", len(repeats), x.shape())
	}
	n := x.n
	for i, times := range repeats {
		if times < 0 || times > MaxElements {
			c.fail("%d repeats, 0 to %d expected", times, MaxElements)
		}
		n = repeat(n, i, times)
	}
	return c.one(n)
}

// repeat returns x, times over, along axis.
func repeat(x *graph.Node, axis, times int) *graph.Node {
	if times == 1 {
		return x
	}
	outer, inner := 1, 1
	for i, d := range x.Shape().All() {
		if i < axis {
			outer *= d
		} else {
			inner *= d
		}
	}
	rows := op.Reshape(x, outer, 1, inner)
	dims := x.Shape().Dims()
	dims[axis] *= times
	return op.Reshape(graph.Expand(rows, tensor.ShapeOf(outer, times, inner)), dims...)
}

func concat(c *call) []value {
	c.check(sameType(c.in...))
	for i := range max(1, len(c.in)) {
		c.x(i) // none is left out
	}
	rank := c.x(0).rank()
	axis := c.attribute("axis", kindInt)
	switch {
	case axis != nil:
	case c.opset < 4:
		axis = &attributeProto{i: 1}
	default:
		c.fail("attribute axis is missing")
	}
	return c.one(op.Concat(c.axis(int(axis.i), rank), alike(c.in)...))
}
