package backend

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// A Call is a program with the tensors it runs on, which are found by the names that the graph gives its inputs and outputs. It makes
// nothing new from one Run to the next. It is not safe for concurrent use; several Calls may share a Program.
type Call struct {
	program Program
	in, out []*tensor.Tensor
	inputs  map[string]int
	outputs map[string]int
}

// NewCall returns a call of p, the program for g, with tensors for its outputs. Inputs must be Set before it runs.
func NewCall(p Program, g *graph.Graph) *Call {
	c := &Call{program: p, in: make([]*tensor.Tensor, len(g.Inputs())), out: Outputs(g), inputs: map[string]int{}, outputs: map[string]int{}}
	for i, n := range g.Inputs() {
		c.inputs[n.Op().(graph.InputOp).Label] = i
	}
	for i, o := range g.Outputs() {
		c.outputs[o.Name] = i
	}
	return c
}

// Set makes t the input called name and reports whether there is such an input. An update is written over t.
func (c *Call) Set(name string, t *tensor.Tensor) bool {
	i, ok := c.inputs[name]
	if ok {
		c.in[i] = t
	}
	return ok
}

// Output returns the tensor that Run writes the output called name to. It panics if there is none, or if it is an update.
func (c *Call) Output(name string) *tensor.Tensor {
	i, ok := c.outputs[name]
	if !ok || c.out[i] == nil {
		panic(fmt.Sprintf("backend: the program has no output called %q", name))
	}
	return c.out[i]
}

// Run runs the program.
func (c *Call) Run() error { return c.program.Run(c.in, c.out) }
