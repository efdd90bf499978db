package nn

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

// MaxPool takes the maximum of each window of kernel x kernel pixels of [N, C, H, W]. The windows do not overlap unless
// Stride says so.
func MaxPool(kernel int, options ...PoolOption) Layer {
	a := poolAttrs(kernel, options)
	return func(_ Scope, x *graph.Node) *graph.Node { return op.MaxPool(x, a) }
}

// AvgPool takes the mean of each window of kernel x kernel pixels of [N, C, H, W]. The windows do not overlap unless Stride
// says so. Padding counts in the mean, as in PyTorch.
func AvgPool(kernel int, options ...PoolOption) Layer {
	a := poolAttrs(kernel, options)
	a.CountIncludePad = true
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
