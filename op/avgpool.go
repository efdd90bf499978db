package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// AvgPoolOp is the mean of each window.
type AvgPoolOp struct{ PoolAttrs }

// AvgPool returns the mean of each window of x [N C H W]: [N C OH OW], with the OH and OW of [PoolAttrs.OutSize].
// With CountIncludePad, padding counts as zeros; without, the mean is over the part of the window inside the image.
func AvgPool(x *graph.Node, attrs PoolAttrs) *graph.Node {
	return graph.Apply(AvgPoolOp{attrs.withDefaults()}, x)
}

// Name returns "AvgPool".
func (AvgPoolOp) Name() string { return "AvgPool" }

// Infer checks kernel and padding.
func (o AvgPoolOp) Infer(in []graph.Type) (graph.Type, error) { return o.infer(in) }

// Count returns the number of elements, of an h x w image, that the mean at (oy, ox) divides by.
func (a PoolAttrs) Count(h, w, oy, ox int) int {
	if a.CountIncludePad {
		return a.Kernel[0] * a.Kernel[1]
	}
	y0, y1, x0, x1 := a.Window(h, w, oy, ox)
	return (y1 - y0) * (x1 - x0)
}

// means calls f for each element y[iy] of the result and x[ix] of its window, with the weight of that element in the mean.
func (a PoolAttrs) means(x, y tensor.Shape, f func(iy, ix int, weight float64)) {
	h, w := x.Dim(2), x.Dim(3)
	a.eachWindow(x, y, func(iy int, window func(func(int) bool)) {
		oy, ox := iy/y.Dim(3)%y.Dim(2), iy%y.Dim(3)
		weight := 1 / float64(a.Count(h, w, oy, ox))
		for ix := range window {
			f(iy, ix, weight)
		}
	})
}

// Eval sums in float64.
func (o AvgPoolOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	x, sum := in[0].F32(), make([]float64, out.Size())
	o.means(in[0].Shape(), out.Shape(), func(iy, ix int, weight float64) { sum[iy] += weight * float64(x[ix]) })
	round(out.F32(), sum)
}

// Grad spreads each dy over its window.
func (o AvgPoolOp) Grad(n, dy *graph.Node) []*graph.Node {
	x := n.In(0).Shape()
	return []*graph.Node{AvgPoolGrad(dy, o.PoolAttrs, x.Dim(2), x.Dim(3))}
}

// FLOPs returns one addition for each tap.
func (o AvgPoolOp) FLOPs(_ []graph.Type, out graph.Type) int64 { return o.flops(out.Shape) }

// AvgPoolGradOp is the gradient of AvgPool with respect to images of H x W.
type AvgPoolGradOp struct {
	PoolAttrs
	H, W int
}

// AvgPoolGrad returns the gradient with respect to x of AvgPool(x, attrs), where x is [N C h w], from dy [N C OH OW].
func AvgPoolGrad(dy *graph.Node, attrs PoolAttrs, h, w int) *graph.Node {
	return graph.Apply(AvgPoolGradOp{attrs.withDefaults(), h, w}, dy)
}

// Name returns "AvgPoolGrad".
func (AvgPoolGradOp) Name() string { return "AvgPoolGrad" }

// Infer checks that dy has the type of the pooled images.
func (o AvgPoolGradOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := expect(in, "dy f32[N C OH OW]"); err != nil {
		return graph.Type{}, err
	}
	dy := in[0]
	if err := expectRange("image", 1, o.H, o.W); err != nil {
		return dy, err
	}
	x := graph.F32(dy.Shape.Dim(0), dy.Shape.Dim(1), o.H, o.W)
	y, err := o.check(x.Shape)
	if err == nil {
		err = expectType("dy", dy, graph.Type{DType: tensor.F32, Shape: y})
	}
	return x, err
}

// Eval sums in float64.
func (o AvgPoolGradOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	dy, sum := in[0].F32(), make([]float64, out.Size())
	o.means(out.Shape(), in[0].Shape(), func(iy, ix int, weight float64) { sum[ix] += weight * float64(dy[iy]) })
	round(out.F32(), sum)
}

// Grad: the op is linear, with AvgPool as its transpose.
func (o AvgPoolGradOp) Grad(_, dx *graph.Node) []*graph.Node {
	return []*graph.Node{AvgPool(dx, o.PoolAttrs)}
}

// FLOPs returns one addition for each tap.
func (o AvgPoolGradOp) FLOPs(in []graph.Type, _ graph.Type) int64 { return o.flops(in[0].Shape) }
