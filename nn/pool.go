package nn

import (
	"cmp"
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

// MaxPool takes the maximum of each window of kernel x kernel pixels of [N, C, H, W]. The windows do not overlap unless
// Stride says so.
func MaxPool(kernel int, options ...PoolOption) Layer {
	a := poolAttrs(kernel, options)
	return func(_ Scope, x *graph.Node) *graph.Node { return op.MaxPool(x, a) }
}

// MaxPoolCeil is [MaxPool] with windows that may reach beyond the lower and right edges of the padded image, so that the last
// pixels have their windows, too: PyTorch's ceil_mode. Windows that would begin beyond the image itself are left out.
func MaxPoolCeil(kernel int, options ...PoolOption) Layer {
	a := poolAttrs(kernel, options)
	return func(_ Scope, x *graph.Node) *graph.Node {
		if x.Shape().Rank() != 4 {
			graph.Fail("MaxPoolCeil", fmt.Errorf("x has shape %v, [N C H W] expected", x.Shape()), x)
		}
		own := a
		for i := range 2 {
			own.Pad[2+i] = ceilPad(x.Shape().Dim(2+i), a.Kernel[i], max(1, cmp.Or(a.Stride[i], a.Kernel[i])), a.Pad[i], a.Pad[2+i])
		}
		return op.MaxPool(x, own)
	}
}

// ceilPad returns the padding after size pixels, after or more, with which the last window ends where the padding does.
func ceilPad(size, kernel, stride, before, after int) int {
	last := before + size + after - kernel // where a window begins that ends with the padding
	missing := ((-last)%stride + stride) % stride
	if last+missing >= before+size {
		return after
	}
	return after + missing
}

// AvgPool takes the mean of each window of kernel x kernel pixels of [N, C, H, W]. The windows do not overlap unless Stride
// says so. Padding counts in the mean, as in PyTorch, unless [UncountedPad] says otherwise.
func AvgPool(kernel int, options ...PoolOption) Layer {
	a := poolAttrs(kernel, append([]PoolOption{countsPad(true)}, options...))
	return func(_ Scope, x *graph.Node) *graph.Node { return op.AvgPool(x, a) }
}

func poolAttrs(kernel int, options []PoolOption) op.PoolAttrs {
	a := op.PoolAttrs{Kernel: [2]int{kernel, kernel}}
	for _, o := range options {
		o.pool(&a)
	}
	return a
}

// GlobalAvgPool takes the mean of each channel: [N, C, H, W] to [N, C, 1, 1] (Lin, Chen & Yan, "Network in network", 2014).
func GlobalAvgPool(_ Scope, x *graph.Node) *graph.Node { return op.GlobalAvgPool(x) }
