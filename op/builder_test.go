package op_test

import (
	"testing"

	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/tensor"
)

// floats returns a float32 tensor of the given sizes.
func floats(dims []int, values ...float32) *tensor.Tensor {
	return tensor.Of(tensor.ShapeOf(dims...), values...)
}

// TestBuilders checks what the builder functions make of their arguments: axes and ranges that count from the end, sizes
// left open, missing arguments.
func TestBuilders(t *testing.T) {
	x := floats([]int{2, 3}, 1, -2, 3, 4, 5, -6)
	for _, c := range []struct {
		name  string
		build func(x *graph.Node) *graph.Node
		want  *tensor.Tensor
	}{
		{"Neg", op.Neg, floats([]int{2, 3}, -1, 2, -3, -4, -5, 6)},
		{"Relu", op.Relu, floats([]int{2, 3}, 1, 0, 3, 4, 5, 0)},
		{"LeakyRelu", func(x *graph.Node) *graph.Node { return op.LeakyRelu(x, 0.5) }, floats([]int{2, 3}, 1, -1, 3, 4, 5, -3)},
		{"Clip", func(x *graph.Node) *graph.Node { return op.Clip(x, -1, 4) }, floats([]int{2, 3}, 1, -1, 3, 4, 4, -1)},
		{"Max", func(x *graph.Node) *graph.Node { return op.Max(x, op.Abs(x)) }, floats([]int{2, 3}, 1, 2, 3, 4, 5, 6)},
		{"Min", func(x *graph.Node) *graph.Node { return op.Min(x, op.Reciprocal(x)) },
			floats([]int{2, 3}, 1, -2, 1./3, 0.25, 0.2, -6)},
		{"Greater", func(x *graph.Node) *graph.Node { return op.Cast(op.Greater(x, op.Sign(x)), tensor.F32) },
			floats([]int{2, 3}, 0, 0, 1, 1, 1, 0)},
		{"GreaterOrEqual", func(x *graph.Node) *graph.Node { return op.Cast(op.GreaterOrEqual(x, op.Sign(x)), tensor.F32) },
			floats([]int{2, 3}, 1, 0, 1, 1, 1, 0)},
		{"Less", func(x *graph.Node) *graph.Node { return op.Cast(op.Less(x, op.Sign(x)), tensor.F32) },
			floats([]int{2, 3}, 0, 1, 0, 0, 0, 1)},
		{"LessOrEqual", func(x *graph.Node) *graph.Node { return op.Cast(op.LessOrEqual(x, op.Sign(x)), tensor.F32) },
			floats([]int{2, 3}, 1, 1, 0, 0, 0, 1)},
		{"ReduceSum/all", func(x *graph.Node) *graph.Node { return op.ReduceSum(x, false) }, floats(nil, 5)},
		{"ReduceSum/all kept", func(x *graph.Node) *graph.Node { return op.ReduceSum(x, true) }, floats([]int{1, 1}, 5)},
		{"ReduceMean/last", func(x *graph.Node) *graph.Node { return op.ReduceMean(x, false, -1) }, floats([]int{2}, 2./3, 1)},
		{"ReduceMax/first", func(x *graph.Node) *graph.Node { return op.ReduceMax(x, true, -2) }, floats([]int{1, 3}, 4, 5, 3)},
		{"ReduceMin/both", func(x *graph.Node) *graph.Node { return op.ReduceMin(x, false, 0, 1) }, floats(nil, -6)},
		{"ReduceProd/last", func(x *graph.Node) *graph.Node { return op.ReduceProd(x, false, 1) }, floats([]int{2}, -6, -120)},
		{"ArgMax/last", func(x *graph.Node) *graph.Node { return op.Cast(op.ArgMax(x, -1, false), tensor.F32) }, floats([]int{2}, 2, 1)},
		{"Reshape/open", func(x *graph.Node) *graph.Node { return op.Reshape(x, 3, -1) }, floats([]int{3, 2}, 1, -2, 3, 4, 5, -6)},
		{"Flatten/0", func(x *graph.Node) *graph.Node { return op.Flatten(x, 0) }, floats([]int{1, 6}, 1, -2, 3, 4, 5, -6)},
		{"Flatten/all", func(x *graph.Node) *graph.Node { return op.Flatten(x, 2) }, floats([]int{6, 1}, 1, -2, 3, 4, 5, -6)},
		{"Transpose/reversed", func(x *graph.Node) *graph.Node { return op.Transpose(x) }, floats([]int{3, 2}, 1, 4, -2, 5, 3, -6)},
		{"Concat/last", func(x *graph.Node) *graph.Node { return op.Concat(-1, x, op.Slice(x, 1, 0, 1, 1)) },
			floats([]int{2, 4}, 1, -2, 3, 1, 4, 5, -6, 4)},
		{"Slice/from the end", func(x *graph.Node) *graph.Node { return op.Slice(x, -1, -3, -1, 1) }, floats([]int{2, 2}, 1, -2, 4, 5)},
		{"Pad", func(x *graph.Node) *graph.Node { return op.Pad(op.Slice(x, 1, 2, 3, 1), []int{1, 0}, []int{0, 1}, 7) },
			floats([]int{3, 2}, 7, 7, 3, 7, -6, 7)},
		{"Gather/last", func(x *graph.Node) *graph.Node { return op.Gather(x, op.ArgMax(x, 1, false), -1) },
			floats([]int{2, 2}, 3, -2, -6, 5)},
		{"OneHot", func(x *graph.Node) *graph.Node { return op.OneHot(op.ArgMax(x, 1, false), 3) },
			floats([]int{2, 3}, 0, 0, 1, 0, 1, 0)},
		{"Softmax/last", func(x *graph.Node) *graph.Node { return op.ReduceSum(op.Softmax(x, -1), false, 1) }, floats([]int{2}, 1, 1)},
		{"LogSoftmax/first", func(x *graph.Node) *graph.Node { return op.ReduceSum(op.Exp(op.LogSoftmax(x, -2)), false, 0) },
			floats([]int{3}, 1, 1, 1)},
	} {
		g, err := graph.Trace(func(g *graph.Graph) { g.Output("y", c.build(g.Input("x", graph.F32(2, 3)))) })
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got := optest.Run(t, ref.Backend{}, g, []*tensor.Tensor{x})[0]
		optest.Compare(t, c.name, got, c.want, 1e-6)
	}
}

// TestBuildersLeaveOut checks that builders add no node that would change nothing.
func TestBuildersLeaveOut(t *testing.T) {
	_, err := graph.Trace(func(g *graph.Graph) {
		x := g.Input("x", graph.F32(2, 3))
		for name, y := range map[string]*graph.Node{
			"Cast":      op.Cast(x, tensor.F32),
			"Reshape":   op.Reshape(x, 2, -1),
			"Flatten":   op.Flatten(x, 1),
			"Transpose": op.Transpose(x, 0, 1),
			"Concat":    op.Concat(0, x),
			"Slice":     op.Slice(x, 1, 0, 3, 1),
		} {
			if y != x {
				t.Errorf("%s makes a node", name)
			}
		}
	})
	if err != nil {
		t.Error(err)
	}
}

// TestSliceGradOfLongStep: a step may be longer than what Pad can put between elements, if there is only one.
func TestSliceGradOfLongStep(t *testing.T) {
	g, err := graph.Trace(func(g *graph.Graph) {
		x := g.Input("x", graph.F32(4))
		y := op.Slice(x, 0, 1, 4, 1<<40)
		g.Output("dx", graph.Grad(op.ReduceSum(y, false), []*graph.Node{x})[0])
	})
	if err != nil {
		t.Fatal(err)
	}
	got := optest.Run(t, ref.Backend{}, g, []*tensor.Tensor{floats([]int{4}, 1, 2, 3, 4)})[0]
	optest.Compare(t, "dx", got, floats([]int{4}, 0, 1, 0, 0), 0)
}

func TestFLOPs(t *testing.T) {
	_, err := graph.Trace(func(g *graph.Graph) {
		x := g.Input("x", graph.F32(2, 3))
		for _, c := range []struct {
			n    *graph.Node
			want int64
		}{
			{op.Relu(x), 6},
			{op.Mul(op.Reshape(x, 6, 1), op.Reshape(x, 6)), 36},
			{op.ReduceSum(x, false), 6},
			{op.Softmax(x, 1), 30},
			{op.Reshape(x, 6), 0},
		} {
			if got := c.n.FLOPs(); got != c.want {
				t.Errorf("%s: %d operations, want %d", graph.Describe(c.n.Op()), got, c.want)
			}
		}
	})
	if err != nil {
		t.Error(err)
	}
}

func TestAxisSet(t *testing.T) {
	if s := op.Axes(2, 0); s.String() != "[0 2]" || s.Has(1) || !s.Has(2) {
		t.Errorf("Axes(2, 0) is %v", s)
	}
}
