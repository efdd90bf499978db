package optest

import (
	"math/rand/v2"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	sum := func(a op.ReduceAttrs) graph.Op { return op.ReduceSumOp{ReduceAttrs: a} }
	mean := func(a op.ReduceAttrs) graph.Op { return op.ReduceMeanOp{ReduceAttrs: a} }
	max := func(a op.ReduceAttrs) graph.Op { return op.ReduceMaxOp{ReduceAttrs: a} }
	min := func(a op.ReduceAttrs) graph.Op { return op.ReduceMinOp{ReduceAttrs: a} }
	prod := func(a op.ReduceAttrs) graph.Op { return op.ReduceProdOp{ReduceAttrs: a} }
	anything := func(r *rand.Rand, s tensor.Shape) *tensor.Tensor { return Rand(r, -1, 1, s.Dims()...) }
	add(
		reduction("ReduceSum", sum, anything),
		reduction("ReduceMean", mean, anything),
		reduction("ReduceMax", max, distinct),
		reduction("ReduceMin", min, distinct),
		reduction("ReduceProd", prod, func(r *rand.Rand, s tensor.Shape) *tensor.Tensor {
			return Rand(r, 0.6, 1.4, s.Dims()...)
		}),
		reduction("ReduceProd/zeros", prod, func(r *rand.Rand, s tensor.Shape) *tensor.Tensor {
			x := Rand(r, -1.5, 1.5, s.Dims()...)
			x.F32()[r.IntN(x.Size())] = 0
			x.F32()[r.IntN(x.Size())] = 0
			return x
		}),
		integerReduction("ReduceSum/integers", sum),
		integerReduction("ReduceMax/integers", max),
		integerReduction("ReduceMin/integers", min),
		integerReduction("ReduceProd/integers", prod),
		exactly(reduction("ReduceMax/ties", max, ties)),
		exactly(reduction("ReduceMin/ties", min, ties)),
	)
	x := tensor.Of(tensor.ShapeOf(2, 3), float32(1), 2, 3, 4, 5, 0)
	rows := op.ReduceAttrs{Axes: op.Axes(1)}
	columns := op.ReduceAttrs{Axes: op.Axes(0), KeepDims: true}
	example(
		Example{"ReduceSum", sum(rows), tensors(x), vec(6, 9), 0},
		Example{"ReduceSum/of nothing", sum(rows), tensors(tensor.New(tensor.F32, tensor.ShapeOf(2, 0))), vec(0, 0), 0},
		Example{"ReduceMean", mean(columns), tensors(x), tensor.Of(tensor.ShapeOf(1, 3), float32(2.5), 3.5, 1.5), 0},
		Example{"ReduceMax", max(rows), tensors(x), vec(3, 5), 0},
		Example{"ReduceMax/NaN", max(op.ReduceAttrs{Axes: 1}), tensors(vec(1, nan, 2)), tensor.Of(tensor.Shape{}, nan), 0},
		Example{"ReduceMin", min(columns), tensors(x), tensor.Of(tensor.ShapeOf(1, 3), float32(1), 2, 0), 0},
		Example{"ReduceMin/NaN", min(op.ReduceAttrs{Axes: 1}), tensors(vec(1, nan, 2)), tensor.Of(tensor.Shape{}, nan), 0},
		Example{"ReduceSum/integers", sum(op.ReduceAttrs{Axes: 1}), tensors(tensor.Of(tensor.ShapeOf(2), int64(1)<<60, 1)), tensor.Of(tensor.Shape{}, int64(1)<<60+1), 0},
		Example{"ReduceProd", prod(rows), tensors(x), vec(6, 0), 0},
	)
}

// reduction is the case of a reduction over random axes of what values returns.
func reduction(name string, make func(op.ReduceAttrs) graph.Op, values func(*rand.Rand, tensor.Shape) *tensor.Tensor) Case {
	return Case{Name: name, Tol: 2e-6, GradTol: 0.01, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		s := RandShape(r, 1+r.IntN(4), 5)
		axes := op.AxisSet(r.IntN(1 << s.Rank()))
		return make(op.ReduceAttrs{Axes: axes, KeepDims: r.IntN(2) == 0}), tensors(values(r, s))
	}}
}

// integerReduction is the case of a reduction of i32, i64 or u32 over random axes.
func integerReduction(name string, make func(op.ReduceAttrs) graph.Op) Case {
	return Case{Name: name, Make: func(r *rand.Rand) (graph.Op, []*tensor.Tensor) {
		s := RandShape(r, 1+r.IntN(4), 5)
		axes := op.AxisSet(r.IntN(1 << s.Rank()))
		d := []tensor.DType{tensor.I32, tensor.I64, tensor.U32}[r.IntN(3)]
		return make(op.ReduceAttrs{Axes: axes, KeepDims: r.IntN(2) == 0}), tensors(Ints(r, d, 9, s))
	}}
}

// distinct returns a tensor whose elements are so far apart that finite differences do not change their order.
func distinct(r *rand.Rand, s tensor.Shape) *tensor.Tensor {
	x := tensor.New(tensor.F32, s)
	for i, p := range r.Perm(s.Size()) {
		x.F32()[i] = 0.05 * float32(p-s.Size()/2)
	}
	return x
}

// ties returns a tensor of few different values.
func ties(r *rand.Rand, s tensor.Shape) *tensor.Tensor {
	x := tensor.New(tensor.F32, s)
	for i := range x.F32() {
		x.F32()[i] = float32(r.IntN(3) - 1)
	}
	return x
}
