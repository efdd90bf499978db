package cpu

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

func init() { lowerings["Conv2DInputGrad"] = lowerConv2DInputGrad }

func lowerConv2DInputGrad(c *compiler, n *graph.Node, dst *value, then tail) {
	a := n.Op().(op.Conv2DInputGradOp).ConvAttrs
	if c.depthwise(a, n.In(1).Shape()) {
		k := c.depthwiseOf(a, n.Shape(), n.In(1).Shape())
		c.depthwiseRows(n, k, k.InputGrad, dst, then)
		return
	}
	dy := c.convInput(a, n.In(0))
	if dst.layout == channelsLast {
		k := c.convOf(a, n.Shape(), n.In(1).Shape(), c.of[n.In(1)].constant(), dst.layout, dy.layout, 0, true)
		c.lastDirection(n, k, k.InputGrad, dy, dst, then)
		return
	}
	k := c.convOf(a, n.Shape(), n.In(1).Shape(), c.of[n.In(1)].constant(), dst.layout, dy.layout, 1, true)
	c.direction(n, k, k.InputGrad, dy, k.y, k.x, k.H*k.W, dst, then)
}
