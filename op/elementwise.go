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

// A BinaryFunc is an op whose result is F of each pair of elements of its two float32 inputs, which broadcast.
type BinaryFunc interface {
	graph.Op
	F(a, b float32) float32
}

// unary is the shape rule and the cost of a UnaryFunc; ops embed it.
type unary struct{}

func (unary) Infer(in []graph.Type) (graph.Type, error) {
	if in[0].DType != tensor.F32 {
		return in[0], fmt.Errorf("element type %v, f32 expected", in[0].DType)
	}
	return in[0], nil
}
func (unary) FLOPs(_ []graph.Type, out graph.Type) int64 { return int64(out.Size()) }
func (unary) Donates(int) bool                           { return true }

func evalUnary(out *tensor.Tensor, in []*tensor.Tensor, f func(float32) float32) {
	y := out.F32()
	for i, x := range in[0].F32() {
		y[i] = f(x)
	}
}

// binary is the shape rule and the cost of a BinaryFunc on float32; ops embed it.
type binary struct{}

func (binary) Infer(in []graph.Type) (graph.Type, error) {
	t, err := graph.InferBroadcast(in)
	if err == nil && t.DType != tensor.F32 {
		err = fmt.Errorf("element type %v, f32 expected", t.DType)
	}
	return t, err
}
func (binary) FLOPs(_ []graph.Type, out graph.Type) int64 { return int64(out.Size()) }
func (binary) Donates(int) bool                           { return true }

func evalBinary(out *tensor.Tensor, in []*tensor.Tensor, f func(a, b float32) float32) {
	graph.EvalBinary(out.F32(), in[0].F32(), in[1].F32(), out, in, f)
}

// like returns a node of x's type filled with v.
func like(x *graph.Node, v float64) *graph.Node { return x.Graph().Fill(x.Type(), v) }
