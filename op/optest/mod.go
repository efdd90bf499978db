package optest

import (
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	floor, trunc := op.ModOp{}, op.ModOp{Trunc: true}
	add(
		remainder("Mod", floor), remainder("Mod/trunc", trunc),
		integers("Mod/integers", floor), integers("Mod/integers, trunc", trunc),
	)
	a, b, s := vec(7, -7, 7, -7, 5.5, 1), vec(3, 3, -3, -3, 2, 0), tensor.ShapeOf(5)
	i, j := tensor.Of(s, int32(7), -7, 7, -7, 1), tensor.Of(s, int32(3), 3, -3, -3, 0)
	example(
		Example{"Mod", floor, tensors(a, b), vec(1, 2, -2, -1, 1.5, nan), 0},
		Example{"Mod/trunc", trunc, tensors(a, b), vec(1, -1, 1, -1, 1.5, nan), 0},
		Example{"Mod/integers", floor, tensors(i, j), tensor.Of(s, int32(1), 2, -2, -1, 0), 0},
		Example{"Mod/integers, trunc", trunc, tensors(i, j), tensor.Of(s, int32(1), -1, 1, -1, 0), 0},
	)
}

// remainder is the case of a remainder, of quotients that are not near a whole number.
func remainder(name string, o graph.Op) Case {
	return Case{Name: name, Tol: 2e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		s := RandShape(r, 1+r.IntN(4), 5)
		a, b := Rand(r, 0.3, 0.7, s.Dims()...), Rand(r, 0.5, 1, s.Dims()...)
		for i := range a.F32() {
			a.F32()[i] = (a.F32()[i] + float32(r.IntN(6)-3)) * b.F32()[i]
		}
		return o, tensors(a, b)
	}}
}
