package cpu

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

func init() { lowerings["Conv2DInputGrad"] = lowerConv2DInputGrad }

func lowerConv2DInputGrad(c *compiler, n *graph.Node, dst *value, then tail) {
	k := c.convOf(n.Op().(op.Conv2DInputGradOp).ConvAttrs, n.Shape(), n.In(1).Shape(), 1)
	c.direction(n, k, k.InputGrad, k.y, k.x, k.H*k.W, dst, then)
}
