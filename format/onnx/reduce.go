package onnx

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// A reducer reduces x over axes, all if there are none in the list.
type reducer func(x *graph.Node, keep bool, axes ...int) *graph.Node

func init() {
	registerReduction("ReduceSum", op.ReduceSum)
	registerReduction("ReduceProd", op.ReduceProd)
	registerReduction("ReduceMax", op.ReduceMax)
	registerReduction("ReduceMin", op.ReduceMin)
	registerReduction("ReduceMean", reduceMean)
	registerReduction("ReduceL1", func(x *graph.Node, keep bool, axes ...int) *graph.Node {
		if x.DType() != tensor.U32 {
			x = op.Max(x, op.Sub(fill(x, 0), x))
		}
		return op.ReduceSum(x, keep, axes...)
	})
	registerReduction("ReduceSumSquare", func(x *graph.Node, keep bool, axes ...int) *graph.Node {
		return op.ReduceSum(op.Mul(x, x), keep, axes...)
	})
	registerReduction("ReduceL2", inReal(func(x *graph.Node, keep bool, axes ...int) *graph.Node {
		return op.Sqrt(op.ReduceSum(op.Mul(x, x), keep, axes...))
	}))
	registerReduction("ReduceLogSum", inReal(func(x *graph.Node, keep bool, axes ...int) *graph.Node {
		return op.Log(op.ReduceSum(x, keep, axes...))
	}))
	registerReduction("ReduceLogSumExp", inReal(logSumExp))
	register("ArgMax", 1, func(c *call) []value { return c.argMax(c.x(0).arithmetic()) })
	register("ArgMin", 1, argMin)
	register("Hardmax", 1, hardmax)
}

// registerReduction adds an operator that reduces some dimensions.
func registerReduction(name string, f reducer) {
	since := 18 // the operator set from which on the axes are an input
	if name == "ReduceSum" {
		since = 13
	}
	register(name, 1, func(c *call) []value {
		x := c.x(0)
		axes := c.axes(c.axesInput(since), x.rank())
		if len(axes) == 0 {
			if c.opset >= since && c.attrBool("noop_with_empty_axes") {
				return c.reduced(x, f, true, nil)
			}
			axes = identity(x.rank())
		}
		if (name == "ReduceMax" || name == "ReduceMin") && x.shape().Size() == 0 {
			return []value{ofNothing(x, name == "ReduceMax", c.attrInt("keepdims", 1) != 0, axes)}
		}
		return c.reduced(x, f, c.attrInt("keepdims", 1) != 0, axes)
	})
}

// reduced returns x reduced over the axes, where no axes means none: then each element is reduced by itself, over a dimension of size 1.
func (c *call) reduced(x value, f reducer, keep bool, axes []int) []value {
	n := x.arithmetic()
	if len(axes) > 0 {
		return []value{wrap(f(n, keep, axes...), x.t)}
	}
	rows := op.Reshape(n, n.Shape().Size(), 1)
	return []value{wrap(op.Reshape(f(rows, false, 1), n.Shape().Dims()...), x.t)}
}

// inReal returns a reducer that computes in float32 whatever it is given.
func inReal(f reducer) reducer {
	return func(x *graph.Node, keep bool, axes ...int) *graph.Node {
		return op.Cast(f(op.Cast(x, tensor.F32), keep, axes...), x.DType())
	}
}

// ofNothing returns what a maximum (or else a minimum) over no elements is: the smallest (largest) number of the type.
func ofNothing(x value, maximum, keep bool, axes []int) value {
	typ := op.ReduceSum(x.arithmetic(), keep, axes...).Type()
	info := dataTypes[x.t]
	lo, hi := float64(info.lo), float64(info.hi)
	switch x.t {
	case Int32:
		lo, hi = math.MinInt32, math.MaxInt32
	case Uint32:
		hi = math.MaxUint32
	case Int64:
		lo, hi = math.MinInt64, math.MaxInt64-1023 // the largest that float64 has
	case Uint64:
		hi = math.MaxInt64 - 1023
	}
	if x.t.isFloat() {
		lo, hi = math.Inf(-1), math.Inf(1)
	}
	if maximum {
		hi = lo
	}
	return wrap(x.n.Graph().Fill(typ, hi), x.t)
}

// reduceMean rounds the means of integers toward 0.
func reduceMean(x *graph.Node, keep bool, axes ...int) *graph.Node {
	if x.DType() == tensor.F32 {
		return op.ReduceMean(x, keep, axes...)
	}
	n := 1
	for _, a := range axes {
		n *= x.Shape().Dim(a)
	}
	return op.Div(op.ReduceSum(x, keep, axes...), fill(x, float64(n)))
}

// logSumExp subtracts the largest element first, unless that is infinite.
func logSumExp(x *graph.Node, keep bool, axes ...int) *graph.Node {
	g := x.Graph()
	if x.Shape().Size() == 0 {
		return op.Log(op.ReduceSum(x, keep, axes...))
	}
	largest := op.ReduceMax(x, true, axes...)
	largest = op.Where(op.Less(op.Abs(largest), g.Scalar(math.Inf(1))), largest, g.Scalar(0))
	sum := op.Add(op.Log(op.ReduceSum(op.Exp(op.Sub(x, largest)), true, axes...)), largest)
	if keep {
		return sum
	}
	return op.Reshape(sum, op.ReduceSum(x, false, axes...).Shape().Dims()...)
}

// argMax returns the index of the first maximum, or of the last with select_last_index: then it is counted from the end.
func (c *call) argMax(x *graph.Node) []value {
	axis := c.axis(c.attrInt("axis", 0), x.Shape().Rank())
	keep := c.attrInt("keepdims", 1) != 0
	if !c.attrBool("select_last_index") {
		return []value{{n: op.ArgMax(x, axis, keep), t: Int64}}
	}
	last := c.constant(tensor.Of(tensor.Shape{}, int64(x.Shape().Dim(axis)-1)))
	return []value{{n: op.Sub(last, op.ArgMax(c.reversed(x, axis), axis, keep)), t: Int64}}
}

// argMin is the argMax of what is small where x is large.
func argMin(c *call) []value {
	x := c.x(0).arithmetic()
	if x.DType() == tensor.F32 {
		return c.argMax(op.Neg(x))
	}
	return c.argMax(op.Sub(op.Sub(fill(x, 0), fill(x, 1)), x)) // -1 - x: unlike -x, it does not overflow
}

// reversed returns x with its elements along axis in the opposite order.
func (c *call) reversed(x *graph.Node, axis int) *graph.Node {
	n := x.Shape().Dim(axis)
	indices := c.tensor(tensor.I64, n)
	for i := range indices.I64() {
		indices.I64()[i] = int64(n - 1 - i)
	}
	return op.Gather(x, c.constant(indices), axis)
}

// hardmax is 1 at the first maximum and 0 elsewhere.
func hardmax(c *call) []value {
	return c.alongAxis(func(x *graph.Node, axis int) *graph.Node {
		places := c.count(x.Shape().Dim(axis), x.Shape().Rank()-1-axis)
		return op.Cast(op.Equal(op.ArgMax(x, axis, true), places), tensor.F32)
	})
}
