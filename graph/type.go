package graph

import "github.com/lince-ml/lince/tensor"

// A Type is what is known of a node's value before it is computed: its element type and its static shape.
type Type struct {
	DType tensor.DType
	Shape tensor.Shape
}

// TypeOf returns the type with element type d and the given sizes.
func TypeOf(d tensor.DType, dims ...int) Type { return Type{d, tensor.ShapeOf(dims...)} }

// F32 returns the type of a float32 tensor with the given sizes.
func F32(dims ...int) Type { return TypeOf(tensor.F32, dims...) }

// Size returns the number of elements.
func (t Type) Size() int { return t.Shape.Size() }

// Bytes returns the size of a dense tensor of this type.
func (t Type) Bytes() int { return t.Size() * t.DType.Size() }

// String returns for example "f32[128 1 28 28]".
func (t Type) String() string { return t.DType.String() + t.Shape.String() }
