package op

import (
	"fmt"
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// PadOp surrounds its float32 input with elements of a constant value: for each dimension Low of them before, High behind,
// and Interior between neighbours (which the gradient of Slice with a step needs). Entries beyond the rank are 0.
type PadOp struct {
	Low, High, Interior [tensor.MaxRank]int
	Value               float32
}

// Pad returns x with low[i] elements of the given value before dimension i and high[i] behind it.
func Pad(x *graph.Node, low, high []int, value float32) *graph.Node {
	if rank := x.Shape().Rank(); len(low) != rank || len(high) != rank {
		graph.Fail("Pad", fmt.Errorf("padding %v and %v of shape %v, %d numbers each expected", low, high, x.Shape(), rank), x)
	}
	o := PadOp{Value: value}
	copy(o.Low[:], low)
	copy(o.High[:], high)
	return graph.Apply(o, x)
}

// Name returns "Pad".
func (PadOp) Name() string { return "Pad" }

// Infer adds the padding to the sizes.
func (o PadOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := takes(in, tensor.F32); err != nil {
		return graph.Type{}, err
	}
	t := in[0]
	for i, n := range in[0].Shape.All() {
		for _, p := range []int{o.Low[i], o.High[i], o.Interior[i]} {
			if p < 0 || p > math.MaxInt32 {
				return graph.Type{}, fmt.Errorf("padding of %d elements in dimension %d, 0 to %d expected", p, i, math.MaxInt32)
			}
		}
		t.Shape = t.Shape.With(i, o.Low[i]+n+max(n-1, 0)*o.Interior[i]+o.High[i])
	}
	return t, nil
}

// Eval fills with Value, then copies the input in.
func (o PadOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	x, y := in[0].F32(), out.F32()
	for i := range y {
		y[i] = o.Value
	}
	strides := out.Shape().Strides()
	first := graph.Offset(&o.Low, &strides)
	for i := range strides {
		strides[i] *= o.Interior[i] + 1
	}
	graph.Walk(in[0].Shape(), func(i int, at *[tensor.MaxRank]int) { y[first+graph.Offset(at, &strides)] = x[i] })
}

// Grad cuts the padding off dy.
func (o PadOp) Grad(n, dy *graph.Node) []*graph.Node {
	for i, size := range n.Shape().All() {
		dy = Slice(dy, i, o.Low[i], size-o.High[i], o.Interior[i]+1)
	}
	return []*graph.Node{dy}
}

// FLOPs returns 0.
func (PadOp) FLOPs([]graph.Type, graph.Type) int64 { return 0 }
