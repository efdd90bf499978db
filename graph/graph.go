// Package graph is the one representation of computation in lince: training, inference, gradients, file formats,
// summaries and every backend use the same small graph of pure functions over tensors of static shape.
//
// [Trace] builds a graph by running Go code that applies ops to nodes; [Grad] extends it by reverse-mode
// differentiation. A node applied twice with equal op and inputs is one node (common subexpressions never exist twice).
package graph

import (
	"fmt"
	"math"
	"slices"

	"github.com/lince-ml/lince/tensor"
)

// A Graph is a program: named inputs, nodes, named outputs. It is built by Trace and not changed afterwards,
// so it may be used by several goroutines.
type Graph struct {
	nodes   []*Node
	inputs  []*Node
	outputs []Output
	byKey   map[key]*Node // until Trace is done
	scope   string
	frozen  bool
}

// An Output is a named result of a program. If Updates >= 0, it is the next value of the input of that number,
// and a backend may write it into that input's memory.
type Output struct {
	Name    string
	Node    *Node
	Updates int
}

// A Node is the result of one op applied to other nodes.
type Node struct {
	g    *Graph
	id   int
	op   Op
	in   []*Node
	typ  Type
	path string
}

type key struct {
	op Op
	in string
}

// Op returns what the node computes.
func (n *Node) Op() Op { return n.op }

// In returns input i.
func (n *Node) In(i int) *Node { return n.in[i] }

// Ins returns all inputs. The slice must not be changed.
func (n *Node) Ins() []*Node { return n.in }

// Type returns the type of the node's value.
func (n *Node) Type() Type { return n.typ }

// DType returns the element type of the node's value.
func (n *Node) DType() tensor.DType { return n.typ.DType }

// Shape returns the shape of the node's value.
func (n *Node) Shape() tensor.Shape { return n.typ.Shape }

// Graph returns the graph that the node belongs to.
func (n *Node) Graph() *Graph { return n.g }

// ID returns the node's number: unique in its graph, and larger than that of every input.
func (n *Node) ID() int { return n.id }

// Path returns the scope (such as "layer1.0.conv1") in which the node was made.
func (n *Node) Path() string { return n.path }

// FLOPs returns the number of floating-point operations of the node itself.
func (n *Node) FLOPs() int64 { return n.op.FLOPs(types(n.in), n.typ) }

// Trace runs build on an empty graph and returns what it built. A bad shape or a misuse inside build ends it,
// and Trace returns an *Error that says which op, where and why.
func Trace(build func(g *Graph)) (g *Graph, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *Error:
			g, err = nil, r
		default:
			panic(r)
		}
	}()
	g = &Graph{byKey: map[key]*Node{}}
	build(g)
	g.byKey = nil
	return g, nil
}

// Input adds a named input.
func (g *Graph) Input(name string, t Type) *Node {
	for _, n := range g.inputs {
		if n.op.(InputOp).Label == name {
			g.fail("Input", nil, fmt.Errorf("there are two inputs called %q", name))
		}
	}
	n := g.apply(InputOp{name, t}, nil)
	g.inputs = append(g.inputs, n)
	return n
}

// Output names n as a result of the program.
func (g *Graph) Output(name string, n *Node) {
	g.outputs = append(g.outputs, Output{name, n, -1})
}

// Update names next as a result of the program that is the next value of the input in: a backend may write it
// into that input's memory. Training steps update parameters so.
func (g *Graph) Update(in, next *Node) {
	i := slices.Index(g.inputs, in)
	if i < 0 || in.typ != next.typ {
		g.fail("Update", []*Node{in, next}, fmt.Errorf("an update takes an input and a node of its type"))
	}
	if slices.ContainsFunc(g.outputs, func(o Output) bool { return o.Updates == i }) {
		g.fail("Update", []*Node{in, next}, fmt.Errorf("input %q is updated twice", in.op.(InputOp).Label))
	}
	g.outputs = append(g.outputs, Output{in.op.(InputOp).Label, next, i})
}

// Inputs returns the inputs in the order in which they were added. The slice must not be changed.
func (g *Graph) Inputs() []*Node { return g.inputs }

// Outputs returns the outputs in the order in which they were added. The slice must not be changed.
func (g *Graph) Outputs() []Output { return g.outputs }

// Live returns the nodes that the outputs depend on, and all inputs, each after its own inputs.
func (g *Graph) Live() []*Node {
	live := make([]bool, len(g.nodes))
	for _, n := range g.inputs {
		live[n.id] = true
	}
	for _, o := range g.outputs {
		live[o.Node.id] = true
	}
	for i := len(g.nodes) - 1; i >= 0; i-- {
		if live[i] {
			for _, in := range g.nodes[i].in {
				live[in.id] = true
			}
		}
	}
	var list []*Node
	for i, n := range g.nodes {
		if live[i] {
			list = append(list, n)
		}
	}
	return list
}

// FLOPs returns the floating-point operations of one run of the program.
func (g *Graph) FLOPs() int64 {
	var sum int64
	for _, n := range g.Live() {
		sum += n.FLOPs()
	}
	return sum
}

// Within runs f; nodes made meanwhile have name appended to their path.
func (g *Graph) Within(name string, f func()) {
	old := g.scope
	if old != "" && name != "" {
		name = old + "." + name
	}
	g.scope = name
	f()
	g.scope = old
}

// Apply returns the node that computes op on the inputs, which must be of one graph. Inside Trace, inputs that the op
// does not take end the trace with an *Error.
func Apply(op Op, in ...*Node) *Node {
	if len(in) == 0 {
		panic("graph: Apply without inputs; a Graph's own methods make inputs and constants")
	}
	return in[0].g.apply(op, in)
}

func (g *Graph) apply(op Op, in []*Node) *Node {
	for _, n := range in {
		if n.g != g {
			g.fail(op.Name(), in, fmt.Errorf("inputs belong to different graphs"))
		}
	}
	k := key{op, inputKey(in)}
	if n := g.byKey[k]; n != nil {
		return n
	}
	t, err := op.Infer(types(in))
	if n, ok := t.Shape.CheckedSize(); err == nil && (!ok || n > math.MaxInt/8) {
		err = fmt.Errorf("a result of shape %v does not fit in memory", t.Shape)
	}
	if err != nil {
		g.fail(op.Name(), in, err)
	}
	n := &Node{g: g, id: len(g.nodes), op: op, in: slices.Clone(in), typ: t, path: g.scope}
	g.nodes = append(g.nodes, n)
	g.byKey[k] = n
	return n
}

func inputKey(in []*Node) string {
	b := make([]byte, 0, 4*len(in))
	for _, n := range in {
		b = append(b, byte(n.id), byte(n.id>>8), byte(n.id>>16), byte(n.id>>24))
	}
	return string(b)
}

func types(in []*Node) []Type {
	t := make([]Type, len(in))
	for i, n := range in {
		t[i] = n.typ
	}
	return t
}
