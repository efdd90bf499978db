package op

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// PowOp is a to the power b, with broadcasting.
type PowOp struct{ arithmetic }

// Pow returns a to the power b, broadcast to a common shape; float32, i32, i64 and u32. It is 1 for b = 0 whatever a is, NaN for a < 0 with a
// b that is no whole number. Powers of integers wrap around, and are rounded toward 0 where b < 0 (0 to such a power is 0).
func Pow(a, b *graph.Node) *graph.Node { return graph.Apply(PowOp{}, a, b) }

// Name returns "Pow".
func (PowOp) Name() string { return "Pow" }

// F returns a to the power b.
func (PowOp) F(a, b float32) float32 { return float32(math.Pow(float64(a), float64(b))) }

// Eval computes the reference value.
func (o PowOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	evalArithmetic(out, in, o.F, power[int32], power[int64], power[uint32])
}

// power multiplies squares.
func power[T int32 | int64 | uint32](a, b T) T {
	if b < 0 {
		if a != 1 && a+1 != 0 { // neither 1 nor -1
			return 0
		}
		b = -b & 1
	}
	p := T(1)
	for ; b > 0; b >>= 1 {
		if b&1 == 1 {
			p *= a
		}
		a *= a
	}
	return p
}

// Grad: with y = a^b, dy/da = b a^(b-1) and dy/db = y log a. Both limits that matter at 0 are 0: b a^(b-1) at b = 0, for
// which b-1 is replaced by 1, and y log a at a = 0, for which log 1 stands in. Usually b is a constant and the second is
// never computed.
func (PowOp) Grad(n, dy *graph.Node) []*graph.Node {
	a, b := n.In(0), n.In(1)
	zero, one := scalar(n, 0), scalar(n, 1)
	less := Where(Equal(b, zero), one, Sub(b, one))
	da := Mul(dy, Mul(b, Pow(a, less)))
	db := Mul(dy, Mul(n, Log(Where(Equal(a, zero), one, a))))
	return []*graph.Node{graph.SumTo(da, a.Shape()), graph.SumTo(db, b.Shape())}
}
