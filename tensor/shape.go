package tensor

import (
	"fmt"
	"iter"
	"math"
	"strings"
)

// MaxRank is the largest number of dimensions a tensor may have.
const MaxRank = 8

// A Shape lists the sizes of a tensor's dimensions, outermost first. Shapes are comparable values: two shapes
// are == when they have the same rank and sizes. The zero Shape is that of a scalar.
type Shape struct {
	rank int8
	dims [MaxRank]int
}

// ShapeOf returns the shape with the given sizes.
// It panics if there are more than MaxRank of them or one is negative.
func ShapeOf(dims ...int) Shape {
	if len(dims) > MaxRank {
		panic(fmt.Sprintf("tensor: %d dimensions, at most %d are possible", len(dims), MaxRank))
	}
	var s Shape
	s.rank = int8(len(dims))
	for i, d := range dims {
		if d < 0 {
			panic(fmt.Sprintf("tensor: negative size %d in shape %v", d, dims))
		}
		s.dims[i] = d
	}
	return s
}

// Rank returns the number of dimensions.
func (s Shape) Rank() int { return int(s.rank) }

// Dim returns the size of dimension i. A negative i counts from the end: Dim(-1) is the last dimension.
func (s Shape) Dim(i int) int {
	if i < 0 {
		i += int(s.rank)
	}
	if i < 0 || i >= int(s.rank) {
		panic(fmt.Sprintf("tensor: dimension %d of shape %v", i, s))
	}
	return s.dims[i]
}

// Dims returns the sizes as a new slice.
func (s Shape) Dims() []int { return append([]int(nil), s.dims[:s.rank]...) }

// All iterates over the dimensions and their sizes.
func (s Shape) All() iter.Seq2[int, int] {
	return func(yield func(int, int) bool) {
		for i := range int(s.rank) {
			if !yield(i, s.dims[i]) {
				return
			}
		}
	}
}

// With returns s with the size of dimension i (negative: from the end) replaced by n.
func (s Shape) With(i, n int) Shape {
	s.Dim(i) // checks i
	if i < 0 {
		i += int(s.rank)
	}
	s.dims[i] = n
	return s
}

// Size returns the number of elements, 1 for a scalar.
func (s Shape) Size() int {
	n := 1
	for _, d := range s.dims[:s.rank] {
		n *= d
	}
	return n
}

// CheckedSize returns the number of elements, and false if it does not fit an int.
func (s Shape) CheckedSize() (int, bool) {
	n := 1
	for _, d := range s.dims[:s.rank] {
		if d != 0 && n > math.MaxInt/d {
			return 0, false
		}
		n *= d
	}
	return n, true
}

// Strides returns the row-major strides in elements.
func (s Shape) Strides() [MaxRank]int {
	var st [MaxRank]int
	n := 1
	for i := int(s.rank) - 1; i >= 0; i-- {
		st[i] = n
		n *= s.dims[i]
	}
	return st
}

// String returns the sizes as "[2 3 4]".
func (s Shape) String() string {
	return "[" + strings.Trim(fmt.Sprint(s.dims[:s.rank]), "[]") + "]"
}
