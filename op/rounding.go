package op

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// The roundings have no gradient: the derivative is 0 wherever there is one.

// FloorOp is the largest whole number that is not above x.
type FloorOp struct{ unary }

// Floor returns x rounded down.
func Floor(x *graph.Node) *graph.Node { return graph.Apply(FloorOp{}, x) }

// Name returns "Floor".
func (FloorOp) Name() string { return "Floor" }

// F returns x rounded down.
func (FloorOp) F(x float32) float32 { return float32(math.Floor(float64(x))) }

// Eval computes the reference value.
func (o FloorOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad returns nil.
func (FloorOp) Grad(_, _ *graph.Node) []*graph.Node { return nil }

// CeilOp is the smallest whole number that is not below x.
type CeilOp struct{ unary }

// Ceil returns x rounded up.
func Ceil(x *graph.Node) *graph.Node { return graph.Apply(CeilOp{}, x) }

// Name returns "Ceil".
func (CeilOp) Name() string { return "Ceil" }

// F returns x rounded up.
func (CeilOp) F(x float32) float32 { return float32(math.Ceil(float64(x))) }

// Eval computes the reference value.
func (o CeilOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad returns nil.
func (CeilOp) Grad(_, _ *graph.Node) []*graph.Node { return nil }

// RoundOp is the whole number nearest to x.
type RoundOp struct{ unary }

// Round returns x rounded to the nearest whole number, ties to the even one.
func Round(x *graph.Node) *graph.Node { return graph.Apply(RoundOp{}, x) }

// Name returns "Round".
func (RoundOp) Name() string { return "Round" }

// F returns x rounded to the nearest whole number.
func (RoundOp) F(x float32) float32 { return float32(math.RoundToEven(float64(x))) }

// Eval computes the reference value.
func (o RoundOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad returns nil.
func (RoundOp) Grad(_, _ *graph.Node) []*graph.Node { return nil }
