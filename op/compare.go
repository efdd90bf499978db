package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// comparison is the type rule and the cost of the comparisons: two inputs of one numeric type, which broadcast, give Bool.
// Every comparison with NaN is false. There is no gradient.
type comparison struct{}

func (comparison) Infer(in []graph.Type) (graph.Type, error) {
	t, err := graph.InferBroadcast(in)
	return graph.Type{DType: tensor.Bool, Shape: t.Shape}, err
}
func (comparison) Grad(_, _ *graph.Node) []*graph.Node        { return nil }
func (comparison) FLOPs(_ []graph.Type, out graph.Type) int64 { return int64(out.Size()) }

// evalComparison applies that one of its functions which fits the element type.
func evalComparison(out *tensor.Tensor, in []*tensor.Tensor, f32 func(a, b float32) bool,
	i32 func(a, b int32) bool, i64 func(a, b int64) bool, u32 func(a, b uint32) bool) {
	switch a, b := in[0], in[1]; a.DType() {
	case tensor.F32:
		graph.EvalBinary(out.Bool(), a.F32(), b.F32(), out, in, f32)
	case tensor.I32:
		graph.EvalBinary(out.Bool(), a.I32(), b.I32(), out, in, i32)
	case tensor.I64:
		graph.EvalBinary(out.Bool(), a.I64(), b.I64(), out, in, i64)
	case tensor.U32:
		graph.EvalBinary(out.Bool(), a.U32(), b.U32(), out, in, u32)
	}
}

type number interface {
	float32 | int32 | int64 | uint32
}

func equal[T number](a, b T) bool       { return a == b }
func less[T number](a, b T) bool        { return a < b }
func lessOrEqual[T number](a, b T) bool { return a <= b }

// EqualOp is a == b with broadcasting.
type EqualOp struct{ comparison }

// Equal returns the Bool tensor a == b, broadcast to a common shape; float32, i32, i64 and u32.
func Equal(a, b *graph.Node) *graph.Node { return graph.Apply(EqualOp{}, a, b) }

// Name returns "Equal".
func (EqualOp) Name() string { return "Equal" }

// Eval computes the reference value.
func (EqualOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	evalComparison(out, in, equal[float32], equal[int32], equal[int64], equal[uint32])
}

// LessOp is a < b with broadcasting.
type LessOp struct{ comparison }

// Less returns the Bool tensor a < b, broadcast to a common shape; float32, i32, i64 and u32.
func Less(a, b *graph.Node) *graph.Node { return graph.Apply(LessOp{}, a, b) }

// Name returns "Less".
func (LessOp) Name() string { return "Less" }

// Eval computes the reference value.
func (LessOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	evalComparison(out, in, less[float32], less[int32], less[int64], less[uint32])
}

// LessOrEqualOp is a <= b with broadcasting.
type LessOrEqualOp struct{ comparison }

// LessOrEqual returns the Bool tensor a <= b, broadcast to a common shape; float32, i32, i64 and u32.
func LessOrEqual(a, b *graph.Node) *graph.Node { return graph.Apply(LessOrEqualOp{}, a, b) }

// Name returns "LessOrEqual".
func (LessOrEqualOp) Name() string { return "LessOrEqual" }

// Eval computes the reference value.
func (LessOrEqualOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	evalComparison(out, in, lessOrEqual[float32], lessOrEqual[int32], lessOrEqual[int64], lessOrEqual[uint32])
}

// Greater returns the Bool tensor a > b; it is Less with the inputs exchanged.
func Greater(a, b *graph.Node) *graph.Node { return Less(b, a) }

// GreaterOrEqual returns the Bool tensor a >= b; it is LessOrEqual with the inputs exchanged.
func GreaterOrEqual(a, b *graph.Node) *graph.Node { return LessOrEqual(b, a) }
