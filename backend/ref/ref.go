// Package ref is the reference backend: it runs each op's own Eval, node after node. It is slow and obviously right.
package ref

import (
	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// Backend is the reference backend.
type Backend struct{}

var _ backend.Backend = Backend{}

// Name returns "ref".
func (Backend) Name() string { return "ref" }

// Compile never fails.
func (Backend) Compile(g *graph.Graph) (backend.Program, error) { return program{g, g.Live()}, nil }

type program struct {
	g    *graph.Graph
	live []*graph.Node
}

// Run evaluates every live node into a tensor of its own, then copies the outputs.
func (p program) Run(in, out []*tensor.Tensor) error {
	if err := backend.Check(p.g, in, out); err != nil {
		return err
	}
	values := map[*graph.Node]*tensor.Tensor{}
	for i, n := range p.g.Inputs() {
		values[n] = in[i]
	}
	for _, n := range p.live {
		if values[n] != nil {
			continue
		}
		args := make([]*tensor.Tensor, len(n.Ins()))
		for i, a := range n.Ins() {
			args[i] = values[a]
		}
		values[n] = tensor.New(n.DType(), n.Shape())
		n.Op().Eval(values[n], args)
	}
	// An updated input may itself be an output, so everything is copied out before any input is overwritten.
	for i, o := range p.g.Outputs() {
		if o.Updates < 0 {
			copy(out[i].Bytes(), values[o.Node].Bytes())
		}
	}
	next := make([][]byte, len(out))
	for i, o := range p.g.Outputs() {
		if o.Updates >= 0 {
			next[i] = append([]byte(nil), values[o.Node].Bytes()...)
		}
	}
	for i, o := range p.g.Outputs() {
		if o.Updates >= 0 {
			copy(in[o.Updates].Bytes(), next[i])
		}
	}
	return nil
}
