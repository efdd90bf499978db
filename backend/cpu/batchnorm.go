package cpu

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// Batch normalisation itself is taken apart into elementwise ops; here are its sums over each channel.
func init() {
	lowerings["BatchMean"] = func(c *compiler, n *graph.Node, dst *value, _ tail) {
		d, count := perChannel(n.In(0).Shape())
		c.sums(n, dst, sum{x: c.in(n)[0], scale: 1 / count, reduction: d})
	}
	lowerings["BatchVariance"] = func(c *compiler, n *graph.Node, dst *value, _ tail) {
		in := c.in(n)
		d, count := perChannel(n.In(0).Shape())
		c.sums(n, dst, sum{x: in[0], mean: in[1], square: true, scale: 1 / count, reduction: d})
	}
	lowerings["BatchNormGradScale"] = func(c *compiler, n *graph.Node, dst *value, _ tail) {
		in := c.in(n)
		d, _ := perChannel(n.In(1).Shape())
		c.sums(n, dst, sum{x: in[1], mean: in[2], times: in[0], scale: 1, variance: in[3], eps: n.Op().(op.BatchNormGradScaleOp).Eps, reduction: d})
	}
}

// perChannel returns the reduction of a tensor of shape s to its dimension 1, and how many elements make one result.
func perChannel(s tensor.Shape) (d *reduction, count float64) {
	return newReduction(s, func(i int) bool { return i == 1 }), float64(s.Size() / s.Dim(1))
}
