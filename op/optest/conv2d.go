package optest

import (
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// A conv is a convolution: its attributes and sizes.
type conv struct {
	op.ConvAttrs
	n, c, o      int // images, and channels and filters per group
	h, w, kh, kw int
}

// convolutions are the kinds of convolution that backends like to treat apart, as changes to a random one whose stride, dilation
// and groups are 1 and whose padding is 0.
var convolutions = []struct {
	name string
	set  func(r *rand.Rand, c *conv)
}{
	{"", func(*rand.Rand, *conv) {}},
	{"/same", func(_ *rand.Rand, c *conv) { c.kh, c.kw, c.Pad = 3, 3, [4]int{1, 1, 1, 1} }},
	{"/1x1", func(_ *rand.Rand, c *conv) { c.kh, c.kw = 1, 1 }},
	{"/1x1 strided", func(_ *rand.Rand, c *conv) { c.kh, c.kw, c.Stride = 1, 1, [2]int{2, 2} }},
	{"/whole image", func(_ *rand.Rand, c *conv) { c.kh, c.kw = c.h, c.w }},
	{"/strided", func(r *rand.Rand, c *conv) { c.Stride = [2]int{1 + r.IntN(3), 1 + r.IntN(3)} }},
	{"/asymmetric", func(r *rand.Rand, c *conv) { c.Pad = [4]int{r.IntN(3), r.IntN(3), r.IntN(3), r.IntN(3)} }},
	{"/dilated", func(r *rand.Rand, c *conv) {
		c.Dilation, c.kh, c.kw = [2]int{1 + r.IntN(2), 2}, 2, 1+r.IntN(2)
	}},
	{"/grouped", func(r *rand.Rand, c *conv) { c.Groups = 2 + r.IntN(2) }},
	{"/depthwise", func(r *rand.Rand, c *conv) { c.Groups, c.c, c.o = 1+r.IntN(5), 1, 1+r.IntN(2) }},
	{"/all at once", func(r *rand.Rand, c *conv) {
		c.Stride, c.Pad, c.Dilation = [2]int{2, 1 + r.IntN(3)}, [4]int{2, 0, 1, 3}, [2]int{2, 1}
		c.kh, c.kw, c.Groups = 2, 2, 2
	}},
}

func init() {
	for _, k := range convolutions {
		addConv(k.name, 0.01, func(r *rand.Rand) conv {
			c := conv{ConvAttrs: plain, n: 1 + r.IntN(2), c: 1 + r.IntN(2), o: 1 + r.IntN(2)}
			c.h, c.w, c.kh, c.kw = 3+r.IntN(3), 3+r.IntN(3), 1+r.IntN(3), 1+r.IntN(3)
			k.set(r, &c)
			return c
		})
	}
	// Wide enough for several vectors and tiles, and for what is left of them; too wide for finite differences.
	addConv("/wide", 0, func(r *rand.Rand) conv {
		c := conv{ConvAttrs: plain, n: 1 + r.IntN(3), c: 1 + r.IntN(40), o: 1 + r.IntN(40)}
		c.h, c.w, c.kh, c.kw = 5+r.IntN(6), 5+r.IntN(14), 1+r.IntN(3), 1+r.IntN(5)
		c.Pad, c.Stride = [4]int{r.IntN(2), r.IntN(2), r.IntN(2), r.IntN(2)}, [2]int{1 + r.IntN(2), 1 + r.IntN(2)}
		return c
	})
	for _, k := range manyGroups {
		addConv(k.name, 0, func(r *rand.Rand) conv {
			c := conv{ConvAttrs: plain, n: 1 + r.IntN(3), c: 1, o: 1}
			c.h, c.w, c.kh, c.kw = 4+r.IntN(9), 4+r.IntN(15), 1+r.IntN(4), 1+r.IntN(4)
			c.Pad, c.Stride = [4]int{r.IntN(3), r.IntN(3), r.IntN(3), r.IntN(3)}, [2]int{1 + r.IntN(2), 1 + r.IntN(3)}
			k.set(r, &c)
			return c
		})
	}
	addConvExamples()
}

// manyGroups are the kinds of convolution of many groups, as changes to a random one of one channel and one filter per group. They have
// channels for several vectors, and for what is left of them.
var manyGroups = []struct {
	name string
	set  func(r *rand.Rand, c *conv)
}{
	{"/wide depthwise", func(r *rand.Rand, c *conv) { c.Groups = 30 + r.IntN(50) }},
	{"/wide depthwise, same", func(r *rand.Rand, c *conv) {
		stride := 1 + r.IntN(2)
		c.Groups, c.kh, c.kw, c.Pad, c.Stride = 16*(1+r.IntN(5)), 3, 3, [4]int{1, 1, 1, 1}, [2]int{stride, stride}
	}},
	{"/wide depthwise, dilated", func(r *rand.Rand, c *conv) {
		c.Groups, c.kh, c.kw, c.Dilation = 2+r.IntN(60), 2, 2, [2]int{1 + r.IntN(3), 1 + r.IntN(3)}
	}},
	{"/wide depthwise, whole image", func(r *rand.Rand, c *conv) {
		c.Groups, c.kh, c.kw, c.Pad, c.Stride = 2+r.IntN(60), c.h, c.w, [4]int{}, [2]int{1, 1}
	}},
	{"/wide depthwise of several filters", func(r *rand.Rand, c *conv) { c.Groups, c.o = 2+r.IntN(40), 2+r.IntN(2) }},
	{"/wide grouped", func(r *rand.Rand, c *conv) { c.Groups, c.c, c.o = 2+r.IntN(7), 1+r.IntN(20), 1+r.IntN(20) }},
	{"/wide grouped, same", func(r *rand.Rand, c *conv) {
		stride := 1 + r.IntN(2)
		c.Groups, c.c, c.kh, c.kw, c.Pad, c.Stride = 2+r.IntN(9), 4<<r.IntN(3), 3, 3, [4]int{1, 1, 1, 1}, [2]int{stride, stride}
		c.o = c.c
	}},
}

// plain is what the builder makes of attributes that are all zero.
var plain = op.ConvAttrs{Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}

// addConv adds the cases of a convolution and of its two gradients. Values are mostly positive, so that sums do not cancel.
func addConv(name string, gradTol float64, random func(r *rand.Rand) conv) {
	operands := func(r *rand.Rand) (c conv, x, w, y *tensor.Tensor) {
		c = random(r)
		oh, ow := c.OutSize(c.h, c.w, c.kh, c.kw)
		x = Rand(r, -0.5, 1, c.n, c.c*c.Groups, c.h, c.w)
		w = Rand(r, -0.5, 1, c.o*c.Groups, c.c, c.kh, c.kw)
		return c, x, w, Rand(r, -0.5, 1, c.n, c.o*c.Groups, oh, ow)
	}
	add(
		Case{Name: "Conv2D" + name, Tol: 1e-5, GradTol: gradTol, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			c, x, w, _ := operands(r)
			return op.Conv2DOp{ConvAttrs: c.ConvAttrs}, tensors(x, w)
		}},
		Case{Name: "Conv2DInputGrad" + name, Tol: 1e-5, GradTol: gradTol, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			c, _, w, y := operands(r)
			return op.Conv2DInputGradOp{ConvAttrs: c.ConvAttrs, H: c.h, W: c.w}, tensors(y, w)
		}},
		Case{Name: "Conv2DWeightGrad" + name, Tol: 1e-5, GradTol: gradTol, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			c, x, _, y := operands(r)
			return op.Conv2DWeightGradOp{ConvAttrs: c.ConvAttrs, KH: c.kh, KW: c.kw}, tensors(x, y)
		}},
	)
}

// image returns a tensor [1 1 h w].
func image(h, w int, values ...float32) *tensor.Tensor {
	return tensor.Of(tensor.ShapeOf(1, 1, h, w), values...)
}

// guide is the input of the figures of Dumoulin & Visin, "A guide to convolution arithmetic for deep learning" (2016).
func guide() *tensor.Tensor {
	return image(5, 5,
		3, 3, 2, 1, 0,
		0, 0, 1, 3, 1,
		3, 1, 2, 2, 3,
		2, 0, 0, 2, 2,
		2, 0, 0, 0, 1)
}

func addConvExamples() {
	with := func(set func(a *op.ConvAttrs)) op.ConvAttrs {
		a := plain
		set(&a)
		return a
	}
	x, w, dy := image(3, 3, 1, 2, 3, 4, 5, 6, 7, 8, 9), image(2, 2, 1, 2, 3, 4), image(2, 2, 1, 10, 100, 1000)
	strided := with(func(a *op.ConvAttrs) { a.Stride, a.Pad = [2]int{2, 2}, [4]int{1, 0, 0, 1} })
	dilated := with(func(a *op.ConvAttrs) { a.Dilation = [2]int{2, 2} })
	grouped := with(func(a *op.ConvAttrs) { a.Groups = 2 })
	pixel := tensor.Of(tensor.ShapeOf(1, 4, 1, 1), float32(1), 2, 3, 4)
	example(
		Example{"Conv2D/figure 1.1 of the guide", op.Conv2DOp{ConvAttrs: plain},
			tensors(guide(), image(3, 3, 0, 1, 2, 2, 2, 0, 0, 1, 2)), image(3, 3, 12, 12, 17, 10, 17, 19, 9, 6, 14), 0},
		Example{"Conv2D", op.Conv2DOp{ConvAttrs: plain}, tensors(x, w), image(2, 2, 37, 47, 67, 77), 0},
		Example{"Conv2D/strided, padded at the top and the right", op.Conv2DOp{ConvAttrs: strided}, tensors(x, w), image(2, 2, 11, 9, 67, 33), 0},
		Example{"Conv2D/dilated", op.Conv2DOp{ConvAttrs: dilated}, tensors(x, w), image(1, 1, 64), 0},
		Example{"Conv2D/grouped", op.Conv2DOp{ConvAttrs: grouped},
			tensors(pixel, tensor.Of(tensor.ShapeOf(2, 2, 1, 1), float32(1), 10, 100, 1000)), tensor.Of(tensor.ShapeOf(1, 2, 1, 1), float32(21), 4300), 0},
		Example{"Conv2DInputGrad", op.Conv2DInputGradOp{ConvAttrs: plain, H: 3, W: 3}, tensors(dy, w),
			image(3, 3, 1, 12, 20, 103, 1234, 2040, 300, 3400, 4000), 0},
		Example{"Conv2DInputGrad/strided, padded at the top and the right", op.Conv2DInputGradOp{ConvAttrs: strided, H: 3, W: 3}, tensors(dy, w),
			image(3, 3, 3, 4, 30, 100, 200, 1000, 300, 400, 3000), 0},
		Example{"Conv2DWeightGrad", op.Conv2DWeightGradOp{ConvAttrs: plain, KH: 2, KW: 2}, tensors(x, dy),
			image(2, 2, 5421, 6532, 8754, 9865), 0},
		Example{"Conv2DWeightGrad/dilated", op.Conv2DWeightGradOp{ConvAttrs: dilated, KH: 2, KW: 2}, tensors(x, image(1, 1, 2)),
			image(2, 2, 2, 6, 14, 18), 0},
	)
}
