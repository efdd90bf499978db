package optest

import (
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	add(
		matMul("MatMul", op.MatMulAttrs{}, 4),
		matMul("MatMul/a transposed", op.MatMulAttrs{TransA: true}, 4),
		matMul("MatMul/b transposed", op.MatMulAttrs{TransB: true}, 4),
		matMul("MatMul/both transposed", op.MatMulAttrs{TransA: true, TransB: true}, 4),
		Case{Name: "MatMul/large", Tol: 1e-5, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
			return randMatMul(r, op.MatMulAttrs{TransA: r.IntN(2) == 0, TransB: r.IntN(2) == 0}, 70)
		}},
	)
	a := tensor.Of(tensor.ShapeOf(2, 3), float32(1), 2, 3, 4, 5, 6)
	b := tensor.Of(tensor.ShapeOf(2, 3), float32(1), 0, -1, 2, 1, 0)
	two := tensor.Of(tensor.ShapeOf(2, 1, 2), float32(1), 1, 1, -1)
	example(
		Example{"MatMul", op.MatMulOp{MatMulAttrs: op.MatMulAttrs{TransB: true}}, tensors(a, b),
			tensor.Of(tensor.ShapeOf(2, 2), float32(-2), 4, -2, 13), 0},
		Example{"MatMul/a transposed", op.MatMulOp{MatMulAttrs: op.MatMulAttrs{TransA: true}}, tensors(a, b),
			tensor.Of(tensor.ShapeOf(3, 3), float32(9), 4, -1, 12, 5, -2, 15, 6, -3), 0},
		Example{"MatMul/batch", op.MatMulOp{}, tensors(two, a),
			tensor.Of(tensor.ShapeOf(2, 1, 3), float32(5), 7, 9, -3, -3, -3), 0},
	)
}

// matMul is the case of a product of matrices of up to most x most, in batches that broadcast.
func matMul(name string, attrs op.MatMulAttrs, most int) Case {
	return Case{Name: name, Tol: 5e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		return randMatMul(r, attrs, most)
	}}
}

func randMatMul(r *rand.Rand, attrs op.MatMulAttrs, most int) (graph.Op, []*tensor.Tensor) {
	m, k, n := 1+r.IntN(most), 1+r.IntN(most), 1+r.IntN(most)
	a, b := []int{m, k}, []int{k, n}
	if attrs.TransA {
		a = []int{k, m}
	}
	if attrs.TransB {
		b = []int{n, k}
	}
	if rank := r.IntN(3); rank > 0 {
		batch := RandShape(r, rank, 3)
		a = append(broadcastable(r, batch).Dims(), a...)
		b = append(broadcastable(r, batch).Dims(), b...)
	}
	// Mostly positive, so that sums do not cancel and the tolerance means what it says.
	return op.MatMulOp{MatMulAttrs: attrs}, tensors(Rand(r, -0.5, 1, a...), Rand(r, -0.5, 1, b...))
}
