package op

import (
	"cmp"
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// Conv2DWeightGradOp is the gradient of a convolution with respect to the filters, which are KH x KW.
type Conv2DWeightGradOp struct {
	ConvAttrs
	KH, KW int
}

// Conv2DWeightGrad returns the gradient with respect to w of Conv2D(x, w, attrs), where w is [O C/Groups kh kw]: from
// x [N C H W] and dy [N O OH OW] to [O C/Groups kh kw].
func Conv2DWeightGrad(x, dy *graph.Node, attrs ConvAttrs, kh, kw int) *graph.Node {
	return graph.Apply(Conv2DWeightGradOp{attrs.withDefaults(), kh, kw}, x, dy)
}

// Name returns "Conv2DWeightGrad".
func (Conv2DWeightGradOp) Name() string { return "Conv2DWeightGrad" }

// Infer checks that dy has the type of the convolution's result.
func (o Conv2DWeightGradOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := expect(in, "x f32[N C H W]", "dy f32[N O OH OW]"); err != nil {
		return graph.Type{}, err
	}
	x, dy := in[0], in[1]
	if err := cmp.Or(expectRange("kernel", 1, o.KH, o.KW), expectRange("groups", 1, o.Groups)); err != nil {
		return x, err
	}
	if c := x.Shape.Dim(1); c%o.Groups != 0 {
		return x, fmt.Errorf("%d channels do not divide into %d groups", c, o.Groups)
	}
	w := tensor.ShapeOf(dy.Shape.Dim(1), x.Shape.Dim(1)/o.Groups, o.KH, o.KW)
	y, err := o.check(x.Shape, w)
	if err == nil {
		err = expectType("dy", dy, graph.Type{DType: tensor.F32, Shape: y})
	}
	return graph.Type{DType: tensor.F32, Shape: w}, err
}

// Eval sums in float64.
func (o Conv2DWeightGradOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	x, dy, sum := in[0].F32(), in[1].F32(), make([]float64, out.Size())
	o.taps(in[0].Shape(), out.Shape(), in[1].Shape(), func(ix, iw, iy int) {
		sum[iw] += float64(x[ix]) * float64(dy[iy])
	})
	round(out.F32(), sum)
}

// Grad: the op is linear in x and in dy.
func (o Conv2DWeightGradOp) Grad(n, dw *graph.Node) []*graph.Node {
	x, dy := n.In(0), n.In(1)
	return []*graph.Node{
		Conv2DInputGrad(dy, dw, o.ConvAttrs, x.Shape().Dim(2), x.Shape().Dim(3)),
		Conv2D(x, dw, o.ConvAttrs),
	}
}

// FLOPs returns those of the convolution.
func (o Conv2DWeightGradOp) FLOPs(in []graph.Type, out graph.Type) int64 {
	return o.flops(out.Shape, in[1].Shape)
}
