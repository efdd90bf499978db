package optest

import (
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	add(binary("Pow", op.PowOp{}, 0.5, 2, 0), integers("Pow/integers", op.PowOp{}))
	// Whole exponents take negative bases, and 0; the gradient with respect to the exponent is then NaN, so none is checked.
	add(Case{Name: "Pow/whole", Tol: 2e-6, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		s := RandShape(r, 3, 5)
		b := tensor.New(tensor.F32, tensor.ShapeOf(s.Dim(2)))
		for i := range b.F32() {
			b.F32()[i] = float32(r.IntN(4))
		}
		return op.PowOp{}, tensors(Rand(r, -2, 2, s.Dims()...), b)
	}})
	i := tensor.ShapeOf(6)
	example(Example{"Pow/integers", op.PowOp{}, tensors(tensor.Of(i, int64(3), -2, -1, 2, 0, 7), tensor.Of(i, int64(4), 3, -3, -1, -1, 0)),
		tensor.Of(i, int64(81), -8, -1, 0, 0, 1), 0})
	example(Example{"Pow", op.PowOp{}, tensors(vec(2, -2, 0, 9, -8, 0), vec(3, 3, 0, 0.5, 0.5, -1)), vec(8, -8, 1, 3, nan, inf), 0})
}
