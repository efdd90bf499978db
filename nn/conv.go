package nn

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

type conv struct {
	out, height, width int
	attrs              op.ConvAttrs
	same               bool // the padding is SamePad's
	weights            weights
}

// Conv convolves images [N, C, H, W] to out channels with a square window of kernel x kernel pixels, and adds a bias per
// channel. Its parameters are "weight" [out, C/groups, kernel, kernel] and "bias" [out].
func Conv(out, kernel int, options ...ConvOption) Layer {
	return ConvRect(out, kernel, kernel, options...)
}

// ConvRect is [Conv] with a window of height x width pixels.
func ConvRect(out, height, width int, options ...ConvOption) Layer {
	c := conv{out: out, height: height, width: width}
	c.attrs.Groups = 1
	for _, o := range options {
		o.conv(&c)
	}
	return c.apply
}

func (c conv) apply(s Scope, x *graph.Node) *graph.Node {
	if err := c.check(x.Shape()); err != nil {
		graph.Fail("Conv", err, x)
	}
	shape := tensor.ShapeOf(c.out, x.Shape().Dim(1)/c.attrs.Groups, c.height, c.width)
	weight, bias := c.weights.declare(s, shape, c.out)
	if c.same {
		c.attrs.Pad = c.samePads(x.Shape())
	}
	y := op.Conv2D(x, weight, c.attrs)
	if bias != nil {
		y = op.Add(y, op.Reshape(bias, 1, c.out, 1, 1))
	}
	return y
}

// samePads returns the padding of [SamePad] for images of shape x.
func (c conv) samePads(x tensor.Shape) (pads [4]int) {
	for i, kernel := range []int{c.height, c.width} {
		size, stride := x.Dim(2+i), max(1, c.attrs.Stride[i])
		window := (kernel-1)*max(1, c.attrs.Dilation[i]) + 1
		total := max(0, (size+stride-1)/stride*stride-stride+window-size)
		pads[i], pads[2+i] = total/2, total-total/2
	}
	return pads
}

func (c conv) check(x tensor.Shape) error {
	switch g := c.attrs.Groups; {
	case x.Rank() != 4:
		return fmt.Errorf("x has shape %v, [N C H W] expected", x)
	case min(c.out, c.height, c.width, g) <= 0:
		return fmt.Errorf("%d channels, a window of %dx%d and %d groups: all must be positive", c.out, c.height, c.width, g)
	case x.Dim(1)%g != 0 || c.out%g != 0:
		return fmt.Errorf("%d groups do not divide %d input and %d output channels", g, x.Dim(1), c.out)
	}
	return nil
}
