// Package backend says what a backend is: something that compiles a graph into a program that runs.
package backend

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// A Backend compiles graphs.
type Backend interface {
	// Name returns a short name, such as "cpu".
	Name() string
	// Compile returns a program for g, or an error if the backend cannot run it.
	Compile(g *graph.Graph) (Program, error)
}

// A Program is a compiled graph. It is immutable and safe for concurrent use.
type Program interface {
	// Run computes the outputs from the inputs: in has one tensor per input of the graph and out one per output, each of the
	// declared type. An output that updates input i is written over in[i], and its place in out is nil.
	// Run keeps no reference to the tensors.
	Run(in, out []*tensor.Tensor) error
}

// Check reports whether in and out fit the graph as Program.Run asks; backends call it first.
func Check(g *graph.Graph, in, out []*tensor.Tensor) error {
	inputs, outputs := g.Inputs(), g.Outputs()
	if len(in) != len(inputs) || len(out) != len(outputs) {
		return fmt.Errorf("backend: %d inputs and %d outputs given, the program has %d and %d", len(in), len(out), len(inputs), len(outputs))
	}
	for i, n := range inputs {
		if !fits(in[i], n.Type()) {
			return fmt.Errorf("backend: input %s is %v, the program takes %v", n.Op().(graph.InputOp).Label, in[i], n.Type())
		}
	}
	for i, o := range outputs {
		if o.Updates >= 0 && out[i] != nil {
			return fmt.Errorf("backend: output %s updates an input; no tensor may be given for it", o.Name)
		}
		if o.Updates < 0 && !fits(out[i], o.Node.Type()) {
			return fmt.Errorf("backend: output %s is given %v, the program makes %v", o.Name, out[i], o.Node.Type())
		}
	}
	return nil
}

func fits(t *tensor.Tensor, typ graph.Type) bool {
	return t != nil && t.DType() == typ.DType && t.Shape() == typ.Shape
}

// Outputs returns new tensors to pass as Program.Run's out.
func Outputs(g *graph.Graph) []*tensor.Tensor {
	out := make([]*tensor.Tensor, len(g.Outputs()))
	for i, o := range g.Outputs() {
		if o.Updates < 0 {
			out[i] = tensor.New(o.Node.DType(), o.Node.Shape())
		}
	}
	return out
}
