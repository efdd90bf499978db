package op

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// A Reduction says how elements that meet in one place are combined.
type Reduction uint8

// The reductions of Scatter.
const (
	Replace Reduction = iota // the last one stays
	AddUp
	Multiply
	Largest
	Smallest
)

// ScatterOp changes rows of its first input, at the indices in its second, by those of its third.
type ScatterOp struct{ Reduction Reduction }

// Scatter returns x [N ...], of any type for Replace and else float32, i32, i64 or u32, with each row updates[i] [M ...] combined with row
// indices[i], i32 or i64 [M], in the order of i. An index outside 0..N-1 is left out. It is the opposite of [Gather] along axis 0.
func Scatter(x, indices, updates *graph.Node, r Reduction) *graph.Node {
	return graph.Apply(ScatterOp{r}, x, indices, updates)
}

// Name returns "Scatter".
func (ScatterOp) Name() string { return "Scatter" }

// Infer checks that the rows of updates are like those of x.
func (o ScatterOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := takes(in, anyType, anyType, anyType); err != nil {
		return graph.Type{}, err
	}
	x, indices, updates := in[0], in[1], in[2]
	if err := takesIndices(indices); err != nil {
		return graph.Type{}, err
	}
	if o.Reduction > Smallest {
		return graph.Type{}, fmt.Errorf("reduction %d, 0 to %d expected", o.Reduction, Smallest)
	}
	if o.Reduction != Replace {
		if _, err := (ReduceAttrs{}).Infer(in[:1]); err != nil { // it takes the same types
			return graph.Type{}, err
		}
	}
	if x.Shape.Rank() == 0 || indices.Shape.Rank() != 1 {
		return graph.Type{}, fmt.Errorf("x is %v and the indices are %v, [N ...] and [M] expected", x, indices)
	}
	want := graph.Type{DType: x.DType, Shape: x.Shape.With(0, indices.Size())}
	return x, expectType("updates", updates, want)
}

// Eval copies x and then combines row by row. Sums of float32 are rounded at each step.
func (o ScatterOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	copy(out.Bytes(), in[0].Bytes())
	n, row := out.Shape().Dim(0), out.Shape().Strides()[0]
	for i := range in[1].Size() {
		j := integerAt(in[1], i)
		if j < 0 || j >= int64(n) {
			continue
		}
		to, from := int(j)*row, i*row
		switch out.DType() {
		case tensor.F32:
			combine(o.Reduction, out.F32()[to:to+row], in[2].F32()[from:], largerNumber, smallerNumber)
		case tensor.I32:
			combine(o.Reduction, out.I32()[to:to+row], in[2].I32()[from:], larger[int32], smaller[int32])
		case tensor.I64:
			combine(o.Reduction, out.I64()[to:to+row], in[2].I64()[from:], larger[int64], smaller[int64])
		case tensor.U32:
			combine(o.Reduction, out.U32()[to:to+row], in[2].U32()[from:], larger[uint32], smaller[uint32])
		default:
			size := out.DType().Size()
			copy(out.Bytes()[to*size:(to+row)*size], in[2].Bytes()[from*size:])
		}
	}
}

func largerNumber(a, b float32) float32  { return MaxOp{}.F(a, b) }
func smallerNumber(a, b float32) float32 { return MinOp{}.F(a, b) }

func combine[T number](r Reduction, dst, src []T, larger, smaller func(a, b T) T) {
	for i := range dst {
		switch r {
		case Replace:
			dst[i] = src[i]
		case AddUp:
			dst[i] += src[i]
		case Multiply:
			dst[i] *= src[i]
		case Largest:
			dst[i] = larger(dst[i], src[i])
		case Smallest:
			dst[i] = smaller(dst[i], src[i])
		}
	}
}

// Grad. What was replaced gets none, and each update that replaced something gets that place's dy, also if a later one replaced it in turn; a sum passes
// dy on; a factor gets dy y divided by itself, so NaN where it is 0; and all that equal a maximum or minimum get its whole dy.
func (o ScatterOp) Grad(n, dy *graph.Node) []*graph.Node {
	x, indices, updates := n.In(0), n.In(1), n.In(2)
	at := func(v *graph.Node) *graph.Node { return Gather(v, indices, 0) }
	switch o.Reduction {
	case Replace:
		return []*graph.Node{Scatter(dy, indices, n.Graph().Fill(updates.Type(), 0), Replace), nil, at(dy)}
	case AddUp:
		return []*graph.Node{dy, nil, at(dy)}
	case Multiply:
		product := Mul(dy, n)
		return []*graph.Node{Div(product, x), nil, Div(at(product), updates)}
	}
	chosen := func(a, y, dy *graph.Node) *graph.Node { return Mul(dy, Cast(Equal(a, y), tensor.F32)) }
	return []*graph.Node{chosen(x, n, dy), nil, chosen(updates, at(n), at(dy))}
}

// FLOPs returns one operation per element of the updates, or 0 for Replace.
func (o ScatterOp) FLOPs(in []graph.Type, _ graph.Type) int64 {
	if o.Reduction == Replace {
		return 0
	}
	return int64(in[2].Size())
}

// GatherElements returns, for each element of indices, i32 or i64, the element of x at its place but for axis, where the index says which: the
// shape is that of indices, whose sizes but for axis are at most x's. Indices beyond x are treated as in [Gather].
func GatherElements(x, indices *graph.Node, axis int) *graph.Node {
	flat := Reshape(x, x.Shape().Size())
	return Gather(flat, ElementIndices(x.Shape(), indices, fromEnd(axis, x.Shape().Rank())), 0)
}

// ScatterElements returns x with each element of updates combined with the element of x at its place but for axis, where indices, of the
// shape of updates, say which.
func ScatterElements(x, indices, updates *graph.Node, axis int, r Reduction) *graph.Node {
	size := indices.Shape().Size()
	places := Reshape(ElementIndices(x.Shape(), indices, fromEnd(axis, x.Shape().Rank())), size)
	return Reshape(Scatter(Reshape(x, x.Shape().Size()), places, Reshape(updates, size), r), x.Shape().Dims()...)
}

// ElementIndices returns the positions, i64, in a tensor of shape s of the elements that GatherElements picks, and -1 where an index is beyond s.
func ElementIndices(s tensor.Shape, indices *graph.Node, axis int) *graph.Node {
	if s.Rank() != indices.Shape().Rank() {
		graph.Fail("GatherElements", fmt.Errorf("indices of shape %v for elements of shape %v, the same number of dimensions expected", indices.Shape(), s), indices)
	}
	if err := checkAxis(axis, s); err != nil {
		graph.Fail("GatherElements", err, indices)
	}
	base := tensor.New(tensor.I64, indices.Shape())
	strides := s.Strides()
	step := strides[axis]
	strides[axis] = 0
	for i, d := range indices.Shape().All() {
		if i != axis && d > s.Dim(i) {
			graph.Fail("GatherElements", fmt.Errorf("indices of shape %v for elements of shape %v: dimension %d is larger", indices.Shape(), s, i), indices)
		}
	}
	graph.Walk(indices.Shape(), func(i int, at *[tensor.MaxRank]int) { base.I64()[i] = int64(graph.Offset(at, &strides)) })
	g := indices.Graph()
	number := func(v int64) *graph.Node { return g.Const(tensor.Of(tensor.Shape{}, v)) }
	index := Cast(indices, tensor.I64)
	place := Add(g.Const(base), Mul(index, number(int64(step))))
	place = Where(Less(index, number(int64(s.Dim(axis)))), place, number(-1))
	return Where(Less(index, number(0)), number(-1), place)
}
