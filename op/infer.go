package op

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// anyType stands for every element type in the argument of takes.
const anyType = tensor.Invalid

// takes returns an error unless there is one input for each element type of want, and of that type.
func takes(in []graph.Type, want ...tensor.DType) error {
	if len(in) != len(want) {
		return fmt.Errorf("%d inputs, %d expected", len(in), len(want))
	}
	for i, d := range want {
		if d != anyType && in[i].DType != d {
			return fmt.Errorf("input %d has element type %v, %v expected", i, in[i].DType, d)
		}
	}
	return nil
}

// takesIndices returns an error unless t can hold indices.
func takesIndices(t graph.Type) error {
	if t.DType != tensor.I32 && t.DType != tensor.I64 {
		return fmt.Errorf("indices of element type %v, i32 or i64 expected", t.DType)
	}
	return nil
}

// checkAxis returns an error unless axis is one of the dimensions of s.
func checkAxis(axis int, s tensor.Shape) error {
	switch r := s.Rank(); {
	case r == 0:
		return fmt.Errorf("axis %d of a scalar, which has none", axis)
	case axis < 0 || axis >= r:
		return fmt.Errorf("axis %d of shape %v, %d to %d expected (or %d to -1 from the end)", axis, s, 0, r-1, -r)
	}
	return nil
}

// fromEnd returns i, or i+n if i counts from the end of n. What lies outside stays as it is, so that the error which a
// type rule makes of it shows what the caller wrote.
func fromEnd(i, n int) int {
	if -n <= i && i < 0 {
		return i + n
	}
	return i
}

// eachLane calls f for each line of elements along axis: n elements from start, stride apart.
func eachLane(s tensor.Shape, axis int, f func(start, n, stride int)) {
	n, stride := s.Dim(axis), s.Strides()[axis]
	if s.Size() == 0 {
		return
	}
	for outer := 0; outer < s.Size(); outer += n * stride {
		for inner := range stride {
			f(outer+inner, n, stride)
		}
	}
}
