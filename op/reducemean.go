package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// ReduceMeanOp is the mean over some dimensions.
type ReduceMeanOp struct{ ReduceAttrs }

// ReduceMean returns the mean of x over axes (none: all; negative ones count from the end), which it removes or, with
// keepDims, leaves with size 1. The mean of no elements is an error.
func ReduceMean(x *graph.Node, keepDims bool, axes ...int) *graph.Node {
	return graph.Apply(ReduceMeanOp{reduceAttrs("ReduceMean", x, keepDims, axes)}, x)
}

// Name returns "ReduceMean".
func (ReduceMeanOp) Name() string { return "ReduceMean" }

// Infer removes the reduced dimensions, or leaves them with size 1.
func (o ReduceMeanOp) Infer(in []graph.Type) (graph.Type, error) {
	t, err := o.ReduceAttrs.Infer(in)
	if err == nil {
		err = takes(in, tensor.F32)
	}
	if err == nil {
		err = o.notEmpty(in[0])
	}
	return t, err
}

// Eval sums in float64 and divides.
func (o ReduceMeanOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	sums := o.eval(in[0], 0, func(sum, x float64) float64 { return sum + x })
	for i, sum := range sums {
		out.F32()[i] = float32(sum / float64(o.Count(in[0].Shape())))
	}
}

// Grad repeats dy divided by the number of elements.
func (o ReduceMeanOp) Grad(n, dy *graph.Node) []*graph.Node {
	x := n.In(0)
	share := Mul(o.keep(dy, x), scalar(x, 1/float64(o.Count(x.Shape()))))
	return []*graph.Node{graph.Expand(share, x.Shape())}
}
