package onnx

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

func init() {
	register("DepthToSpace", 1, depthToSpace)
	register("SpaceToDepth", 1, spaceToDepth)
}

func (c *call) blocks() (x *graph.Node, b int) {
	x, b = c.x(0).n, c.attrInt("blocksize", 0)
	if x.Shape().Rank() != 4 || b < 1 || b > 1<<24 {
		c.fail("blocks of %d in shape %v, 1 or more and [N C H W] expected", b, x.Shape())
	}
	return x, b
}

// depthToSpace makes blocks of pixels out of channels. In mode DCR the place in the block comes first among the channels' digits, in CRD last.
func depthToSpace(c *call) []value {
	x, b := c.blocks()
	n, ch, h, w := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2), x.Shape().Dim(3)
	if ch%(b*b) != 0 {
		c.fail("%d channels do not divide into blocks of %d x %d", ch, b, b)
	}
	d := ch / (b * b)
	var y *graph.Node
	switch mode := c.attrString("mode", "DCR"); mode {
	case "DCR":
		y = op.Transpose(op.Reshape(x, n, b, b, d, h, w), 0, 3, 4, 1, 5, 2)
	case "CRD":
		y = op.Transpose(op.Reshape(x, n, d, b, b, h, w), 0, 1, 4, 2, 5, 3)
	default:
		c.fail("attribute mode is %q, DCR or CRD expected", mode)
	}
	return c.one(op.Reshape(y, n, d, h*b, w*b))
}

func spaceToDepth(c *call) []value {
	x, b := c.blocks()
	n, ch, h, w := x.Shape().Dim(0), x.Shape().Dim(1), x.Shape().Dim(2), x.Shape().Dim(3)
	if h%b != 0 || w%b != 0 {
		c.fail("shape %v does not divide into blocks of %d x %d", x.Shape(), b, b)
	}
	y := op.Transpose(op.Reshape(x, n, ch, h/b, b, w/b, b), 0, 3, 5, 1, 2, 4)
	return c.one(op.Reshape(y, n, ch*b*b, h/b, w/b))
}
