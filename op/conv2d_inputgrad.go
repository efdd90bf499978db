package op

import (
	"cmp"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// Conv2DInputGradOp is the gradient of a convolution with respect to the images, which are H x W.
type Conv2DInputGradOp struct {
	ConvAttrs
	H, W int
}

// Conv2DInputGrad returns the gradient with respect to x of Conv2D(x, w, attrs), where x is [N C h width]: from
// dy [N O OH OW] and w [O C/Groups KH KW] to [N C h width]. By itself it is the transposed convolution.
func Conv2DInputGrad(dy, w *graph.Node, attrs ConvAttrs, h, width int) *graph.Node {
	return graph.Apply(Conv2DInputGradOp{attrs.withDefaults(), h, width}, dy, w)
}

// Name returns "Conv2DInputGrad".
func (Conv2DInputGradOp) Name() string { return "Conv2DInputGrad" }

// Infer checks that dy has the type of the convolution's result.
func (o Conv2DInputGradOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := expect(in, "dy f32[N O OH OW]", "w f32[O C/Groups KH KW]"); err != nil {
		return graph.Type{}, err
	}
	dy, w := in[0], in[1]
	if err := cmp.Or(expectRange("image", 1, o.H, o.W), expectRange("groups", 1, o.Groups)); err != nil {
		return dy, err
	}
	x := tensor.ShapeOf(dy.Shape.Dim(0), w.Shape.Dim(1)*o.Groups, o.H, o.W)
	y, err := o.check(x, w.Shape)
	if err == nil {
		err = expectType("dy", dy, graph.Type{DType: tensor.F32, Shape: y})
	}
	return graph.Type{DType: tensor.F32, Shape: x}, err
}

// Eval sums in float64.
func (o Conv2DInputGradOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	dy, w, sum := in[0].F32(), in[1].F32(), make([]float64, out.Size())
	o.taps(out.Shape(), in[1].Shape(), in[0].Shape(), func(ix, iw, iy int) {
		sum[ix] += float64(dy[iy]) * float64(w[iw])
	})
	round(out.F32(), sum)
}

// Grad: the op is linear in dy, with Conv2D as its transpose, and in w.
func (o Conv2DInputGradOp) Grad(n, dx *graph.Node) []*graph.Node {
	dy, w := n.In(0), n.In(1)
	return []*graph.Node{
		Conv2D(dx, w, o.ConvAttrs),
		Conv2DWeightGrad(dx, dy, o.ConvAttrs, w.Shape().Dim(2), w.Shape().Dim(3)),
	}
}

// FLOPs returns those of the convolution.
func (o Conv2DInputGradOp) FLOPs(in []graph.Type, _ graph.Type) int64 {
	return o.flops(in[1].Shape, in[0].Shape)
}
