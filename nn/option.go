package nn

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// A ConvOption is an option of [Conv].
type ConvOption interface{ conv(*conv) }

// A DenseOption is an option of [Dense].
type DenseOption interface{ dense(*dense) }

// A PoolOption is an option of [MaxPool] and [AvgPool].
type PoolOption interface{ pool(*op.PoolAttrs) }

// A WindowOption is an option of whatever slides a window over an image.
type WindowOption interface {
	ConvOption
	PoolOption
}

// A WeightOption is an option of whatever has weights and biases.
type WeightOption interface {
	ConvOption
	DenseOption
}

// Stride moves the window by n pixels in both directions. The default is 1 for Conv, the size of the window for pools.
func Stride(n int) WindowOption { return stride(n) }

type stride int

func (n stride) conv(c *conv)         { c.attrs.Stride = [2]int{int(n), int(n)} }
func (n stride) pool(a *op.PoolAttrs) { a.Stride = [2]int{int(n), int(n)} }

// Pad adds n pixels on all four sides: of value 0 for Conv and AvgPool, never the maximum for MaxPool. The default is 0.
func Pad(n int) WindowOption { return Pads(n, n, n, n) }

// Pads is [Pad] with a number for each side.
func Pads(top, left, bottom, right int) WindowOption { return pads{top, left, bottom, right} }

type pads [4]int

func (p pads) conv(c *conv)         { c.attrs.Pad, c.same = p, false }
func (p pads) pool(a *op.PoolAttrs) { a.Pad = p }

// SamePad pads as TensorFlow does where it says "SAME": the result has the size of the image divided by the stride, rounded up. Of an odd number
// of pixels, the larger half goes below and to the right.
var SamePad ConvOption = samePad{}

type samePad struct{}

func (samePad) conv(c *conv) { c.same = true }

// UncountedPad leaves padding out of AvgPool's means, as TensorFlow does.
var UncountedPad PoolOption = countsPad(false)

type countsPad bool

func (c countsPad) pool(a *op.PoolAttrs) { a.CountIncludePad = bool(c) }

// Dilation sets the distance of the pixels that the window takes, 1 by default.
func Dilation(n int) ConvOption { return dilation(n) }

type dilation int

func (n dilation) conv(c *conv) { c.attrs.Dilation = [2]int{int(n), int(n)} }

// Groups divides input and output channels into n groups that do not mix; 1 by default.
func Groups(n int) ConvOption { return groups(n) }

type groups int

func (n groups) conv(c *conv) { c.attrs.Groups = int(n) }

// NoBias leaves the bias out, as one does before a BatchNorm.
var NoBias WeightOption = noBias{}

type noBias struct{}

func (noBias) conv(c *conv)   { c.weights.noBias = true }
func (noBias) dense(d *dense) { d.weights.noBias = true }

// WithInit replaces the initialisers, by default PyTorch's: weights and biases uniform within ±1/√(fan-in).
func WithInit(weight, bias Init) WeightOption { return withInit{weight, bias} }

type withInit struct{ weight, bias Init }

func (o withInit) conv(c *conv)   { c.weights.init = o }
func (o withInit) dense(d *dense) { d.weights.init = o }

// weights is what Conv and Dense have in common.
type weights struct {
	noBias bool
	init   withInit
}

// declare returns the parameters "weight", of the given shape, and "bias", a number for each of out channels, nil if there is none.
func (w weights) declare(s Scope, shape tensor.Shape, out int) (weight, bias *graph.Node) {
	in, _ := fans(shape)
	init := w.init
	if init.weight == nil {
		init.weight = KaimingUniform(math.Sqrt(5))
	}
	if init.bias == nil {
		init.bias = Uniform(-1/math.Sqrt(in), 1/math.Sqrt(in))
	}
	weight = s.Param("weight", shape, init.weight)
	if !w.noBias {
		bias = s.Param("bias", tensor.ShapeOf(out), init.bias)
	}
	return weight, bias
}
