package op

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// LogSoftmaxOp is the logarithm of Softmax along Axis.
type LogSoftmaxOp struct{ Axis int }

// LogSoftmax returns x - log(sum(exp(x))) along axis (negative: from the end), without overflow and without the loss of
// digits that Log(Softmax(x)) has.
func LogSoftmax(x *graph.Node, axis int) *graph.Node {
	return graph.Apply(LogSoftmaxOp{fromEnd(axis, x.Shape().Rank())}, x)
}

// Name returns "LogSoftmax".
func (LogSoftmaxOp) Name() string { return "LogSoftmax" }

// Infer returns the input's type.
func (o LogSoftmaxOp) Infer(in []graph.Type) (graph.Type, error) { return inferAlong(o.Axis, in, 1) }

// Eval computes the reference value in float64.
func (o LogSoftmaxOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	x, y := in[0].F32(), out.F32()
	eachLane(out.Shape(), o.Axis, func(start, n, stride int) {
		logSum := logSumExp(x, start, n, stride)
		for i := start; i < start+n*stride; i += stride {
			y[i] = float32(float64(x[i]) - logSum)
		}
	})
}

// Grad: dx = dy - exp(y) sum(dy).
func (o LogSoftmaxOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{graph.Apply(LogSoftmaxGradOp(o), dy, n)}
}

// FLOPs counts the maximum, two differences, exponential and sum of each element.
func (LogSoftmaxOp) FLOPs(_ []graph.Type, out graph.Type) int64 { return 5 * int64(out.Size()) }

// LogSoftmaxGradOp is dy - exp(y) sum(dy) with the sum along Axis; its inputs are dy and y, the result of LogSoftmax.
type LogSoftmaxGradOp struct{ Axis int }

// Name returns "LogSoftmaxGrad".
func (LogSoftmaxGradOp) Name() string { return "LogSoftmaxGrad" }

// Infer checks that dy and y have one type.
func (o LogSoftmaxGradOp) Infer(in []graph.Type) (graph.Type, error) {
	return inferAlong(o.Axis, in, 2)
}

// Eval computes the reference value in float64.
func (o LogSoftmaxGradOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	dy, y, dx := in[0].F32(), in[1].F32(), out.F32()
	eachLane(out.Shape(), o.Axis, func(start, n, stride int) {
		sum := 0.0
		for i := start; i < start+n*stride; i += stride {
			sum += float64(dy[i])
		}
		for i := start; i < start+n*stride; i += stride {
			dx[i] = float32(float64(dy[i]) - math.Exp(float64(y[i]))*sum)
		}
	})
}

// Grad: with p = exp(y) and v for ddy, the derivative by dy is v - sum(p v), by y it is -p v sum(dy).
func (o LogSoftmaxGradOp) Grad(n, ddy *graph.Node) []*graph.Node {
	dy, y := n.In(0), n.In(1)
	weighted := Mul(Exp(y), ddy)
	return []*graph.Node{
		Sub(ddy, ReduceSum(weighted, true, o.Axis)),
		Neg(Mul(weighted, ReduceSum(dy, true, o.Axis))),
	}
}

// FLOPs counts an exponential, a sum, a product and a difference for each element.
func (LogSoftmaxGradOp) FLOPs(_ []graph.Type, out graph.Type) int64 { return 4 * int64(out.Size()) }
