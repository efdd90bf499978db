package op

import (
	"fmt"
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// CastOp converts the elements to type To.
type CastOp struct{ To tensor.DType }

// Cast returns x with its elements converted to type to; x itself if they have it. The types are f32, i32, i64, u32, u8,
// i8 and bool.
//
//   - f32 to an integer: rounded toward 0; what lies outside becomes the nearest integer of the type, NaN becomes 0.
//   - An integer to a smaller one: the upper bits are lost.
//   - An integer to f32: rounded to the nearest, ties to even.
//   - To bool: whether it differs from 0, which NaN does. From bool: 0 or 1.
func Cast(x *graph.Node, to tensor.DType) *graph.Node {
	if x.DType() == to {
		return x
	}
	return graph.Apply(CastOp{to}, x)
}

// Name returns "Cast".
func (CastOp) Name() string { return "Cast" }

// Infer returns the type with element type To, which must be another than the input's.
func (o CastOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := takes(in, anyType); err != nil {
		return graph.Type{}, err
	}
	if !castable(in[0].DType) || !castable(o.To) || in[0].DType == o.To {
		return graph.Type{}, fmt.Errorf("no cast from %v to %v", in[0].DType, o.To)
	}
	return graph.Type{DType: o.To, Shape: in[0].Shape}, nil
}

func castable(d tensor.DType) bool {
	switch d {
	case tensor.F32, tensor.I32, tensor.I64, tensor.U32, tensor.U8, tensor.I8, tensor.Bool:
		return true
	}
	return false
}

// Eval converts element by element.
func (o CastOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	x := in[0]
	switch o.To {
	case tensor.F32:
		for i := range out.F32() {
			out.F32()[i] = float32(integerAt(x, i))
		}
	case tensor.I32:
		castToInteger(out.I32(), x, math.MinInt32, math.MaxInt32)
	case tensor.I64:
		castToInteger(out.I64(), x, math.MinInt64, math.MaxInt64)
	case tensor.U32:
		castToInteger(out.U32(), x, 0, math.MaxUint32)
	case tensor.U8:
		castToInteger(out.U8(), x, 0, math.MaxUint8)
	case tensor.I8:
		castToInteger(tensor.View[int8](out.Bytes()), x, math.MinInt8, math.MaxInt8)
	case tensor.Bool:
		for i := range out.Bool() {
			if x.DType() == tensor.F32 {
				out.Bool()[i] = x.F32()[i] != 0
			} else {
				out.Bool()[i] = integerAt(x, i) != 0
			}
		}
	}
}

func castToInteger[T int32 | int64 | uint32 | uint8 | int8](dst []T, x *tensor.Tensor, lo, hi int64) {
	for i := range dst {
		if x.DType() == tensor.F32 {
			dst[i] = T(truncate(x.F32()[i], lo, hi))
		} else {
			dst[i] = T(integerAt(x, i))
		}
	}
}

// truncate returns x rounded toward 0 and limited to lo..hi; 0 for NaN. (Go leaves open what T(x) is beyond T's range.)
func truncate(x float32, lo, hi int64) int64 {
	switch v := float64(x); {
	case x != x:
		return 0
	case v <= float64(lo):
		return lo
	case v >= float64(hi):
		return hi
	}
	return int64(x)
}

// integerAt returns element i of a tensor of integers or truth values.
func integerAt(x *tensor.Tensor, i int) int64 {
	switch x.DType() {
	case tensor.I32:
		return int64(x.I32()[i])
	case tensor.I64:
		return x.I64()[i]
	case tensor.U32:
		return int64(x.U32()[i])
	case tensor.U8:
		return int64(x.U8()[i])
	case tensor.I8:
		return int64(int8(x.Bytes()[i]))
	}
	if x.Bool()[i] {
		return 1
	}
	return 0
}

// Grad returns nil: of these types only f32 carries gradients, and there is no cast from f32 to f32.
func (CastOp) Grad(_, _ *graph.Node) []*graph.Node { return nil }

// FLOPs returns 0.
func (CastOp) FLOPs([]graph.Type, graph.Type) int64 { return 0 }
