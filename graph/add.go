package graph

import (
	"fmt"

	"github.com/lince-ml/lince/tensor"
)

// AddOp is a + b with broadcasting. It lives here because differentiation itself sums gradients.
type AddOp struct{}

// Add returns a + b, broadcast to a common shape as NumPy does.
func Add(a, b *Node) *Node { return Apply(AddOp{}, a, b) }

// Name returns "Add".
func (AddOp) Name() string { return "Add" }

// Infer returns the broadcast type.
func (AddOp) Infer(in []Type) (Type, error) { return InferBroadcast(in) }

// Eval adds.
func (AddOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	switch out.DType() {
	case tensor.F32:
		EvalBinary(out.F32(), in[0].F32(), in[1].F32(), out, in, func(a, b float32) float32 { return a + b })
	case tensor.I32:
		EvalBinary(out.I32(), in[0].I32(), in[1].I32(), out, in, func(a, b int32) int32 { return a + b })
	case tensor.I64:
		EvalBinary(out.I64(), in[0].I64(), in[1].I64(), out, in, func(a, b int64) int64 { return a + b })
	case tensor.U32:
		EvalBinary(out.U32(), in[0].U32(), in[1].U32(), out, in, func(a, b uint32) uint32 { return a + b })
	default:
		panic(fmt.Sprintf("graph: Add of %v", out.DType()))
	}
}

// Grad passes dy to both inputs, summed over the dimensions that were broadcast.
func (AddOp) Grad(n, dy *Node) []*Node {
	return []*Node{SumTo(dy, n.In(0).Shape()), SumTo(dy, n.In(1).Shape())}
}

// FLOPs returns one operation per element of the result.
func (AddOp) FLOPs(_ []Type, out Type) int64 { return int64(out.Size()) }
