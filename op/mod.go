package op

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// ModOp is the remainder of a / b with broadcasting.
type ModOp struct {
	arithmetic
	Trunc bool // the quotient is rounded toward 0, not down
}

// Mod returns a - b floor(a/b), broadcast to a common shape; float32, i32, i64 and u32. What is not 0 has the sign of b, as in Python. For b = 0
// it is NaN, or 0 for integers.
func Mod(a, b *graph.Node) *graph.Node { return graph.Apply(ModOp{}, a, b) }

// Remainder returns a - b trunc(a/b), like Mod, but with the sign of a, as C's fmod.
func Remainder(a, b *graph.Node) *graph.Node { return graph.Apply(ModOp{Trunc: true}, a, b) }

// Name returns "Mod".
func (ModOp) Name() string { return "Mod" }

// F returns the remainder of a / b.
func (o ModOp) F(a, b float32) float32 {
	m := math.Mod(float64(a), float64(b))
	if !o.Trunc && m != 0 && (m < 0) != (b < 0) {
		m += float64(b)
	}
	return float32(m)
}

// Eval computes the reference value.
func (o ModOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	evalArithmetic(out, in, o.F, remainder[int32](o.Trunc), remainder[int64](o.Trunc), remainder[uint32](o.Trunc))
}

func remainder[T int32 | int64 | uint32](trunc bool) func(a, b T) T {
	return func(a, b T) T {
		if b == 0 {
			return 0
		}
		m := a % b
		if !trunc && m != 0 && (m < 0) != (b < 0) {
			m += b
		}
		return m
	}
}

// Grad: dy/da = 1 and dy/db = -round(a/b), with the rounding of the op; both hold except where the quotient is a whole number.
func (o ModOp) Grad(n, dy *graph.Node) []*graph.Node {
	a, b := n.In(0), n.In(1)
	q := Round(Div(Sub(a, n), b)) // whole but for the error of the division
	return []*graph.Node{graph.SumTo(dy, a.Shape()), Neg(graph.SumTo(Mul(dy, q), b.Shape()))}
}
