package onnx

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

func init() {
	register("TopK", 1, topK)
	register("CumSum", 11, cumSum)
}

// topK takes k from an attribute before operator set 10, then from an input, which must be known since it decides about the shape.
func topK(c *call) []value {
	x := c.x(0)
	axis := c.axis(c.attrInt("axis", -1), x.rank())
	k := c.attrInt("k", -1)
	if c.opset >= 10 {
		k = c.int(1, "k")
	}
	n := x.arithmetic()
	at := op.TopK(n, axis, k, c.attrInt("largest", 1) == 0)
	return []value{wrap(c.gatherElements(n, at, axis), x.t), {n: at, t: Int64}}
}

// cumSum adds to each element the one before it, then the one before the two that this is the sum of, and so on: as many steps as the length
// has binary digits.
func cumSum(c *call) []value {
	v := c.x(0)
	x := v.arithmetic()
	axis := c.axis(c.int(1, "the axis"), v.rank())
	backwards := c.attrBool("reverse")
	n := v.dim(axis)
	if c.attrBool("exclusive") && n > 0 {
		x = shifted(x, axis, 1, backwards)
	}
	for step := 1; step < n; step *= 2 {
		x = op.Add(x, shifted(x, axis, step, backwards))
	}
	return []value{wrap(x, v.t)}
}

// shifted moves the elements along axis by some places, and puts zeros behind them.
func shifted(x *graph.Node, axis, places int, backwards bool) *graph.Node {
	n := x.Shape().Dim(axis)
	zeros := x.Graph().Fill(graph.Type{DType: x.DType(), Shape: x.Shape().With(axis, places)}, 0)
	if backwards {
		return op.Concat(axis, op.Slice(x, axis, places, n, 1), zeros)
	}
	return op.Concat(axis, zeros, op.Slice(x, axis, 0, n-places, 1))
}
