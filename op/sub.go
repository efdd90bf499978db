package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// SubOp is a - b with broadcasting.
type SubOp struct{ arithmetic }

// Sub returns a - b, broadcast to a common shape; float32, i32, i64 and u32, where integers wrap around.
func Sub(a, b *graph.Node) *graph.Node { return graph.Apply(SubOp{}, a, b) }

// Name returns "Sub".
func (SubOp) Name() string { return "Sub" }

// F returns a - b.
func (SubOp) F(a, b float32) float32 { return a - b }

// Eval computes the reference value.
func (o SubOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	evalArithmetic(out, in, o.F, sub[int32], sub[int64], sub[uint32])
}

func sub[T int32 | int64 | uint32](a, b T) T { return a - b }

// Grad: d(a-b) = da - db. The second is negated after it is summed, when it is small.
func (SubOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{graph.SumTo(dy, n.In(0).Shape()), Neg(graph.SumTo(dy, n.In(1).Shape()))}
}
