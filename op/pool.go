package op

import (
	"cmp"
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// PoolAttrs are the attributes of pooling. Pairs are (vertical, horizontal).
// In a builder's argument a stride of zeros means the kernel's size, so that windows tile the image.
type PoolAttrs struct {
	Kernel, Stride  [2]int
	Pad             [4]int // top, left, bottom, right: ONNX's order; each smaller than the kernel
	CountIncludePad bool   // padding counts in an average; maxima do not care
}

// OutSize returns the height and width of the result of pooling an h x w image, 0 where the window is larger than the padded image.
func (a PoolAttrs) OutSize(h, w int) (oh, ow int) {
	return windows(h+a.Pad[0]+a.Pad[2], a.Kernel[0], a.Stride[0]), windows(w+a.Pad[1]+a.Pad[3], a.Kernel[1], a.Stride[1])
}

// Window returns the part of an h x w image, rows y0 <= y < y1 and columns x0 <= x < x1, in the window of the result at (oy, ox).
// It is never empty.
func (a PoolAttrs) Window(h, w, oy, ox int) (y0, y1, x0, x1 int) {
	y, x := oy*a.Stride[0]-a.Pad[0], ox*a.Stride[1]-a.Pad[1]
	return max(y, 0), min(y+a.Kernel[0], h), max(x, 0), min(x+a.Kernel[1], w)
}

func (a PoolAttrs) withDefaults() PoolAttrs {
	a.Stride = [2]int{cmp.Or(a.Stride[0], a.Kernel[0]), cmp.Or(a.Stride[1], a.Kernel[1])}
	return a
}

// check returns the shape of the result of pooling x, or what is wrong with the attributes or the shape.
func (a PoolAttrs) check(x tensor.Shape) (tensor.Shape, error) {
	if err := cmp.Or(expectRange("kernel", 1, a.Kernel[:]...), expectRange("stride", 1, a.Stride[:]...)); err != nil {
		return x, err
	}
	for i, p := range a.Pad {
		if p < 0 || p >= a.Kernel[i%2] {
			return x, fmt.Errorf("padding %v with kernel %v: 0 or more and less than the kernel expected", a.Pad, a.Kernel)
		}
	}
	h, w := x.Dim(2), x.Dim(3)
	oh, ow := a.OutSize(h, w)
	if min(h, w, oh, ow) < 1 {
		return x, fmt.Errorf("the window is %d x %d, more than the padded image's %d x %d",
			a.Kernel[0], a.Kernel[1], h+a.Pad[0]+a.Pad[2], w+a.Pad[1]+a.Pad[3])
	}
	return tensor.ShapeOf(x.Dim(0), x.Dim(1), oh, ow), nil
}

// infer is the type rule of pooling.
func (a PoolAttrs) infer(in []graph.Type) (graph.Type, error) {
	if err := expect(in, "x f32[N C H W]"); err != nil {
		return graph.Type{}, err
	}
	y, err := a.check(in[0].Shape)
	return graph.Type{DType: tensor.F32, Shape: y}, err
}

// eachWindow calls f for each element y[iy] of the result of pooling a tensor of shape x, with an iterator over the positions
// in x of its window, in row-major order.
func (a PoolAttrs) eachWindow(x, y tensor.Shape, f func(iy int, window func(yield func(ix int) bool))) {
	h, w := x.Dim(2), x.Dim(3)
	graph.Walk(y, func(iy int, at *[tensor.MaxRank]int) {
		y0, y1, x0, x1 := a.Window(h, w, at[2], at[3])
		plane := (at[0]*x.Dim(1) + at[1]) * h * w
		f(iy, func(yield func(ix int) bool) {
			for r := y0; r < y1; r++ {
				for c := x0; c < x1; c++ {
					if !yield(plane + r*w + c) {
						return
					}
				}
			}
		})
	})
}

// flops counts one for each tap of each window.
func (a PoolAttrs) flops(y tensor.Shape) int64 {
	return int64(y.Size()) * int64(a.Kernel[0]*a.Kernel[1])
}
