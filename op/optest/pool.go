package optest

import (
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// randPool returns attributes of pooling, the shape of images that they fit, and that of the result.
func randPool(r *rand.Rand) (a op.PoolAttrs, x, y tensor.Shape) {
	a.Kernel = [2]int{1 + r.IntN(3), 1 + r.IntN(3)}
	a.Stride = a.Kernel
	if r.IntN(2) == 0 {
		a.Stride = [2]int{1 + r.IntN(3), 1 + r.IntN(3)}
	}
	if r.IntN(2) == 0 {
		for i := range a.Pad {
			a.Pad[i] = r.IntN(a.Kernel[i%2])
		}
	}
	a.CountIncludePad = r.IntN(2) == 0
	n, c, h, w := 1+r.IntN(2), 1+r.IntN(3), 3+r.IntN(4), 3+r.IntN(4)
	oh, ow := a.OutSize(h, w)
	return a, tensor.ShapeOf(n, c, h, w), tensor.ShapeOf(n, c, oh, ow)
}

// maxPool is the case of an op made from the attributes of max pooling.
func maxPool(name string, tol, gradTol float64, make func(r *rand.Rand, a op.PoolAttrs, x, y tensor.Shape) (graph.Op, []*tensor.Tensor)) Case {
	return Case{Name: name, Tol: tol, GradTol: gradTol, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		a, x, y := randPool(r)
		a.CountIncludePad = false
		return make(r, a, x, y)
	}}
}

// square returns attributes with a k x k window.
func square(k, stride, pad int) op.PoolAttrs {
	return op.PoolAttrs{Kernel: [2]int{k, k}, Stride: [2]int{stride, stride}, Pad: [4]int{pad, pad, pad, pad}}
}
