package optest

import (
	"math"
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	softmax := func(axis int) graph.Op { return op.SoftmaxOp{Axis: axis} }
	logSoftmax := func(axis int) graph.Op { return op.LogSoftmaxOp{Axis: axis} }
	softmaxGrad := func(axis int) graph.Op { return op.SoftmaxGradOp{Axis: axis} }
	logSoftmaxGrad := func(axis int) graph.Op { return op.LogSoftmaxGradOp{Axis: axis} }
	add(
		along("Softmax", softmax, 1, -4, 4),
		along("LogSoftmax", logSoftmax, 1, -4, 4),
		along("SoftmaxGrad", softmaxGrad, 2, -1, 1),
		along("LogSoftmaxGrad", logSoftmaxGrad, 2, -2, 0),
	)
	x := vec(0, math.Ln2, 1000)
	third := tensor.Of(tensor.ShapeOf(2, 2), float32(0), 1000, math.Ln2, 1000)
	example(
		Example{"Softmax", softmax(0), tensors(vec(0, math.Ln2)), vec(1./3, 2./3), 1e-7},
		Example{"Softmax/large", softmax(0), tensors(x), vec(0, 0, 1), 0},
		Example{"Softmax/columns", softmax(0), tensors(third), tensor.Of(tensor.ShapeOf(2, 2), float32(1./3), 0.5, 2./3, 0.5), 1e-7},
		Example{"LogSoftmax", logSoftmax(0), tensors(x), vec(-1000, math.Ln2-1000, 0), 0},
	)
}

// along is the case of an op on n tensors of one shape that works along a random axis.
func along(name string, make func(axis int) graph.Op, n int, lo, hi float64) Case {
	return Case{Name: name, Tol: 2e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		s := RandShape(r, 1+r.IntN(3), 6)
		var in []*tensor.Tensor
		for range n {
			in = append(in, Rand(r, lo, hi, s.Dims()...))
		}
		return make(r.IntN(s.Rank())), in
	}}
}
