package tensor

import (
	"fmt"
	"unsafe"
)

// Align is the alignment of tensor memory in bytes: a cache line, and a whole AVX-512 register.
const Align = 64

// A Tensor is a dense, row-major array in host memory.
type Tensor struct {
	dtype DType
	shape Shape
	data  []byte
}

// New returns a tensor of zeros.
func New(d DType, s Shape) *Tensor { return Wrap(d, s, Bytes(s.Size()*d.Size())) }

// Wrap returns a tensor over data, which is not copied and must have exactly the bytes that d and s ask for.
func Wrap(d DType, s Shape, data []byte) *Tensor {
	if want := s.Size() * d.Size(); len(data) != want {
		panic(fmt.Sprintf("tensor: %d bytes for %v%v, which takes %d", len(data), d, s, want))
	}
	return &Tensor{d, s, data}
}

// Of returns a tensor with a copy of values, in row-major order.
func Of[T Element](s Shape, values ...T) *Tensor {
	if len(values) != s.Size() {
		panic(fmt.Sprintf("tensor: %d values for shape %v, which takes %d", len(values), s, s.Size()))
	}
	t := New(dtypeOf[T](), s)
	copy(View[T](t.data), values)
	return t
}

// Bytes returns n zeroed bytes that start on a multiple of Align.
func Bytes(n int) []byte {
	b := make([]byte, n+Align-1)
	off := -int(uintptr(unsafe.Pointer(unsafe.SliceData(b)))) & (Align - 1)
	return b[off : off+n : off+n]
}

// DType returns the type of the elements.
func (t *Tensor) DType() DType { return t.dtype }

// Shape returns the sizes of the dimensions.
func (t *Tensor) Shape() Shape { return t.shape }

// Size returns the number of elements.
func (t *Tensor) Size() int { return t.shape.Size() }

// Bytes returns the elements as the machine stores them; it is no copy.
func (t *Tensor) Bytes() []byte { return t.data }

// Clone returns a copy.
func (t *Tensor) Clone() *Tensor {
	c := New(t.dtype, t.shape)
	copy(c.data, t.data)
	return c
}

// Reshape returns a tensor of shape s over the same memory.
func (t *Tensor) Reshape(s Shape) *Tensor { return Wrap(t.dtype, s, t.data) }

// String describes the type and shape, not the contents: "f32[2 3]".
func (t *Tensor) String() string { return t.dtype.String() + t.shape.String() }

// F32 returns the elements of an F32 tensor; it is no copy. It and its siblings panic on another dtype.
func (t *Tensor) F32() []float32 { return typed[float32](t, F32) }

// I32 returns the elements of an I32 tensor.
func (t *Tensor) I32() []int32 { return typed[int32](t, I32) }

// I64 returns the elements of an I64 tensor.
func (t *Tensor) I64() []int64 { return typed[int64](t, I64) }

// U32 returns the elements of a U32 tensor.
func (t *Tensor) U32() []uint32 { return typed[uint32](t, U32) }

// U8 returns the elements of a U8 tensor.
func (t *Tensor) U8() []uint8 { return typed[uint8](t, U8) }

// F64 returns the elements of an F64 tensor.
func (t *Tensor) F64() []float64 { return typed[float64](t, F64) }

// I8 returns the elements of an I8 tensor.
func (t *Tensor) I8() []int8 { return typed[int8](t, I8) }

// I16 returns the elements of an I16 tensor.
func (t *Tensor) I16() []int16 { return typed[int16](t, I16) }

// U16 returns the elements of a U16 tensor.
func (t *Tensor) U16() []uint16 { return typed[uint16](t, U16) }

// U64 returns the elements of a U64 tensor.
func (t *Tensor) U64() []uint64 { return typed[uint64](t, U64) }

// Bool returns the elements of a Bool tensor.
func (t *Tensor) Bool() []bool { return typed[bool](t, Bool) }

// An Element is a Go type that a tensor can hold directly.
type Element interface {
	float32 | float64 | int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64 | bool
}

func dtypeOf[T Element]() DType {
	switch any(*new(T)).(type) {
	case float32:
		return F32
	case int32:
		return I32
	case int64:
		return I64
	case uint32:
		return U32
	case uint8:
		return U8
	case int8:
		return I8
	case float64:
		return F64
	case int16:
		return I16
	case uint16:
		return U16
	case uint64:
		return U64
	}
	return Bool
}

func typed[T Element](t *Tensor, d DType) []T {
	if t.dtype != d {
		panic(fmt.Sprintf("tensor: %v read as %v", t, d))
	}
	return View[T](t.data)
}

// View returns the bytes b as elements, which must be aligned and whole; it is no copy.
func View[T Element](b []byte) []T {
	if len(b) == 0 {
		return nil
	}
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/int(unsafe.Sizeof(*new(T))))
}
