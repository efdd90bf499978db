// Package op defines the ops: one file each, with the builder function that applies it, its type rule, its reference
// meaning, its gradient and its cost. Names and conventions are ONNX's, layouts NCHW and OIHW.
//
// Builders end the trace with a *graph.Error when their inputs do not fit (see [graph.Trace]).
package op

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// A UnaryFunc is an op whose result is F of each element of its one float32 input.
// Backends that know nothing faster call F.
type UnaryFunc interface {
	graph.Op
	F(x float32) float32
}

// A BinaryFunc is an op whose result on two float32 inputs, which broadcast, is F of each pair of elements.
// Some of these ops also take integers.
type BinaryFunc interface {
	graph.Op
	F(a, b float32) float32
}

// pointwise is the cost of an op whose element i depends on element i of each (broadcast) input alone: one operation per
// element, and the result may replace an input of its shape.
type pointwise struct{}

func (pointwise) FLOPs(_ []graph.Type, out graph.Type) int64 { return int64(out.Size()) }

// unary is the type rule and the cost of a UnaryFunc; ops embed it.
type unary struct{ pointwise }

func (unary) Infer(in []graph.Type) (graph.Type, error) {
	if err := takes(in, tensor.F32); err != nil {
		return graph.Type{}, err
	}
	return in[0], nil
}

func evalUnary(out *tensor.Tensor, in []*tensor.Tensor, f func(float32) float32) {
	y := out.F32()
	for i, x := range in[0].F32() {
		y[i] = f(x)
	}
}

// binary is the type rule and the cost of a BinaryFunc on float32; ops embed it.
type binary struct{ pointwise }

func (binary) Infer(in []graph.Type) (graph.Type, error) {
	if err := takes(in, tensor.F32, tensor.F32); err != nil {
		return graph.Type{}, err
	}
	return graph.InferBroadcast(in)
}

func evalBinary(out *tensor.Tensor, in []*tensor.Tensor, f func(a, b float32) float32) {
	graph.EvalBinary(out.F32(), in[0].F32(), in[1].F32(), out, in, f)
}

// unaryGrad is the type rule and the cost of the gradient of a UnaryFunc, itself a BinaryFunc: its inputs are dy and the
// UnaryFunc's input or result, of one shape.
type unaryGrad struct{ pointwise }

func (unaryGrad) Infer(in []graph.Type) (graph.Type, error) {
	if err := takes(in, tensor.F32, tensor.F32); err != nil {
		return graph.Type{}, err
	}
	if in[0].Shape != in[1].Shape {
		return graph.Type{}, fmt.Errorf("shapes %v and %v, equal ones expected", in[0].Shape, in[1].Shape)
	}
	return in[0], nil
}

// arithmetic is the type rule and the cost of a BinaryFunc that also takes integers.
type arithmetic struct{ pointwise }

func (arithmetic) Infer(in []graph.Type) (graph.Type, error) { return graph.InferBroadcast(in) }

// evalArithmetic applies that one of its functions which fits the element type. Integers wrap around.
func evalArithmetic(out *tensor.Tensor, in []*tensor.Tensor, f32 func(a, b float32) float32,
	i32 func(a, b int32) int32, i64 func(a, b int64) int64, u32 func(a, b uint32) uint32) {
	switch a, b := in[0], in[1]; out.DType() {
	case tensor.F32:
		graph.EvalBinary(out.F32(), a.F32(), b.F32(), out, in, f32)
	case tensor.I32:
		graph.EvalBinary(out.I32(), a.I32(), b.I32(), out, in, i32)
	case tensor.I64:
		graph.EvalBinary(out.I64(), a.I64(), b.I64(), out, in, i64)
	case tensor.U32:
		graph.EvalBinary(out.U32(), a.U32(), b.U32(), out, in, u32)
	}
}

// scalar returns a float32 scalar in x's graph.
func scalar(x *graph.Node, v float64) *graph.Node { return x.Graph().Scalar(v) }
