package op_test

import (
	"math"
	"strings"
	"testing"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// TestErrors checks that misuse ends the trace with a message that says what was wrong and what was expected.
func TestErrors(t *testing.T) {
	var x23, x3, x4, i5, mask, scalar *graph.Node // set below, before build runs
	nan := float32(math.NaN())
	for _, c := range []struct {
		build func() *graph.Node
		want  string
	}{
		{func() *graph.Node { return op.Relu(i5) }, "Relu: input 0 has element type i32, f32 expected (inputs i32[5])"},
		{func() *graph.Node { return graph.Apply(op.ReluOp{}, x3, x3) }, "Relu: 2 inputs, 1 expected"},
		{func() *graph.Node { return op.Clip(x3, 2, 1) }, "Clip: limits 2 and 1, the lower one first expected"},
		{func() *graph.Node { return op.Clip(x3, nan, 1) }, "Clip: limits NaN and 1, the lower one first expected"},
		{func() *graph.Node { return graph.Apply(op.TanhGradOp{}, x3, x4) }, "TanhGrad: shapes [3] and [4], equal ones expected"},

		{func() *graph.Node { return op.Add(x3, i5) }, "Add: element types f32 and i32 differ"},
		{func() *graph.Node { return op.Mul(mask, mask) }, "Mul: no arithmetic on bool"},
		{func() *graph.Node { return op.Sub(x23, x4) }, "Sub: shapes [2 3] and [4] do not broadcast: 3 and 4 differ and neither is 1"},
		{func() *graph.Node { return op.Div(mask, mask) }, "Div: no arithmetic on bool"},
		{func() *graph.Node { return op.Less(x3, i5) }, "Less: element types f32 and i32 differ"},
		{func() *graph.Node { return op.Where(x3, x3, x3) }, "Where: input 0 has element type f32, bool expected"},
		{func() *graph.Node { return op.Where(mask, x3, i5) }, "Where: element types f32 and i32 differ"},
		{func() *graph.Node { return op.Where(mask, x3, x4) }, "Where: shapes [3] and [4] do not broadcast"},
		{func() *graph.Node { return op.Cast(x3, tensor.Invalid) }, "Cast: no cast from f32 to invalid"},

		{func() *graph.Node { return op.ReduceSum(mask, false) }, "ReduceSum: no reduction of bool"},
		{func() *graph.Node { return op.ReduceMean(i5, false) }, "ReduceMean: input 0 has element type i32, f32 expected"},
		{func() *graph.Node { return op.ReduceMean(x23, false, 2) }, "ReduceMean: axis 2 of shape [2 3], 0 to 1 expected (or -2 to -1 from the end)"},
		{func() *graph.Node { return op.ReduceMax(x23, false, -3) }, "ReduceMax: axis -3 of shape [2 3], 0 to 1 expected"},
		{func() *graph.Node { return op.ReduceMin(x23, false, 1, -1) }, "ReduceMin: axis -1 is listed twice in [1 -1]"},
		{func() *graph.Node { return op.ReduceProd(scalar, false, 0) }, "ReduceProd: axis 0 of a scalar, which has none"},
		{func() *graph.Node { return op.ReduceMax(op.Slice(x3, 0, 1, 1, 1), false) }, "ReduceMax: axes [0] of shape [0] have no elements, one or more expected"},
		{func() *graph.Node {
			return graph.Apply(op.ReduceSumOp{ReduceAttrs: op.ReduceAttrs{Axes: op.Axes(2)}}, x23)
		},
			"ReduceSum: axes [2] of shape [2 3], which has 2"},
		{func() *graph.Node { return op.ArgMax(op.Slice(x3, 0, 1, 1, 1), 0, false) }, "ArgMax: axis 0 of shape [0] has no elements"},
		{func() *graph.Node { return op.ArgMax(x23, 5, false) }, "ArgMax: axis 5 of shape [2 3], 0 to 1 expected"},
		{func() *graph.Node { return op.Softmax(x23, 2) }, "Softmax: axis 2 of shape [2 3], 0 to 1 expected"},
		{func() *graph.Node { return op.LogSoftmax(scalar, -1) }, "LogSoftmax: axis -1 of a scalar, which has none"},

		{func() *graph.Node { return op.Reshape(x23, 5) }, "Reshape: the 6 elements of shape [2 3] do not fill [5]"},
		{func() *graph.Node { return op.Reshape(x23, -1, 4) }, "Reshape: the 6 elements of shape [2 3] do not fill [-1 4] for any size in place of -1"},
		{func() *graph.Node { return op.Reshape(x23, -1, 0) }, "Reshape: the 6 elements of shape [2 3] do not fill [-1 0] for any size in place of -1"},
		{func() *graph.Node { return op.Reshape(x23, -1, -1) }, "Reshape: more than one -1 in [-1 -1]"},
		{func() *graph.Node { return op.Reshape(x23, -2) }, "Reshape: size -2 in [-2], 0 or more expected, or one -1"},
		{func() *graph.Node { return op.Reshape(x23, 1, 1, 1, 1, 1, 1, 1, 1, 6) }, "Reshape: 9 dimensions, at most 8 are possible"},
		{func() *graph.Node { return op.Flatten(x23, 3) }, "Flatten: axis 3 of shape [2 3], 0 to 2 expected"},
		{func() *graph.Node { return op.Transpose(x23, 0) }, "Transpose: permutation [0] of shape [2 3], 2 numbers expected"},
		{func() *graph.Node { return op.Transpose(x23, 1, 1) }, "Transpose: [1 1] is no permutation of the dimensions 0 to 1 of shape [2 3]"},
		{func() *graph.Node { return op.Concat(0, x3, i5) }, "Concat: input 1 has element type i32, input 0 f32"},
		{func() *graph.Node { return op.Concat(0, x23, x3) }, "Concat: input 1 has shape [3], input 0 [2 3]: they may differ only in dimension 0"},
		{func() *graph.Node { return op.Concat(1, x3) }, "Concat: axis 1 of shape [3], 0 to 0 expected"},
		{func() *graph.Node { return op.Slice(x23, 1, 0, 4, 1) }, "Slice: range 0 to 4 of the 3 elements along axis 1 of shape [2 3]"},
		{func() *graph.Node { return op.Slice(x23, 1, 2, 1, 1) }, "Slice: range 2 to 1 of the 3 elements along axis 1 of shape [2 3]"},
		{func() *graph.Node { return op.Slice(x23, 1, 0, 2, 0) }, "Slice: step 0, 1 or more expected"},
		{func() *graph.Node { return op.Slice(x23, 2, 0, 1, 1) }, "Slice: axis 2 of shape [2 3], 0 to 1 expected"},
		{func() *graph.Node { return op.Pad(x23, []int{1}, []int{1, 1}, 0) }, "Pad: padding [1] and [1 1] of shape [2 3], 2 numbers each expected"},
		{func() *graph.Node { return op.Pad(x3, []int{-1}, []int{0}, 0) }, "Pad: padding of -1 elements in dimension 0, 0 to 2147483647 expected"},
		{func() *graph.Node { return op.Gather(x23, x3, 0) }, "Gather: indices of element type f32, i32 or i64 expected"},
		{func() *graph.Node { return op.Gather(x23, i5, 2) }, "Gather: axis 2 of shape [2 3], 0 to 1 expected"},
		{func() *graph.Node { return op.Gather(op.Reshape(x23, 1, 1, 1, 1, 1, 1, 2, 3), op.Reshape(i5, 5, 1), 0) }, "Gather: a result of 9 dimensions, at most 8 are possible"},
		{func() *graph.Node { return graph.Apply(op.GatherGradOp{Axis: 0, Size: 3}, x23, i5) }, "GatherGrad: dy of shape [2 3] does not have the sizes [5] from dimension 0 on"},
		{func() *graph.Node { return op.GatherElements(x23, i5, 0) }, "GatherElements: indices of shape [5] for elements of shape [2 3], the same number"},
		{func() *graph.Node { return op.Scatter(x23, i5, x23, op.Replace) }, "Scatter: updates is f32[2 3], f32[5 3] expected"},
		{func() *graph.Node { return op.Scatter(x23, op.Slice(i5, 0, 0, 2, 1), x23, 9) }, "Scatter: reduction 9, 0 to 4 expected"},
		{func() *graph.Node { return op.Scatter(mask, op.Slice(i5, 0, 0, 3, 1), mask, op.AddUp) }, "Scatter: no reduction of bool"},
		{func() *graph.Node { return op.Resample(x23, i5, x3, 0) }, "Resample: indices of shape [5] and weights of shape [3], [M T] expected of both"},
		{func() *graph.Node { return op.TopK(x23, 1, 4, false) }, "TopK: the 4 largest of 3 elements along axis 1, 0 to 3 expected"},
		{func() *graph.Node { return op.Bitwise(x3, x3, op.BitAnd) }, "Bitwise: function 0 of the bits of f32"},
		{func() *graph.Node { return op.OneHot(x3, 4) }, "OneHot: indices of element type f32, i32 or i64 expected"},
		{func() *graph.Node { return op.OneHot(i5, -1) }, "OneHot: depth -1, 0 or more expected"},
		{func() *graph.Node { return op.OneHot(i5, math.MaxInt/2) }, "OneHot: a result of shape [5 4611686018427387903] does not fit in memory"},
	} {
		_, err := graph.Trace(func(g *graph.Graph) {
			x23, x3, x4 = g.Input("x23", graph.F32(2, 3)), g.Input("x3", graph.F32(3)), g.Input("x4", graph.F32(4))
			i5, mask = g.Input("i5", graph.TypeOf(tensor.I32, 5)), g.Input("mask", graph.TypeOf(tensor.Bool, 3))
			scalar = g.Input("scalar", graph.F32())
			c.build()
		})
		if err == nil {
			t.Errorf("no error, want %q", c.want)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %q, want %q", err, c.want)
		}
	}
}
