// Package nntest runs small programs in tests of networks and of what trains them.
package nntest

import (
	"testing"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/tensor"
)

// A Store holds the tensors of a program's inputs by name.
type Store map[string]*tensor.Tensor

// Init adds the first value of each variable.
func (s Store) Init(vars []nn.Variable, seed uint64) {
	for i, t := range nn.Initialize(vars, seed) {
		s[vars[i].Name] = t
	}
}

// Scalar sets the float32 scalar called name.
func (s Store) Scalar(name string, v float32) { s[name] = tensor.Of(tensor.Shape{}, v) }

// Run runs g once on the reference backend and returns its outputs by name. Inputs that g updates change in s.
func (s Store) Run(t testing.TB, g *graph.Graph) map[string]*tensor.Tensor {
	t.Helper()
	return s.RunOn(t, ref.Backend{}, g)
}

// RunOn is Run on another backend.
func (s Store) RunOn(t testing.TB, b backend.Backend, g *graph.Graph) map[string]*tensor.Tensor {
	t.Helper()
	var in []*tensor.Tensor
	for _, n := range g.Inputs() {
		name := n.Op().(graph.InputOp).Label
		if s[name] == nil {
			t.Fatalf("no tensor for input %s", name)
		}
		in = append(in, s[name])
	}
	out := optest.Run(t, b, g, in)
	named := map[string]*tensor.Tensor{}
	for i, o := range g.Outputs() {
		if out[i] != nil {
			named[o.Name] = out[i]
		}
	}
	return named
}

// Trace is graph.Trace that ends the test on an error.
func Trace(t testing.TB, build func(g *graph.Graph)) *graph.Graph {
	t.Helper()
	g, err := graph.Trace(build)
	if err != nil {
		t.Fatal(err)
	}
	return g
}
