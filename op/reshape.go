package op

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// ReshapeOp is the same elements, in row-major order, under another shape.
type ReshapeOp struct{ Shape tensor.Shape }

// Reshape returns the elements of x, of any type, in row-major order under the given sizes; x itself if it has them.
// One of the sizes may be -1: it becomes what is left of x's size.
func Reshape(x *graph.Node, dims ...int) *graph.Node {
	s, err := resolve(x.Shape(), dims)
	if err != nil {
		graph.Fail("Reshape", err, x)
	}
	return reshape(x, s)
}

// Flatten returns x as a matrix: the dimensions before axis (negative: from the end) become the first, the others the
// second. So axis 1 keeps the batch apart.
func Flatten(x *graph.Node, axis int) *graph.Node {
	s := x.Shape()
	a := fromEnd(axis, s.Rank())
	if a < 0 || a > s.Rank() {
		graph.Fail("Flatten", fmt.Errorf("axis %d of shape %v, 0 to %d expected", axis, s, s.Rank()), x)
	}
	rows, columns := 1, 1
	for i, d := range s.All() {
		if i < a {
			rows *= d
		} else {
			columns *= d
		}
	}
	return reshape(x, tensor.ShapeOf(rows, columns))
}

func reshape(x *graph.Node, s tensor.Shape) *graph.Node {
	if x.Shape() == s {
		return x
	}
	return graph.Apply(ReshapeOp{s}, x)
}

// resolve returns the shape with the sizes dims, in which -1 stands for what they lack of the size of s.
func resolve(s tensor.Shape, dims []int) (tensor.Shape, error) {
	if len(dims) > tensor.MaxRank {
		return s, fmt.Errorf("%d dimensions, at most %d are possible", len(dims), tensor.MaxRank)
	}
	open := -1
	sizes := append([]int(nil), dims...)
	for i, d := range dims {
		switch {
		case d < -1:
			return s, fmt.Errorf("size %d in %v, 0 or more expected, or one -1", d, dims)
		case d == -1 && open >= 0:
			return s, fmt.Errorf("more than one -1 in %v", dims)
		case d == -1:
			open, sizes[i] = i, 1
		}
	}
	shape := tensor.ShapeOf(sizes...)
	if open < 0 {
		return shape, nil
	}
	known, ok := shape.CheckedSize()
	if !ok || known == 0 || s.Size()%known != 0 {
		return s, fmt.Errorf("the %d elements of shape %v do not fill %v for any size in place of -1", s.Size(), s, dims)
	}
	return shape.With(open, s.Size()/known), nil
}

// Name returns "Reshape".
func (ReshapeOp) Name() string { return "Reshape" }

// Infer checks that the sizes agree.
func (o ReshapeOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := takes(in, anyType); err != nil {
		return graph.Type{}, err
	}
	if n, ok := o.Shape.CheckedSize(); !ok || n != in[0].Size() {
		return graph.Type{}, fmt.Errorf("the %d elements of shape %v do not fill %v", in[0].Size(), in[0].Shape, o.Shape)
	}
	return graph.Type{DType: in[0].DType, Shape: o.Shape}, nil
}

// Eval copies.
func (ReshapeOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { copy(out.Bytes(), in[0].Bytes()) }

// Grad gives dy the input's shape.
func (ReshapeOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{reshape(dy, n.In(0).Shape())}
}

// FLOPs returns 0.
func (ReshapeOp) FLOPs([]graph.Type, graph.Type) int64 { return 0 }
