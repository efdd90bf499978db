package onnx

import (
	"slices"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	register("NegativeLogLikelihoodLoss", 12, func(c *call) []value { return c.one(c.likelihoodLoss(c.float(0))) })
	register("SoftmaxCrossEntropyLoss", 12, func(c *call) []value {
		logs := op.LogSoftmax(c.float(0), 1)
		return []value{c.x(0).with(c.likelihoodLoss(logs)), c.x(0).with(logs)}
	})
}

// likelihoodLoss returns minus the logarithm, in x [N C ...], of the wanted class of each element, [N ...] in input 1, times the weight of that class in input 2.
// Elements of the class ignore_index count nothing. The mean is divided by the sum of the weights.
func (c *call) likelihoodLoss(x *graph.Node) *graph.Node {
	s := x.Shape()
	classes := op.Cast(c.x(1).whole(), tensor.I64)
	dims := classes.Shape().Dims()
	if s.Rank() < 2 || !equal(dims, slices.Delete(s.Dims(), 1, 2)) {
		c.fail("x has shape %v, the classes %v: [N C ...] and [N ...] expected", s, classes.Shape())
	}
	weight := graph.Expand(c.scalar(1), classes.Shape())
	ignored := c.attribute("ignore_index", kindInt)
	var counts *graph.Node
	if ignored != nil {
		counts = not(op.Equal(classes, c.integer(int(ignored.i))))
		classes = op.Where(counts, classes, c.integer(0))
	}
	if c.has(2) {
		weight = op.Gather(c.float(2), classes, 0)
	}
	if counts != nil {
		weight = op.Where(counts, weight, c.scalar(0))
	}
	wide := append([]int{dims[0], 1}, dims[1:]...)
	chosen := op.Reshape(c.gatherElements(x, op.Reshape(classes, wide...), 1), dims...)
	loss := op.Neg(op.Mul(chosen, weight))
	switch how := c.attrString("reduction", "mean"); how {
	case "none":
		return loss
	case "sum":
		return op.ReduceSum(loss, false)
	case "mean":
		return op.Div(op.ReduceSum(loss, false), op.ReduceSum(weight, false))
	default:
		c.fail("attribute reduction is %q, none, sum or mean expected", how)
	}
	return nil
}
