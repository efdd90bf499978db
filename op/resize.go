package op

import (
	"cmp"
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// ResizeAttrs are the attributes of bilinear resizing: the new height and width, and where the pixels of the old and the new image lie on each other.
type ResizeAttrs struct {
	H, W int
	// AlignCorners puts the middles of the pixels in the corners on each other; otherwise the images' outer edges are.
	AlignCorners bool
}

// Taps returns, for each of n places along a dimension that had old, the first of the two elements that it lies between and the share of the
// second, which is element first+1:
//
//	at = (i + 1/2) old/n - 1/2, or i (old-1)/(n-1) with AlignCorners
//
// Places before the first and behind the last element are that element; their share is 0.
func (a ResizeAttrs) Taps(old, n int) (first []int, share []float32) {
	first, share = make([]int, n), make([]float32, n)
	for i := range n {
		at := (float64(i)+0.5)*float64(old)/float64(n) - 0.5
		if a.AlignCorners {
			at = float64(i) * float64(old-1) / float64(max(n-1, 1))
		}
		at = min(max(at, 0), float64(old-1))
		first[i] = int(at)
		share[i] = float32(at - float64(first[i]))
	}
	return first, share
}

// check returns the type of images of shape x after resizing, or what is wrong with the attributes or the shape.
func (a ResizeAttrs) check(x tensor.Shape) (graph.Type, error) {
	if err := expectRange("size", 1, a.H, a.W); err != nil {
		return graph.Type{}, err
	}
	if h, w := x.Dim(2), x.Dim(3); min(h, w) < 1 {
		return graph.Type{}, fmt.Errorf("x has no pixels: its images are %d x %d", h, w)
	}
	return graph.F32(x.Dim(0), x.Dim(1), a.H, a.W), nil
}

// products calls f for each product in the resizing of a tensor of shape x to one of shape y: element iy of y is the sum of weight times element ix of x.
func (a ResizeAttrs) products(x, y tensor.Shape, f func(ix, iy int, weight float64)) {
	h, w := x.Dim(2), x.Dim(3)
	top, down := a.Taps(h, a.H)
	left, right := a.Taps(w, a.W)
	graph.Walk(y, func(iy int, at *[tensor.MaxRank]int) {
		plane := (at[0]*x.Dim(1) + at[1]) * h * w
		for dy, v := range [2]float64{1 - float64(down[at[2]]), float64(down[at[2]])} {
			for dx, u := range [2]float64{1 - float64(right[at[3]]), float64(right[at[3]])} {
				if v*u != 0 {
					f(plane+(top[at[2]]+dy)*w+left[at[3]]+dx, iy, v*u)
				}
			}
		}
	})
}

// ResizeOp is bilinear resizing of images.
type ResizeOp struct{ ResizeAttrs }

// Resize returns the images x [N C h w] resized to [N C H W]: each new pixel is the bilinear mean of the four old ones around its place, as
// [ResizeAttrs.Taps] says it, also where the image becomes smaller (PyTorch's interpolate with mode "bilinear", without antialias).
func Resize(x *graph.Node, attrs ResizeAttrs) *graph.Node { return graph.Apply(ResizeOp{attrs}, x) }

// Name returns "Resize".
func (ResizeOp) Name() string { return "Resize" }

// Infer replaces height and width.
func (o ResizeOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := expect(in, "x f32[N C H W]"); err != nil {
		return graph.Type{}, err
	}
	return o.check(in[0].Shape)
}

// Eval sums in float64.
func (o ResizeOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	x, sum := in[0].F32(), make([]float64, out.Size())
	o.products(in[0].Shape(), out.Shape(), func(ix, iy int, weight float64) { sum[iy] += weight * float64(x[ix]) })
	round(out.F32(), sum)
}

// Grad gives each old pixel its share of the new ones.
func (o ResizeOp) Grad(n, dy *graph.Node) []*graph.Node {
	s := n.In(0).Shape()
	return []*graph.Node{ResizeGrad(dy, o.ResizeAttrs, s.Dim(2), s.Dim(3))}
}

// FLOPs returns three means of two for each new pixel.
func (o ResizeOp) FLOPs(_ []graph.Type, out graph.Type) int64 { return 9 * int64(out.Size()) }

// ResizeGradOp is the gradient of Resize with respect to images of OldH x OldW.
type ResizeGradOp struct {
	ResizeAttrs
	OldH, OldW int
}

// ResizeGrad returns the gradient with respect to x of Resize(x, attrs), where x is [N C h w], from dy [N C H W].
func ResizeGrad(dy *graph.Node, attrs ResizeAttrs, h, w int) *graph.Node {
	return graph.Apply(ResizeGradOp{attrs, h, w}, dy)
}

// Name returns "ResizeGrad".
func (ResizeGradOp) Name() string { return "ResizeGrad" }

// Infer checks that dy has the size of the resized images.
func (o ResizeGradOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := expect(in, "dy f32[N C H W]"); err != nil {
		return graph.Type{}, err
	}
	if err := expectRange("image", 1, o.OldH, o.OldW); err != nil {
		return graph.Type{}, err
	}
	x := graph.F32(in[0].Shape.Dim(0), in[0].Shape.Dim(1), o.OldH, o.OldW)
	y, err := o.check(x.Shape)
	return x, cmp.Or(err, expectType("dy", in[0], y))
}

// Eval sums in float64.
func (o ResizeGradOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	dy, sum := in[0].F32(), make([]float64, out.Size())
	o.products(out.Shape(), in[0].Shape(), func(ix, iy int, weight float64) { sum[ix] += weight * float64(dy[iy]) })
	round(out.F32(), sum)
}

// Grad: the op is linear, with Resize as its transpose.
func (o ResizeGradOp) Grad(_, dx *graph.Node) []*graph.Node {
	return []*graph.Node{Resize(dx, o.ResizeAttrs)}
}

// FLOPs returns those of Resize.
func (o ResizeGradOp) FLOPs(in []graph.Type, _ graph.Type) int64 { return 9 * int64(in[0].Size()) }
