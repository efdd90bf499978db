package op

import (
	"cmp"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// MaxPoolOp is the largest value in each window.
type MaxPoolOp struct{ PoolAttrs }

// MaxPool returns the largest value in each window of x [N C H W]: [N C OH OW], with the OH and OW of [PoolAttrs.OutSize].
// Padding counts as -Inf. A window that holds NaN gives NaN.
func MaxPool(x *graph.Node, attrs PoolAttrs) *graph.Node {
	return graph.Apply(MaxPoolOp{maxPoolAttrs(attrs)}, x)
}

// maxPoolAttrs clears what does not matter for a maximum, so that equal ops compare equal.
func maxPoolAttrs(a PoolAttrs) PoolAttrs {
	a.CountIncludePad = false
	return a.withDefaults()
}

// Name returns "MaxPool".
func (MaxPoolOp) Name() string { return "MaxPool" }

// Infer checks kernel and padding.
func (o MaxPoolOp) Infer(in []graph.Type) (graph.Type, error) { return o.infer(in) }

// Eval computes the reference value.
func (o MaxPoolOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	x, y := in[0].F32(), out.F32()
	o.maxima(in[0], out.Shape(), func(iy, ix int) { y[iy] = x[ix] })
}

// maxima calls f for each element y[iy] of the pooled x with the position ix of the maximum: the first one, in the row-major
// order of the window, and the first NaN if there is one.
func (a PoolAttrs) maxima(x *tensor.Tensor, y tensor.Shape, f func(iy, ix int)) {
	v := x.F32()
	a.eachWindow(x.Shape(), y, func(iy int, window func(func(int) bool)) {
		best := -1
		for ix := range window {
			if best < 0 || v[ix] > v[best] || v[ix] != v[ix] && v[best] == v[best] {
				best = ix
			}
		}
		f(iy, best)
	})
}

// Grad passes each dy to the maximum of its window.
func (o MaxPoolOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{MaxPoolGrad(dy, n.In(0), o.PoolAttrs)}
}

// FLOPs returns one comparison for each tap.
func (o MaxPoolOp) FLOPs(_ []graph.Type, out graph.Type) int64 { return o.flops(out.Shape) }

// MaxPoolGradOp is the gradient of MaxPool.
type MaxPoolGradOp struct{ PoolAttrs }

// MaxPoolGrad returns the gradient with respect to x of MaxPool(x, attrs), from dy [N C OH OW] and x [N C H W]: each dy is added
// to the first maximum, in row-major order, of its window (to the first NaN, if there is one).
func MaxPoolGrad(dy, x *graph.Node, attrs PoolAttrs) *graph.Node {
	return graph.Apply(MaxPoolGradOp{maxPoolAttrs(attrs)}, dy, x)
}

// Name returns "MaxPoolGrad".
func (MaxPoolGradOp) Name() string { return "MaxPoolGrad" }

// Infer checks that dy has the type of the pooled x.
func (o MaxPoolGradOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := expect(in, "dy f32[N C OH OW]", "x f32[N C H W]"); err != nil {
		return graph.Type{}, err
	}
	y, err := o.infer(in[1:])
	return in[1], cmp.Or(err, expectType("dy", in[0], y))
}

// Eval sums in float64.
func (o MaxPoolGradOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	dy, sum := in[0].F32(), make([]float64, out.Size())
	o.maxima(in[1], in[0].Shape(), func(iy, ix int) { sum[ix] += float64(dy[iy]) })
	round(out.F32(), sum)
}

// Grad: the op is linear in dy, with MaxPoolSelect as its transpose; x only chooses and gets none.
func (o MaxPoolGradOp) Grad(n, dx *graph.Node) []*graph.Node {
	return []*graph.Node{graph.Apply(MaxPoolSelectOp(o), dx, n.In(1)), nil}
}

// FLOPs returns one comparison for each tap.
func (o MaxPoolGradOp) FLOPs(in []graph.Type, _ graph.Type) int64 { return o.flops(in[0].Shape) }

// MaxPoolSelectOp is, for each window, the element of its first input v at the place of the maximum of its second, x, both
// [N C H W]: the gradient of MaxPoolGrad with respect to dy, and MaxPool if both inputs are the same.
type MaxPoolSelectOp struct{ PoolAttrs }

// Name returns "MaxPoolSelect".
func (MaxPoolSelectOp) Name() string { return "MaxPoolSelect" }

// Infer checks that both inputs have one type that can be pooled.
func (o MaxPoolSelectOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := expect(in, "v f32[N C H W]", "x f32[N C H W]"); err != nil {
		return graph.Type{}, err
	}
	y, err := o.infer(in[1:])
	return y, cmp.Or(err, expectType("v", in[0], in[1]))
}

// Eval computes the reference value.
func (o MaxPoolSelectOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	v, y := in[0].F32(), out.F32()
	o.maxima(in[1], out.Shape(), func(iy, ix int) { y[iy] = v[ix] })
}

// Grad: the op is linear in its first input, with MaxPoolGrad as its transpose; the second only chooses and gets none.
func (o MaxPoolSelectOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{MaxPoolGrad(dy, n.In(1), o.PoolAttrs), nil}
}

// FLOPs returns one comparison for each tap.
func (o MaxPoolSelectOp) FLOPs(_ []graph.Type, out graph.Type) int64 { return o.flops(out.Shape) }
