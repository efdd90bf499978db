package onnx

import (
	"fmt"

	"github.com/lince-ml/lince/tensor"
)

// A DataType is the element type of a tensor in an ONNX file, numbered as in TensorProto.DataType.
type DataType int32

// The element types of ONNX up to version 1.18.
const (
	Undefined DataType = iota
	Float
	Uint8
	Int8
	Uint16
	Int16
	Int32
	Int64
	String
	Bool
	Float16
	Double
	Uint32
	Uint64
	Complex64
	Complex128
	Bfloat16
	Float8E4M3FN
	Float8E4M3FNUZ
	Float8E5M2
	Float8E5M2FNUZ
	Uint4
	Int4
	Float4E2M1
)

// dataTypes says of each element type its name; the type in which values of it are carried through a graph (see value), Invalid if
// that is not supported; the type of tensors outside the graph; how many bits an element has in a file; and the range of the integers that have
// fewer than 32 bits.
var dataTypes = [...]struct {
	name            string
	carrier, native tensor.DType
	bits            int
	lo, hi          int64
}{
	Undefined:      {name: "undefined"},
	Float:          {"float32", tensor.F32, tensor.F32, 32, 0, 0},
	Uint8:          {"uint8", tensor.U8, tensor.U8, 8, 0, 255},
	Int8:           {"int8", tensor.I8, tensor.I8, 8, -128, 127},
	Uint16:         {"uint16", tensor.I32, tensor.U16, 16, 0, 65535},
	Int16:          {"int16", tensor.I32, tensor.I16, 16, -32768, 32767},
	Int32:          {"int32", tensor.I32, tensor.I32, 32, 0, 0},
	Int64:          {"int64", tensor.I64, tensor.I64, 64, 0, 0},
	String:         {name: "string"},
	Bool:           {"bool", tensor.Bool, tensor.Bool, 8, 0, 1},
	Float16:        {"float16", tensor.F32, tensor.F16, 16, 0, 0},
	Double:         {"float64", tensor.F32, tensor.F64, 64, 0, 0},
	Uint32:         {"uint32", tensor.U32, tensor.U32, 32, 0, 0},
	Uint64:         {"uint64", tensor.I64, tensor.U64, 64, 0, 0},
	Complex64:      {name: "complex64"},
	Complex128:     {name: "complex128"},
	Bfloat16:       {"bfloat16", tensor.F32, tensor.BF16, 16, 0, 0},
	Float8E4M3FN:   {"float8e4m3fn", tensor.F32, tensor.F8E4M3, 8, 0, 0},
	Float8E4M3FNUZ: {name: "float8e4m3fnuz"},
	Float8E5M2:     {"float8e5m2", tensor.F32, tensor.F8E5M2, 8, 0, 0},
	Float8E5M2FNUZ: {name: "float8e5m2fnuz"},
	Uint4:          {"uint4", tensor.I32, tensor.U8, 4, 0, 15},
	Int4:           {"int4", tensor.I32, tensor.I8, 4, -8, 7},
	Float4E2M1:     {name: "float4e2m1"},
}

// String returns the name of the element type, such as "float32".
func (t DataType) String() string {
	if t < 0 || int(t) >= len(dataTypes) {
		return fmt.Sprintf("DataType(%d)", int32(t))
	}
	return dataTypes[t].name
}

// carrier returns the element type in which values of type t are carried, Invalid if they cannot be.
func (t DataType) carrier() tensor.DType {
	if t < 0 || int(t) >= len(dataTypes) {
		return tensor.Invalid
	}
	return dataTypes[t].carrier
}

// native returns the type of tensors outside the graph. The integers of 4 bits are there as integers of 8.
func (t DataType) native() tensor.DType { return dataTypes[t].native }

// supported returns an error unless graphs can carry values of type t.
func (t DataType) supported() error {
	if t.carrier() == tensor.Invalid {
		return fmt.Errorf("element type %v is not supported", t)
	}
	return nil
}

// isFloat reports whether t holds real numbers.
func (t DataType) isFloat() bool { return t.carrier() == tensor.F32 }

// isNarrow reports whether t is an integer type of fewer than 32 bits.
func (t DataType) isNarrow() bool { return dataTypes[t].hi > 1 }
