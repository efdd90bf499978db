package op

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// SliceOp is every Step-th element along Axis from Start up to, not including, Stop.
type SliceOp struct{ Axis, Start, Stop, Step int }

// Slice returns the elements start, start+step, ... below stop of x, of any type, along axis. A negative axis, start or
// stop counts from the end. Unlike Python's, a range that reaches beyond x is an error. The whole range is x itself.
func Slice(x *graph.Node, axis, start, stop, step int) *graph.Node {
	s := x.Shape()
	o := SliceOp{fromEnd(axis, s.Rank()), start, stop, step}
	if checkAxis(o.Axis, s) == nil {
		n := s.Dim(o.Axis)
		o.Start, o.Stop = fromEnd(start, n), fromEnd(stop, n)
		if o == (SliceOp{o.Axis, 0, n, 1}) {
			return x
		}
	}
	return graph.Apply(o, x)
}

// Name returns "Slice".
func (SliceOp) Name() string { return "Slice" }

// Infer checks that 0 <= Start <= Stop <= the size of Axis.
func (o SliceOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := takes(in, anyType); err != nil {
		return graph.Type{}, err
	}
	t := in[0]
	if err := checkAxis(o.Axis, t.Shape); err != nil {
		return graph.Type{}, err
	}
	n := t.Shape.Dim(o.Axis)
	if o.Start < 0 || o.Stop < o.Start || n < o.Stop {
		return graph.Type{}, fmt.Errorf("range %d to %d of the %d elements along axis %d of shape %v", o.Start, o.Stop, n, o.Axis, t.Shape)
	}
	if o.Step < 1 {
		return graph.Type{}, fmt.Errorf("step %d, 1 or more expected", o.Step)
	}
	t.Shape = t.Shape.With(o.Axis, o.count())
	return t, nil
}

// count returns the number of elements chosen.
func (o SliceOp) count() int {
	if o.Start == o.Stop {
		return 0
	}
	return (o.Stop-o.Start-1)/o.Step + 1
}

// Eval copies element by element.
func (o SliceOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	strides := in[0].Shape().Strides()
	first := o.Start * strides[o.Axis]
	strides[o.Axis] *= o.Step
	graph.Walk(out.Shape(), func(i int, at *[tensor.MaxRank]int) {
		copyElement(out, i, in[0], first+graph.Offset(at, &strides))
	})
}

// Grad puts dy back in its place among zeros.
func (o SliceOp) Grad(n, dy *graph.Node) []*graph.Node {
	var p PadOp
	size, count := n.In(0).Shape().Dim(o.Axis), o.count()
	p.Low[o.Axis] = o.Start
	p.High[o.Axis] = size - o.Start
	if count > 0 {
		p.High[o.Axis] -= (count-1)*o.Step + 1
	}
	if count > 1 {
		p.Interior[o.Axis] = o.Step - 1
	}
	return []*graph.Node{graph.Apply(p, dy)}
}

// FLOPs returns 0.
func (SliceOp) FLOPs([]graph.Type, graph.Type) int64 { return 0 }
