package cpu

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

// Batch normalisation itself is taken apart into elementwise ops; here are its sums over each channel.
func init() {
	lowerings["BatchMean"] = func(c *compiler, n *graph.Node, dst *value, _ tail) {
		x := c.of[n.In(0)]
		d, count := perChannel(x)
		c.sums(n, dst, sum{x: x, scale: 1 / count, reduction: d})
	}
	lowerings["BatchVariance"] = func(c *compiler, n *graph.Node, dst *value, _ tail) {
		x := c.of[n.In(0)]
		d, count := perChannel(x)
		c.sums(n, dst, sum{x: x, mean: c.of[n.In(1)], square: true, scale: 1 / count, reduction: d})
	}
	lowerings["BatchNormGradScale"] = func(c *compiler, n *graph.Node, dst *value, _ tail) {
		x := c.of[n.In(1)]
		d, _ := perChannel(x)
		c.sums(n, dst, sum{x: x, mean: c.of[n.In(2)], times: c.as(n.In(0), x.layout), scale: 1, variance: c.of[n.In(3)], eps: n.Op().(op.BatchNormGradScaleOp).Eps, reduction: d})
	}
}

// perChannel returns the reduction of x to its dimension 1, and how many elements make one result.
func perChannel(x *value) (d *reduction, count float64) {
	s := x.typ.Shape
	return newReduction(s, x.layout, func(i int) bool { return i == 1 }), float64(s.Size() / s.Dim(1))
}
