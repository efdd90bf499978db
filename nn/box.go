package nn

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

// Boxes are the corners x0, y0, x1, y1 of rectangles, with x0 <= x1 and y0 <= y1, in the last dimension of a tensor.

// corner returns number i of the corners of boxes, without their dimension.
func corner(boxes *graph.Node, i int) *graph.Node {
	dims := boxes.Shape().Dims()
	last := len(dims) - 1
	return op.Reshape(op.Slice(boxes, last, i, i+1, 1), dims[:last]...)
}

// BoxCorners returns the corners of boxes of which the middle and the size are given: x, y, width, height in the last dimension.
func BoxCorners(middles *graph.Node) *graph.Node {
	last := middles.Shape().Rank() - 1
	middle, half := op.Slice(middles, last, 0, 2, 1), op.Mul(op.Slice(middles, last, 2, 4, 1), middles.Graph().Scalar(0.5))
	return op.Concat(last, op.Sub(middle, half), op.Add(middle, half))
}

// GIoU returns the generalised intersection over union of each box of a with the box of b at the same place, from -1 (far apart) to 1 (equal): IoU minus
// the share of the smallest box around both that neither covers (Rezatofighi et al., "Generalized intersection over union", CVPR 2019, algorithm 1). Its
// loss is 1 - GIoU. The shapes [..., 4] become [...].
func GIoU(a, b *graph.Node) *graph.Node {
	span := func(low, high *graph.Node) *graph.Node { return op.Sub(high, low) }
	area := func(x *graph.Node) *graph.Node {
		return op.Mul(span(corner(x, 0), corner(x, 2)), span(corner(x, 1), corner(x, 3)))
	}
	var shared, around [2]*graph.Node // width and height
	for i := range shared {
		a0, a1, b0, b1 := corner(a, i), corner(a, i+2), corner(b, i), corner(b, i+2)
		shared[i] = op.Relu(span(op.Max(a0, b0), op.Min(a1, b1)))
		around[i] = span(op.Min(a0, b0), op.Max(a1, b1))
	}
	const eps = 1e-7 // of boxes without area, as torchvision has it
	tiny := a.Graph().Scalar(eps)
	intersection, hull := op.Mul(shared[0], shared[1]), op.Mul(around[0], around[1])
	union := op.Sub(op.Add(area(a), area(b)), intersection)
	iou := op.Div(intersection, op.Add(union, tiny))
	return op.Sub(iou, op.Div(op.Sub(hull, union), op.Add(hull, tiny)))
}
