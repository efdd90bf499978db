package op

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// WhereOp is a where cond is true, else b, with broadcasting.
type WhereOp struct{ pointwise }

// Where returns a where the Bool tensor cond is true, else b. The three broadcast to a common shape; a and b have the same
// element type, which may be any.
func Where(cond, a, b *graph.Node) *graph.Node { return graph.Apply(WhereOp{}, cond, a, b) }

// Name returns "Where".
func (WhereOp) Name() string { return "Where" }

// Infer returns the broadcast type.
func (WhereOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := takes(in, tensor.Bool, anyType, anyType); err != nil {
		return graph.Type{}, err
	}
	cond, a, b := in[0], in[1], in[2]
	if a.DType != b.DType {
		return graph.Type{}, fmt.Errorf("element types %v and %v differ", a.DType, b.DType)
	}
	s, err := graph.Broadcast(a.Shape, b.Shape)
	if err == nil {
		s, err = graph.Broadcast(cond.Shape, s)
	}
	return graph.Type{DType: a.DType, Shape: s}, err
}

// Eval copies from a or b.
func (WhereOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	var strides [3][tensor.MaxRank]int
	for i, t := range in {
		strides[i] = graph.BroadcastIndex(t.Shape(), out.Shape())
	}
	cond := in[0].Bool()
	graph.Walk(out.Shape(), func(i int, at *[tensor.MaxRank]int) {
		from := 2
		if cond[graph.Offset(at, &strides[0])] {
			from = 1
		}
		copyElement(out, i, in[from], graph.Offset(at, &strides[from]))
	})
}

// Grad passes dy to a where cond is true, to b elsewhere.
func (WhereOp) Grad(n, dy *graph.Node) []*graph.Node {
	cond, zero := n.In(0), scalar(n, 0)
	return []*graph.Node{
		nil,
		graph.SumTo(Where(cond, dy, zero), n.In(1).Shape()),
		graph.SumTo(Where(cond, zero, dy), n.In(2).Shape()),
	}
}

// copyElement copies element j of src to element i of dst, whatever their type.
func copyElement(dst *tensor.Tensor, i int, src *tensor.Tensor, j int) {
	n := dst.DType().Size()
	copy(dst.Bytes()[i*n:(i+1)*n], src.Bytes()[j*n:])
}
