package op

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// SoftmaxOp is exp(x) divided by its sum along Axis.
type SoftmaxOp struct{ Axis int }

// Softmax returns exp(x) / sum(exp(x)) along axis (negative: from the end) (Bridle 1990). The largest element is subtracted
// first, so it does not overflow.
func Softmax(x *graph.Node, axis int) *graph.Node {
	return graph.Apply(SoftmaxOp{fromEnd(axis, x.Shape().Rank())}, x)
}

// Name returns "Softmax".
func (SoftmaxOp) Name() string { return "Softmax" }

// Infer returns the input's type.
func (o SoftmaxOp) Infer(in []graph.Type) (graph.Type, error) { return inferAlong(o.Axis, in, 1) }

// inferAlong is the type rule of an op on n float32 tensors of one shape that works along axis.
func inferAlong(axis int, in []graph.Type, n int) (graph.Type, error) {
	err := takes(in, tensor.F32)
	if n == 2 {
		_, err = unaryGrad{}.Infer(in)
	}
	if err == nil {
		err = checkAxis(axis, in[0].Shape)
	}
	if err != nil {
		return graph.Type{}, err
	}
	return in[0], nil
}

// Eval computes the reference value in float64.
func (o SoftmaxOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	x, y := in[0].F32(), out.F32()
	eachLane(out.Shape(), o.Axis, func(start, n, stride int) {
		logSum := logSumExp(x, start, n, stride)
		for i := start; i < start+n*stride; i += stride {
			y[i] = float32(math.Exp(float64(x[i]) - logSum))
		}
	})
}

// logSumExp returns log(sum(exp(x))) over n elements from start, stride apart.
func logSumExp(x []float32, start, n, stride int) float64 {
	largest, sum := math.Inf(-1), 0.0
	for i := start; i < start+n*stride; i += stride {
		largest = math.Max(largest, float64(x[i]))
	}
	for i := start; i < start+n*stride; i += stride {
		sum += math.Exp(float64(x[i]) - largest)
	}
	return largest + math.Log(sum)
}

// Grad: dx = y (dy - sum(dy y)).
func (o SoftmaxOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{graph.Apply(SoftmaxGradOp(o), dy, n)}
}

// FLOPs counts the maximum, difference, exponential, sum and quotient of each element.
func (SoftmaxOp) FLOPs(_ []graph.Type, out graph.Type) int64 { return 5 * int64(out.Size()) }

// SoftmaxGradOp is y (dy - sum(dy y)) with the sum along Axis; its inputs are dy and y, the result of Softmax.
type SoftmaxGradOp struct{ Axis int }

// Name returns "SoftmaxGrad".
func (SoftmaxGradOp) Name() string { return "SoftmaxGrad" }

// Infer checks that dy and y have one type.
func (o SoftmaxGradOp) Infer(in []graph.Type) (graph.Type, error) { return inferAlong(o.Axis, in, 2) }

// Eval computes the reference value in float64.
func (o SoftmaxGradOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	dy, y, dx := in[0].F32(), in[1].F32(), out.F32()
	eachLane(out.Shape(), o.Axis, func(start, n, stride int) {
		sum := 0.0
		for i := start; i < start+n*stride; i += stride {
			sum += float64(dy[i]) * float64(y[i])
		}
		for i := start; i < start+n*stride; i += stride {
			dx[i] = float32(float64(y[i]) * (float64(dy[i]) - sum))
		}
	})
}

// Grad: the op is linear and symmetric in dy; the derivative by y is v (dy - sum(dy y)) - dy sum(v y), with v for ddy.
func (o SoftmaxGradOp) Grad(n, ddy *graph.Node) []*graph.Node {
	dy, y := n.In(0), n.In(1)
	sum := func(a *graph.Node) *graph.Node { return ReduceSum(Mul(a, y), true, o.Axis) }
	return []*graph.Node{
		graph.Apply(o, ddy, y),
		Sub(Mul(ddy, Sub(dy, sum(dy))), Mul(dy, sum(ddy))),
	}
}

// FLOPs counts two products, a sum and a difference for each element.
func (SoftmaxGradOp) FLOPs(_ []graph.Type, out graph.Type) int64 { return 4 * int64(out.Size()) }
