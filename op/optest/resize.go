package optest

import (
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	add(
		Case{Name: "Resize", Tol: 2e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			a, x := randResize(r)
			return op.ResizeOp{ResizeAttrs: a}, tensors(Rand(r, -1, 1, x.Dims()...))
		}},
		Case{Name: "ResizeGrad", Tol: 2e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			a, x := randResize(r)
			return op.ResizeGradOp{ResizeAttrs: a, OldH: x.Dim(2), OldW: x.Dim(3)}, tensors(Rand(r, -1, 1, x.Dim(0), x.Dim(1), a.H, a.W))
		}},
	)
	x := image(1, 2, 1, 5)
	example(
		Example{"Resize", op.ResizeOp{ResizeAttrs: op.ResizeAttrs{H: 1, W: 4}}, tensors(x), image(1, 4, 1, 2, 4, 5), 0},
		Example{"Resize/corners", op.ResizeOp{ResizeAttrs: op.ResizeAttrs{H: 2, W: 5, AlignCorners: true}}, tensors(x),
			image(2, 5, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5), 0},
		Example{"Resize/to one", op.ResizeOp{ResizeAttrs: op.ResizeAttrs{H: 1, W: 1}}, tensors(x), image(1, 1, 3), 0},
		Example{"ResizeGrad", op.ResizeGradOp{ResizeAttrs: op.ResizeAttrs{H: 1, W: 4}, OldH: 1, OldW: 2}, tensors(image(1, 4, 1, 2, 4, 8)),
			image(1, 2, 1+1.5+1, 0.5+3+8), 0},
	)
}

// randResize returns attributes of a resizing and the shape of images that are to be resized.
func randResize(r *rand.Rand) (op.ResizeAttrs, tensor.Shape) {
	return op.ResizeAttrs{H: 1 + r.IntN(9), W: 1 + r.IntN(9), AlignCorners: r.IntN(2) == 0}, RandShape(r, 4, 6)
}
