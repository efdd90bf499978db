package op

import (
	"fmt"
	"slices"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// TopKOp is the indices of the K largest elements along Axis.
type TopKOp struct {
	Axis, K  int
	Smallest bool // the smallest instead
}

// TopK returns the indices, i64, of the k largest elements of x along axis (negative: from the end), or of the smallest, in their order: the
// result has k in place of x's size. x is float32, i32, i64 or u32. Of equal elements the first comes first. A NaN counts as larger than
// any number. [GatherElements] picks the elements.
func TopK(x *graph.Node, axis, k int, smallest bool) *graph.Node {
	return graph.Apply(TopKOp{fromEnd(axis, x.Shape().Rank()), k, smallest}, x)
}

// Name returns "TopK".
func (TopKOp) Name() string { return "TopK" }

// Infer checks that there are K elements.
func (o TopKOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := takes(in, anyType); err != nil {
		return graph.Type{}, err
	}
	if _, err := (ReduceAttrs{}).Infer(in); err != nil { // it takes the same types
		return graph.Type{}, err
	}
	s := in[0].Shape
	if err := checkAxis(o.Axis, s); err != nil {
		return graph.Type{}, err
	}
	if n := s.Dim(o.Axis); o.K < 0 || o.K > n {
		return graph.Type{}, fmt.Errorf("the %d largest of %d elements along axis %d, 0 to %d expected", o.K, n, o.Axis, n)
	}
	return graph.Type{DType: tensor.I64, Shape: s.With(o.Axis, o.K)}, nil
}

// Eval sorts.
func (o TopKOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	switch x, s := in[0], in[0].Shape(); x.DType() {
	case tensor.F32:
		largest(o, out.I64(), x.F32(), s)
	case tensor.I32:
		largest(o, out.I64(), x.I32(), s)
	case tensor.I64:
		largest(o, out.I64(), x.I64(), s)
	case tensor.U32:
		largest(o, out.I64(), x.U32(), s)
	}
}

func largest[T number](o TopKOp, y []int64, x []T, s tensor.Shape) {
	stride := s.Strides()[o.Axis]
	eachLane(s, o.Axis, func(start, n, _ int) {
		order := make([]int64, n)
		for i := range order {
			order[i] = int64(i)
		}
		slices.SortStableFunc(order, func(i, j int64) int {
			c := compareNaNLast(x[start+int(i)*stride], x[start+int(j)*stride])
			if o.Smallest {
				return c
			}
			return -c
		})
		first := start/(n*stride)*o.K*stride + start%stride
		for i, index := range order[:o.K] {
			y[first+i*stride] = index
		}
	})
}

// compareNaNLast returns -1, 0 or 1 as a is smaller than, equal to or larger than b, where NaN is the largest of all.
func compareNaNLast[T number](a, b T) int {
	switch {
	case a < b || a == a && b != b:
		return -1
	case a > b || a != a && b == b:
		return 1
	}
	return 0
}

// Grad returns nil: an index has no derivative.
func (TopKOp) Grad(_, _ *graph.Node) []*graph.Node { return nil }

// FLOPs returns one comparison per element of the input.
func (TopKOp) FLOPs(in []graph.Type, _ graph.Type) int64 { return int64(in[0].Size()) }
