package op

import (
	"cmp"
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// ConvAttrs are the attributes of a convolution and of its two gradients. Pairs are (vertical, horizontal).
// In a builder's argument a zero stride, dilation or number of groups means 1.
type ConvAttrs struct {
	Stride   [2]int
	Pad      [4]int // zeros added at the top, left, bottom, right: ONNX's order
	Dilation [2]int // distance between neighbouring taps of the kernel
	Groups   int    // channels and filters fall into this many groups that do not see each other
}

// OutSize returns the height and width of the result of convolving an h x w image with a kh x kw kernel, 0 where the kernel is
// larger than the padded image:
//
//	oh = floor((h + top + bottom - dilation*(kh-1) - 1) / stride) + 1
func (a ConvAttrs) OutSize(h, w, kh, kw int) (oh, ow int) {
	eh, ew := a.extent(kh, kw)
	return windows(h+a.Pad[0]+a.Pad[2], eh, a.Stride[0]), windows(w+a.Pad[1]+a.Pad[3], ew, a.Stride[1])
}

// extent returns how much of the image a dilated kernel spans.
func (a ConvAttrs) extent(kh, kw int) (eh, ew int) {
	return a.Dilation[0]*(kh-1) + 1, a.Dilation[1]*(kw-1) + 1
}

// windows returns how many windows of an extent fit into a padded length, one every stride.
func windows(padded, extent, stride int) int {
	if padded < extent {
		return 0
	}
	return (padded-extent)/stride + 1
}

func (a ConvAttrs) withDefaults() ConvAttrs {
	a.Stride = [2]int{cmp.Or(a.Stride[0], 1), cmp.Or(a.Stride[1], 1)}
	a.Dilation = [2]int{cmp.Or(a.Dilation[0], 1), cmp.Or(a.Dilation[1], 1)}
	a.Groups = cmp.Or(a.Groups, 1)
	return a
}

// check returns the shape of the result of convolving x with w, or what is wrong with the attributes or shapes.
func (a ConvAttrs) check(x, w tensor.Shape) (tensor.Shape, error) {
	if err := cmp.Or(
		expectRange("stride", 1, a.Stride[:]...),
		expectRange("dilation", 1, a.Dilation[:]...),
		expectRange("padding", 0, a.Pad[:]...),
		expectRange("groups", 1, a.Groups),
		expectRange("kernel", 1, w.Dim(2), w.Dim(3)),
	); err != nil {
		return x, err
	}
	if c, taken := x.Dim(1), w.Dim(1)*a.Groups; c != taken {
		groups := ""
		if a.Groups > 1 {
			groups = fmt.Sprintf(" x %d groups", a.Groups)
		}
		return x, fmt.Errorf("x has %d channels, the weights take %d%s", c, w.Dim(1), groups)
	}
	if w.Dim(0)%a.Groups != 0 {
		return x, fmt.Errorf("%d filters do not divide into %d groups", w.Dim(0), a.Groups)
	}
	kh, kw := w.Dim(2), w.Dim(3)
	oh, ow := a.OutSize(x.Dim(2), x.Dim(3), kh, kw)
	if min(oh, ow) < 1 {
		eh, ew := a.extent(kh, kw)
		return x, fmt.Errorf("the kernel spans %d x %d, more than the padded image's %d x %d",
			eh, ew, x.Dim(2)+a.Pad[0]+a.Pad[2], x.Dim(3)+a.Pad[1]+a.Pad[3])
	}
	return tensor.ShapeOf(x.Dim(0), w.Dim(0), oh, ow), nil
}

// taps calls f for each product in the convolution y of x with w, with the positions of its parts: y[iy] is the sum of all
// x[ix] * w[iw]. Taps that fall on padding are left out. Both gradients are sums over the same products.
func (a ConvAttrs) taps(x, w, y tensor.Shape, f func(ix, iw, iy int)) {
	sx, sw := x.Strides(), w.Strides()
	filters := w.Dim(0) / a.Groups // per group
	graph.Walk(y, func(iy int, at *[tensor.MaxRank]int) {
		n, o, oy, ox := at[0], at[1], at[2], at[3]
		for c := range w.Dim(1) {
			channel := o/filters*w.Dim(1) + c
			for ky := range w.Dim(2) {
				for kx := range w.Dim(3) {
					h, v := oy*a.Stride[0]+ky*a.Dilation[0]-a.Pad[0], ox*a.Stride[1]+kx*a.Dilation[1]-a.Pad[1]
					if h < 0 || h >= x.Dim(2) || v < 0 || v >= x.Dim(3) {
						continue
					}
					f(n*sx[0]+channel*sx[1]+h*sx[2]+v, o*sw[0]+c*sw[1]+ky*sw[2]+kx, iy)
				}
			}
		}
	})
}

// flops counts two for each multiply-add, those on padding included, as the field does.
func (a ConvAttrs) flops(w, y tensor.Shape) int64 {
	return 2 * int64(y.Size()) * int64(w.Dim(1)*w.Dim(2)*w.Dim(3))
}

// Conv2DOp is the convolution of images with filters.
type Conv2DOp struct{ ConvAttrs }

// Conv2D returns the convolution (without flipping the kernel, so the cross-correlation, as everywhere in deep learning) of
// the images x [N C H W] with the filters w [O C/Groups KH KW]: [N O OH OW] with the OH and OW of [ConvAttrs.OutSize].
//
//	y[n o i j] = sum over c, k, l of x[n, g C/Groups + c, i*stride + k*dilation - top, j*stride + l*dilation - left] * w[o c k l]
//
// where g = o / (O/Groups) is the filter's group. It has no bias; add one of shape [1 O 1 1].
func Conv2D(x, w *graph.Node, attrs ConvAttrs) *graph.Node {
	return graph.Apply(Conv2DOp{attrs.withDefaults()}, x, w)
}

// Name returns "Conv2D".
func (Conv2DOp) Name() string { return "Conv2D" }

// Infer checks channels, groups and sizes.
func (o Conv2DOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := expect(in, "x f32[N C H W]", "w f32[O C/Groups KH KW]"); err != nil {
		return graph.Type{}, err
	}
	y, err := o.check(in[0].Shape, in[1].Shape)
	return graph.Type{DType: tensor.F32, Shape: y}, err
}

// Eval sums in float64.
func (o Conv2DOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	x, w, sum := in[0].F32(), in[1].F32(), make([]float64, out.Size())
	o.taps(in[0].Shape(), in[1].Shape(), out.Shape(), func(ix, iw, iy int) {
		sum[iy] += float64(x[ix]) * float64(w[iw])
	})
	round(out.F32(), sum)
}

// round stores float64 sums as float32.
func round(dst []float32, sum []float64) {
	for i, v := range sum {
		dst[i] = float32(v)
	}
}

// Grad gives each input the sum, over the products it is part of, of dy times the other input.
func (o Conv2DOp) Grad(n, dy *graph.Node) []*graph.Node {
	x, w := n.In(0), n.In(1)
	return []*graph.Node{
		Conv2DInputGrad(dy, w, o.ConvAttrs, x.Shape().Dim(2), x.Shape().Dim(3)),
		Conv2DWeightGrad(x, dy, o.ConvAttrs, w.Shape().Dim(2), w.Shape().Dim(3)),
	}
}

// FLOPs returns 2 KH KW C/Groups for each element of the result.
func (o Conv2DOp) FLOPs(in []graph.Type, out graph.Type) int64 {
	return o.flops(in[1].Shape, out.Shape)
}
