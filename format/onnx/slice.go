package onnx

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	register("Slice", 1, slice)
	register("Split", 1, split)
}

// slice takes starts, ends, axes and steps from inputs, or before operator set 10 from attributes.
func slice(c *call) []value {
	x := c.x(0)
	var starts, ends, axes, steps []int
	if c.opset < 10 {
		starts, ends, axes = c.attrInts("starts"), c.attrInts("ends"), c.attrInts("axes")
	} else {
		starts, ends = c.ints(1, "the starts"), c.ints(2, "the ends")
		if c.has(3) {
			axes = c.ints(3, "the axes")
		}
		if c.has(4) {
			steps = c.ints(4, "the steps")
		}
	}
	if axes == nil {
		axes = identity(len(starts))
	}
	if steps == nil {
		steps = ones(len(starts))
	}
	if len(ends) != len(starts) || len(axes) != len(starts) || len(steps) != len(starts) {
		c.fail("%d starts, %d ends, %d axes and %d steps, the same number expected", len(starts), len(ends), len(axes), len(steps))
	}
	n := x.n
	for i, axis := range c.axes(axes, x.rank()) {
		n = c.slice(n, axis, starts[i], ends[i], steps[i])
	}
	return c.one(n)
}

// slice returns a range as Python has it: negative numbers count from the end, and what lies beyond the elements is left out.
func (c *call) slice(x *graph.Node, axis, start, end, step int) *graph.Node {
	n := x.Shape().Dim(axis)
	clamp := func(i, lo, hi int) int {
		if i < 0 {
			i = max(i, math.MinInt+n) + n
		}
		return min(max(i, lo), hi)
	}
	switch {
	case step == 0:
		c.fail("a step of 0")
	case step > 0:
		start, end = clamp(start, 0, n), clamp(end, 0, n)
		return op.Slice(x, axis, start, max(start, end), min(step, max(n, 1)))
	}
	first, last := clamp(start, -1, n-1), clamp(end, -1, n-1)
	if start < 0 {
		first = min(max(max(start, math.MinInt+n)+n, -1), n-1)
	}
	step = max(step, -max(n, 1))
	list := c.tensor(tensor.I64, max(0, (last-first+step+1)/step))
	for i := range list.I64() {
		list.I64()[i] = int64(first + i*step)
	}
	return op.Gather(x, c.constant(list), axis)
}

// split takes the sizes of the parts from an input, or before operator set 13 from an attribute. Without, the parts are equal, but for the last.
func split(c *call) []value {
	x := c.x(0)
	axis := c.axis(c.attrInt("axis", 0), x.rank())
	n, parts := x.dim(axis), len(c.node.outputs)
	var sizes []int
	switch {
	case c.opset < 13:
		sizes = c.attrInts("split")
	case c.has(1):
		sizes = c.ints(1, "the sizes of the parts")
	}
	if sizes == nil {
		if count := c.attrInt("num_outputs", parts); count < 1 || count > parts {
			c.fail("attribute num_outputs is %d, there are %d outputs", count, parts)
		} else {
			parts = count
		}
		size := (n + parts - 1) / parts
		for i := range parts {
			sizes = append(sizes, min(size, max(0, n-i*size)))
		}
	}
	if len(sizes) > len(c.node.outputs) {
		c.fail("%d sizes of parts, there are %d outputs", len(sizes), len(c.node.outputs))
	}
	var out []value
	start := 0
	for _, size := range sizes {
		if size < 0 || size > n-start {
			c.fail("parts of sizes %v of %d elements along axis %d", sizes, n, axis)
		}
		out = append(out, x.with(op.Slice(x.n, axis, start, start+size, 1)))
		start += size
	}
	if start != n {
		c.fail("parts of sizes %v of %d elements along axis %d", sizes, n, axis)
	}
	return out
}
