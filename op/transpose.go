package op

import (
	"fmt"
	"slices"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// TransposeOp permutes the dimensions: dimension i of the result is dimension Perm[i] of the input. The entries of Perm
// beyond the rank are 0.
type TransposeOp struct{ Perm [tensor.MaxRank]int }

// Transpose returns x, of any type, with its dimensions permuted: dimension i of the result is dimension perm[i] of x.
// Without perm their order is reversed.
func Transpose(x *graph.Node, perm ...int) *graph.Node {
	rank := x.Shape().Rank()
	var o TransposeOp
	switch {
	case len(perm) == 0:
		for i := range rank {
			o.Perm[i] = rank - 1 - i
		}
	case len(perm) != rank:
		graph.Fail("Transpose", fmt.Errorf("permutation %v of shape %v, %d numbers expected", perm, x.Shape(), rank), x)
	default:
		copy(o.Perm[:], perm)
	}
	if slices.IsSorted(o.Perm[:rank]) && o.check(x.Shape()) == nil {
		return x
	}
	return graph.Apply(o, x)
}

// check returns an error unless the first entries of Perm are a permutation of the dimensions of s.
func (o TransposeOp) check(s tensor.Shape) error {
	var seen AxisSet
	perm := o.Perm[:s.Rank()]
	for _, p := range perm {
		if p < 0 || p >= len(perm) || seen.Has(p) {
			return fmt.Errorf("%v is no permutation of the dimensions 0 to %d of shape %v", perm, len(perm)-1, s)
		}
		seen |= Axes(p)
	}
	return nil
}

// Name returns "Transpose".
func (TransposeOp) Name() string { return "Transpose" }

// Infer permutes the sizes.
func (o TransposeOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := takes(in, anyType); err != nil {
		return graph.Type{}, err
	}
	t := in[0]
	if err := o.check(t.Shape); err != nil {
		return graph.Type{}, err
	}
	for i := range t.Shape.Rank() {
		t.Shape = t.Shape.With(i, in[0].Shape.Dim(o.Perm[i]))
	}
	return t, nil
}

// Eval copies element by element.
func (o TransposeOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	own := in[0].Shape().Strides()
	var strides [tensor.MaxRank]int // of the input, in the order of the result's dimensions
	for i := range out.Shape().Rank() {
		strides[i] = own[o.Perm[i]]
	}
	graph.Walk(out.Shape(), func(i int, at *[tensor.MaxRank]int) {
		copyElement(out, i, in[0], graph.Offset(at, &strides))
	})
}

// Grad permutes dy back.
func (o TransposeOp) Grad(n, dy *graph.Node) []*graph.Node {
	var back TransposeOp
	for i := range n.Shape().Rank() {
		back.Perm[o.Perm[i]] = i
	}
	return []*graph.Node{graph.Apply(back, dy)}
}

// FLOPs returns 0.
func (TransposeOp) FLOPs([]graph.Type, graph.Type) int64 { return 0 }
