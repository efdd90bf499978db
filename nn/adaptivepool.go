package nn

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// AdaptiveAvgPool divides images [N, C, H, W] of any size into height x width windows, as even as can be, and takes the mean of
// each: [N, C, height, width]. Row i of the windows covers the pixels' rows floor(i H/height) to ceil((i+1) H/height), so neighbours
// may share some; columns likewise.
func AdaptiveAvgPool(height, width int) Layer {
	return func(_ Scope, x *graph.Node) *graph.Node {
		s := x.Shape()
		if s.Rank() != 4 || min(height, width) <= 0 {
			graph.Fail("AdaptiveAvgPool", fmt.Errorf("%dx%d windows of x of shape %v, 1x1 or more of [N C H W] expected", height, width, s), x)
		}
		if s.Dim(2)%height == 0 && s.Dim(3)%width == 0 { // all are alike
			return evenAvgPool(x, s.Dim(2)/height, s.Dim(3)/width)
		}
		// The windows differ in size, but each mean is a weighted sum of the pixels: a product with a matrix.
		weights := x.Graph().Const(evenWindows(s.Dim(2), s.Dim(3), height, width))
		pixels := op.Reshape(x, s.Dim(0)*s.Dim(1), s.Dim(2)*s.Dim(3))
		y := op.MatMul(pixels, weights, op.MatMulAttrs{TransB: true})
		return op.Reshape(y, s.Dim(0), s.Dim(1), height, width)
	}
}

// evenAvgPool takes the mean of each window of height x width pixels; they tile the image.
func evenAvgPool(x *graph.Node, height, width int) *graph.Node {
	switch {
	case height == 1 && width == 1:
		return x
	case height == x.Shape().Dim(2) && width == x.Shape().Dim(3):
		return op.GlobalAvgPool(x)
	}
	return op.AvgPool(x, op.PoolAttrs{Kernel: [2]int{height, width}})
}

// evenWindows returns the weight of each of h x w pixels in each of rows x columns windows: [rows·columns, h·w].
func evenWindows(h, w, rows, columns int) *tensor.Tensor {
	t := tensor.New(tensor.F32, tensor.ShapeOf(rows*columns, h*w))
	for window := range rows * columns {
		y0, y1 := span(window/columns, rows, h)
		x0, x1 := span(window%columns, columns, w)
		for y := y0; y < y1; y++ {
			for x := x0; x < x1; x++ {
				t.F32()[(window*h+y)*w+x] = 1 / float32((y1-y0)*(x1-x0))
			}
		}
	}
	return t
}

// span returns where part i of n of size pixels begins and ends.
func span(i, n, size int) (begin, end int) { return i * size / n, ((i+1)*size + n - 1) / n }
