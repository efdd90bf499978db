package onnx

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

func init() {
	register("Softmax", 1, func(c *call) []value { return c.alongAxis(op.Softmax) })
	register("LogSoftmax", 1, func(c *call) []value { return c.alongAxis(op.LogSoftmax) })
}

// alongAxis applies f along the attribute axis. Before operator set 13 the tensor is taken as a matrix, the dimensions from axis on being its columns.
func (c *call) alongAxis(f func(x *graph.Node, axis int) *graph.Node) []value {
	x := c.float(0)
	s := x.Shape()
	if c.opset >= 13 {
		return c.one(f(x, c.axis(c.attrInt("axis", -1), s.Rank())))
	}
	axis := c.attrInt("axis", 1)
	if axis != s.Rank() { // which leaves a column
		axis = c.axis(axis, s.Rank())
	}
	return c.one(op.Reshape(f(op.Flatten(x, axis), 1), s.Dims()...))
}
