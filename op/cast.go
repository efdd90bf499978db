package op

import (
	"fmt"
	"math"
	"unsafe"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// CastOp converts the elements to type To.
type CastOp struct{ To tensor.DType }

// Cast returns x with its elements converted to type to; x itself if they have it. It takes every type.
//
//   - To real numbers: rounded to the nearest, ties to even; what is too large becomes infinity (see [tensor.Convert]).
//   - Real numbers to an integer: rounded toward 0; what lies outside becomes the nearest integer of the type, NaN becomes 0.
//   - An integer to another type of integers: the upper bits are lost.
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
	if in[0].DType == o.To || o.To == tensor.Invalid || o.To > tensor.F8E5M2 {
		return graph.Type{}, fmt.Errorf("no cast from %v to %v", in[0].DType, o.To)
	}
	return graph.Type{DType: o.To, Shape: in[0].Shape}, nil
}

// Eval converts element by element.
func (o CastOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	x := in[0]
	if x.DType().IsFloat() && x.DType() != tensor.F32 && !o.To.IsFloat() { // all of them are float64 numbers
		x = converted(x, tensor.F64)
	}
	switch o.To {
	case tensor.I8:
		castToInteger(out.I8(), x, math.MinInt8, math.MaxInt8)
	case tensor.I16:
		castToInteger(out.I16(), x, math.MinInt16, math.MaxInt16)
	case tensor.I32:
		castToInteger(out.I32(), x, math.MinInt32, math.MaxInt32)
	case tensor.I64:
		castToInteger(out.I64(), x, math.MinInt64, math.MaxInt64)
	case tensor.U8:
		castToInteger(out.U8(), x, 0, math.MaxUint8)
	case tensor.U16:
		castToInteger(out.U16(), x, 0, math.MaxUint16)
	case tensor.U32:
		castToInteger(out.U32(), x, 0, math.MaxUint32)
	case tensor.U64:
		castToInteger(out.U64(), x, 0, math.MaxUint64)
	case tensor.Bool:
		for i := range out.Bool() {
			if x.DType().IsFloat() {
				out.Bool()[i] = realAt(x, i) != 0
			} else {
				out.Bool()[i] = integerAt(x, i) != 0
			}
		}
	case tensor.F32:
		if x.DType().IsFloat() || x.DType() == tensor.U64 {
			copy(out.Bytes(), converted(x, o.To).Bytes())
			return
		}
		for i := range out.F32() { // in training: without memory of its own
			out.F32()[i] = float32(integerAt(x, i))
		}
	default:
		copy(out.Bytes(), converted(x, o.To).Bytes())
	}
}

// converted returns x as real numbers of type to.
func converted(x *tensor.Tensor, to tensor.DType) *tensor.Tensor {
	t, err := tensor.Convert(x, to)
	if err != nil {
		panic(err) // real numbers can hold all there is
	}
	return t
}

func castToInteger[T int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64](dst []T, x *tensor.Tensor, lo, hi float64) {
	for i := range dst {
		if !x.DType().IsFloat() {
			dst[i] = T(integerAt(x, i))
			continue
		}
		switch v := realAt(x, i); { // Go leaves open what T(v) is beyond T's range
		case v != v:
			dst[i] = 0
		case v <= lo:
			dst[i] = T(int64(lo))
		case v >= hi:
			dst[i] = ^T(0)
			if lo < 0 {
				dst[i] = T(uint64(1)<<(8*unsafe.Sizeof(dst[i])-1) - 1)
			}
		default:
			dst[i] = T(v)
		}
	}
}

// realAt returns element i of a tensor of type f32 or f64.
func realAt(x *tensor.Tensor, i int) float64 {
	if x.DType() == tensor.F32 {
		return float64(x.F32()[i])
	}
	return x.F64()[i]
}

// integerAt returns element i of a tensor of integers, of u64 the bits, or truth values.
func integerAt(x *tensor.Tensor, i int) int64 {
	switch x.DType() {
	case tensor.I8:
		return int64(x.I8()[i])
	case tensor.I16:
		return int64(x.I16()[i])
	case tensor.I32:
		return int64(x.I32()[i])
	case tensor.I64:
		return x.I64()[i]
	case tensor.U8:
		return int64(x.U8()[i])
	case tensor.U16:
		return int64(x.U16()[i])
	case tensor.U32:
		return int64(x.U32()[i])
	case tensor.U64:
		return int64(x.U64()[i])
	}
	if x.Bool()[i] {
		return 1
	}
	return 0
}

// Grad returns nil: gradients are f32, and there is no cast from f32 to f32.
func (CastOp) Grad(_, _ *graph.Node) []*graph.Node { return nil }

// FLOPs returns 0.
func (CastOp) FLOPs([]graph.Type, graph.Type) int64 { return 0 }
