// Package tensor holds the data that flows through lince: element types, shapes and dense host buffers.
// It converts element types, and does no other arithmetic; that is the work of graph, op and the backends.
package tensor

import "fmt"

// A DType is the type of a tensor's elements.
type DType uint8

// The element types. F32 is the type of computation; BF16 serves mixed precision, U8 images, I8 quantised
// inference, and I32, I64, U32 and Bool indices, counters and masks. The rest is what files of weights hold beside
// these: nothing computes with them, and Convert makes one of the others of them.
const (
	Invalid DType = iota
	F32
	BF16
	I8
	U8
	I32
	I64
	U32
	Bool
	F16
	F64
	I16
	U16
	U64
	F8E4M3 // 4 bits of exponent, 3 of mantissa, no infinities ("E4M3FN")
	F8E5M2 // 5 bits of exponent, 2 of mantissa
)

var dtypes = [...]struct {
	name string
	size int
}{
	Invalid: {"invalid", 0},
	F32:     {"f32", 4},
	BF16:    {"bf16", 2},
	I8:      {"i8", 1},
	U8:      {"u8", 1},
	I32:     {"i32", 4},
	I64:     {"i64", 8},
	U32:     {"u32", 4},
	Bool:    {"bool", 1},
	F16:     {"f16", 2},
	F64:     {"f64", 8},
	I16:     {"i16", 2},
	U16:     {"u16", 2},
	U64:     {"u64", 8},
	F8E4M3:  {"f8e4m3", 1},
	F8E5M2:  {"f8e5m2", 1},
}

// String returns the short name used in text dumps, such as "f32".
func (d DType) String() string {
	if int(d) < len(dtypes) {
		return dtypes[d].name
	}
	return fmt.Sprintf("DType(%d)", uint8(d))
}

// Size returns the size of one element in bytes.
func (d DType) Size() int { return dtypes[d].size }

// IsFloat reports whether d holds real numbers.
func (d DType) IsFloat() bool {
	switch d {
	case F32, BF16, F16, F64, F8E4M3, F8E5M2:
		return true
	}
	return false
}
