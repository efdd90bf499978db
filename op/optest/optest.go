// Package optest holds what is known to be true of every op: for each, a generator of random attributes and inputs, from
// which come the numeric gradient check here and the comparison with the reference in every backend's tests, and examples with
// values worked out by hand or by PyTorch.
//
// The cases of an op are in the file of the op's name; an op without a case fails a test.
package optest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// A Case generates instances of one op.
type Case struct {
	Name string // the op's name, and what is special after a slash: "Conv2D/grouped"
	// Make returns the op with random attributes and inputs of random small shapes that it takes.
	Make func(r *rand.Rand) (graph.Op, []*tensor.Tensor)
	// Tol is the error a backend may make, relative to the largest value of the result; 0 means bit for bit.
	Tol float64
	// GradTol is the error allowed between the gradient and finite differences, relative likewise; 0 means that the op has no
	// gradient, or none that finite differences can see.
	GradTol float64
}

// An Example is an op on given inputs with the known result.
type Example struct {
	Name string
	Op   graph.Op
	In   []*tensor.Tensor
	Want *tensor.Tensor
	Tol  float64 // relative to the largest value of Want
}

var (
	cases    []Case
	examples []Example
)

// Cases returns the cases of all ops.
func Cases() []Case { return cases }

// Examples returns the examples of all ops.
func Examples() []Example { return examples }

func add(c ...Case)        { cases = append(cases, c...) }
func example(e ...Example) { examples = append(examples, e...) }

// Rand returns a tensor of the given sizes with elements uniform in [lo, hi).
func Rand(r *rand.Rand, lo, hi float64, dims ...int) *tensor.Tensor {
	t := tensor.New(tensor.F32, tensor.ShapeOf(dims...))
	for i := range t.F32() {
		t.F32()[i] = float32(lo + (hi-lo)*r.Float64())
	}
	return t
}

// RandShape returns a shape of the given rank with sizes of 1 to most.
func RandShape(r *rand.Rand, rank, most int) tensor.Shape {
	dims := make([]int, rank)
	for i := range dims {
		dims[i] = 1 + r.IntN(most)
	}
	return tensor.ShapeOf(dims...)
}

// Program traces the op on inputs of the types of in, as a program with the one output "y".
func Program(op graph.Op, in []*tensor.Tensor) (*graph.Graph, error) {
	return graph.Trace(func(g *graph.Graph) { g.Output("y", graph.Apply(op, Inputs(g, in)...)) })
}

// Inputs adds an input to g for each tensor.
func Inputs(g *graph.Graph, in []*tensor.Tensor) []*graph.Node {
	nodes := make([]*graph.Node, len(in))
	for i, t := range in {
		nodes[i] = g.Input(fmt.Sprintf("x%d", i), graph.Type{DType: t.DType(), Shape: t.Shape()})
	}
	return nodes
}

// Run compiles g with b and runs it once on in.
func Run(t testing.TB, b backend.Backend, g *graph.Graph, in []*tensor.Tensor) []*tensor.Tensor {
	t.Helper()
	p, err := b.Compile(g)
	if err != nil {
		t.Fatal(err)
	}
	out := backend.Outputs(g)
	for _, o := range out { // what was there before must not matter
		if o != nil && o.DType() == tensor.F32 {
			for i := range o.F32() {
				o.F32()[i] = float32(math.NaN())
			}
		}
	}
	if err := p.Run(in, out); err != nil {
		t.Fatal(err)
	}
	return out
}

// Compare fails the test unless got equals want: floats within tol times the largest absolute value in want (NaN equals NaN),
// everything else exactly.
func Compare(t testing.TB, what string, got, want *tensor.Tensor, tol float64) {
	t.Helper()
	if got.DType() != want.DType() || got.Shape() != want.Shape() {
		t.Errorf("%s: %v, want %v", what, got, want)
		return
	}
	if want.DType() != tensor.F32 {
		if string(got.Bytes()) != string(want.Bytes()) {
			t.Errorf("%s: %v differs from the reference", what, got)
		}
		return
	}
	scale := 0.0
	for _, w := range want.F32() {
		if v := math.Abs(float64(w)); v <= math.MaxFloat32 { // neither infinite nor NaN
			scale = math.Max(scale, v)
		}
	}
	for i, w := range want.F32() {
		v := got.F32()[i]
		same := v == w || v != v && w != w
		if !same && !(math.Abs(float64(v)-float64(w)) <= tol*scale) {
			t.Errorf("%s: element %d of %v is %v, want %v (largest %g, tolerance %g)", what, i, got, v, w, scale, tol)
			return
		}
	}
}

// CheckGrad compares the op's gradient with central differences of a random projection of its result,
// for every float32 input that gets a gradient.
func CheckGrad(t testing.TB, r *rand.Rand, op graph.Op, in []*tensor.Tensor, tol float64) {
	t.Helper()
	forward, err := Program(op, in)
	if err != nil {
		t.Fatal(err)
	}
	y := Run(t, ref.Backend{}, forward, in)[0]
	weights := Rand(r, -1, 1, y.Shape().Dims()...)
	project := func() (sum float64) {
		for i, v := range Run(t, ref.Backend{}, forward, in)[0].F32() {
			sum += float64(v) * float64(weights.F32()[i])
		}
		return sum
	}
	grads := analytic(t, op, in, weights)
	for i, x := range in {
		if grads[i] == nil {
			continue
		}
		want := tensor.New(tensor.F32, x.Shape())
		for j := range x.F32() {
			old := x.F32()[j]
			const eps = 1.0 / 128
			x.F32()[j] = old + eps
			up := project()
			x.F32()[j] = old - eps
			want.F32()[j] = float32((up - project()) / (2 * eps))
			x.F32()[j] = old
		}
		Compare(t, fmt.Sprintf("gradient of %s for input %d", graph.Describe(op), i), grads[i], want, tol)
	}
}

// analytic returns the op's own gradient of sum(weights * result), nil for inputs that get none.
func analytic(t testing.TB, op graph.Op, in []*tensor.Tensor, weights *tensor.Tensor) []*tensor.Tensor {
	t.Helper()
	has := make([]int, len(in))
	g, err := graph.Trace(func(g *graph.Graph) {
		nodes := Inputs(g, in)
		y := graph.Apply(op, nodes...)
		for i, d := range op.Grad(y, g.Const(weights)) {
			if d != nil {
				has[i] = len(g.Outputs()) + 1
				g.Output("d", d)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	out := Run(t, ref.Backend{}, g, in)
	grads := make([]*tensor.Tensor, len(in))
	for i, h := range has {
		if h > 0 {
			grads[i] = out[h-1]
		}
	}
	return grads
}
