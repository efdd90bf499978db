package op

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// A BitFunc says how BitwiseOp combines the bits of two integers.
type BitFunc uint8

// The functions of bits. Shifts by a negative number give 0.
const (
	BitAnd BitFunc = iota
	BitOr
	BitXor
	ShiftLeft
	ShiftRight
)

// BitwiseOp combines the bits of two integers, with broadcasting.
type BitwiseOp struct {
	arithmetic
	Func BitFunc
}

// Bitwise returns f of the bits of a and b, i32, i64 or u32, broadcast to a common shape. Right shifts of negative numbers keep the sign.
func Bitwise(a, b *graph.Node, f BitFunc) *graph.Node { return graph.Apply(BitwiseOp{Func: f}, a, b) }

// Name returns "Bitwise".
func (BitwiseOp) Name() string { return "Bitwise" }

// Infer returns the broadcast type.
func (o BitwiseOp) Infer(in []graph.Type) (graph.Type, error) {
	t, err := o.arithmetic.Infer(in)
	if err == nil && (t.DType == tensor.F32 || o.Func > ShiftRight) {
		err = fmt.Errorf("function %d of the bits of %v, 0 to %d and integers expected", o.Func, t.DType, ShiftRight)
	}
	return t, err
}

// Eval computes the reference value.
func (o BitwiseOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	evalArithmetic(out, in, nil, bitFunc[int32](o.Func), bitFunc[int64](o.Func), bitFunc[uint32](o.Func))
}

func bitFunc[T int32 | int64 | uint32](f BitFunc) func(a, b T) T {
	switch f {
	case BitAnd:
		return func(a, b T) T { return a & b }
	case BitOr:
		return func(a, b T) T { return a | b }
	case BitXor:
		return func(a, b T) T { return a ^ b }
	}
	return func(a, b T) T {
		switch {
		case b < 0:
			return 0
		case f == ShiftLeft:
			return a << uint64(b)
		}
		return a >> uint64(b)
	}
}

// Grad returns nil: integers have no derivative.
func (BitwiseOp) Grad(_, _ *graph.Node) []*graph.Node { return nil }
