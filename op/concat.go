package op

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// ConcatOp joins its inputs along Axis.
type ConcatOp struct{ Axis int }

// Concat returns the tensors xs joined along axis (negative: from the end). They have one element type, which may be any,
// and the same sizes but for axis. One tensor alone is returned as it is.
func Concat(axis int, xs ...*graph.Node) *graph.Node {
	if len(xs) == 0 {
		panic("op: Concat of no tensors")
	}
	a := fromEnd(axis, xs[0].Shape().Rank())
	if len(xs) == 1 && checkAxis(a, xs[0].Shape()) == nil {
		return xs[0]
	}
	return graph.Apply(ConcatOp{a}, xs...)
}

// Name returns "Concat".
func (ConcatOp) Name() string { return "Concat" }

// Infer adds the sizes along Axis.
func (o ConcatOp) Infer(in []graph.Type) (graph.Type, error) {
	if len(in) == 0 {
		return graph.Type{}, fmt.Errorf("0 inputs, 1 or more expected")
	}
	t := in[0]
	if err := checkAxis(o.Axis, t.Shape); err != nil {
		return graph.Type{}, err
	}
	size := 0
	for i, u := range in {
		if u.DType != t.DType {
			return graph.Type{}, fmt.Errorf("input %d has element type %v, input 0 %v", i, u.DType, t.DType)
		}
		if u.Shape.Rank() != t.Shape.Rank() || u.Shape.With(o.Axis, t.Shape.Dim(o.Axis)) != t.Shape {
			return graph.Type{}, fmt.Errorf("input %d has shape %v, input 0 %v: they may differ only in dimension %d",
				i, u.Shape, t.Shape, o.Axis)
		}
		size += u.Shape.Dim(o.Axis)
	}
	t.Shape = t.Shape.With(o.Axis, size)
	return t, nil
}

// Eval copies: along the dimensions before Axis, each input in turn gives its part.
func (o ConcatOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	outer := 1
	for i := range o.Axis {
		outer *= out.Shape().Dim(i)
	}
	dst := out.Bytes()
	for i := range outer {
		for _, x := range in {
			part := len(x.Bytes()) / outer
			dst = dst[copy(dst, x.Bytes()[i*part:(i+1)*part]):]
		}
	}
}

// Grad cuts dy into the inputs' parts.
func (o ConcatOp) Grad(n, dy *graph.Node) []*graph.Node {
	d := make([]*graph.Node, len(n.Ins()))
	start := 0
	for i, x := range n.Ins() {
		stop := start + x.Shape().Dim(o.Axis)
		d[i] = Slice(dy, o.Axis, start, stop, 1)
		start = stop
	}
	return d
}

// FLOPs returns 0.
func (ConcatOp) FLOPs([]graph.Type, graph.Type) int64 { return 0 }
