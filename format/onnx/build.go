package onnx

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// MaxElements is the largest number of elements that a value of a graph may have, where sizes of 0 count as 1.
const MaxElements = 1 << 30

// maxNodes bounds the nodes of the file that are built, functions and branches taken in, and those of the graph that they become.
const maxNodes = 1 << 20

// maxMade bounds the elements of all constants that operators make, such as indices: a file of a few bytes can ask for any number.
const maxMade = MaxElements / 8

// fits reports whether a shape has at most MaxElements elements. Sizes of 0 count as 1, so that products of the other sizes are bounded too.
func fits(s tensor.Shape) bool {
	for i, d := range s.All() {
		s = s.With(i, max(d, 1))
	}
	n, ok := s.CheckedSize()
	return ok && n <= MaxElements
}

// Graph returns the model as a graph with the inputs and outputs of the file, in its order, by its names and of its element types. Inputs
// with a value in the bindings are constants and no inputs. What cannot be built is an *[UnsupportedError].
func (m *Model) Graph(b Bindings) (*graph.Graph, error) {
	bld := &builder{
		model: m, refusals: newRefusals(), folder: folder{constant: map[*graph.Node]bool{}, left: foldKept}, literals: map[*tensorProto]*tensor.Tensor{},
	}
	var failed error
	g, err := graph.Trace(func(g *graph.Graph) {
		bld.g = g
		failed = bld.main(b)
	})
	if err := cmp.Or(bld.refusals.err(), failed, err); err != nil {
		return nil, err
	}
	for _, n := range g.Live() {
		if !fits(n.Shape()) {
			return nil, tooLarge(n)
		}
	}
	return g, nil
}

func tooLarge(n *graph.Node) error {
	return fmt.Errorf("node %s: a value of shape %v, at most %d elements are possible", n.Path(), n.Shape(), MaxElements)
}

// A builder makes one graph.
type builder struct {
	model    *Model
	g        *graph.Graph
	refusals *refusals
	folder   folder
	built    int // nodes so far
	made     int // elements of constants so far, see maxMade
	literals map[*tensorProto]*tensor.Tensor
}

// A scope is what is visible in a graph: the main one, a branch, or the body of a function.
type scope struct {
	values     map[string]value
	outer      *scope                     // of the node that the branch belongs to
	attributes map[string]*attributeProto // of the call of the function
	opsets     map[string]int64
	depth      int
}

func (s *scope) lookup(name string) (value, bool) {
	for ; s != nil; s = s.outer {
		if v, ok := s.values[name]; ok {
			return v, true
		}
	}
	return value{}, false
}

func (b *builder) main(bindings Bindings) error {
	s := &scope{values: map[string]value{}, opsets: b.model.Opsets}
	if err := b.inputs(s, bindings); err != nil {
		return err
	}
	for name, w := range b.model.initializers {
		s.values[name] = value{n: b.g.Const(w.tensor), t: w.typ}
		b.folder.left += foldRatio * len(w.tensor.Bytes())
	}
	if err := b.nodes(s, b.model.graph.nodes); err != nil {
		return err
	}
	for _, o := range b.model.Outputs {
		v, ok := s.lookup(o.Name)
		switch {
		case !ok:
			return fmt.Errorf("output %q is made by no node", o.Name)
		case !v.refused:
			b.g.Output(o.Name, v.native())
		}
	}
	return nil
}

// inputs adds those of the graph.
func (b *builder) inputs(s *scope, bindings Bindings) error {
	for _, in := range b.model.Inputs {
		shape, err := bindings.shapeOf(in)
		if err != nil {
			return err
		}
		typ := graph.Type{DType: in.Type.native(), Shape: shape}
		var n *graph.Node
		if v := bindings.Values[in.Name]; v == nil {
			n = b.g.Input(in.Name, typ)
		} else if n = b.g.Const(v); n.Type() != typ {
			return fmt.Errorf("input %q is %v, a value of %v given", in.Name, in, n.Type())
		}
		if !fits(shape) {
			return fmt.Errorf("input %q: shape %v, at most %d elements are possible", in.Name, shape, MaxElements)
		}
		s.values[in.Name] = fromNative(n, in.Type)
	}
	return nil
}

// nodes builds the nodes of a graph or function, which are in an order in which each comes after its inputs.
func (b *builder) nodes(s *scope, nodes []*nodeProto) error {
	for _, p := range nodes {
		if b.built++; b.built > maxNodes {
			return fmt.Errorf("more than %d nodes, those of functions and branches counted where they are used", maxNodes)
		}
		var err error
		b.g.Within(p.String(), func() { err = b.node(s, p) })
		if err != nil {
			return err
		}
	}
	return nil
}

// node builds one node and puts its outputs into the scope.
func (b *builder) node(s *scope, p *nodeProto) error {
	c := &call{builder: b, scope: s, node: p, opset: int(s.opsets[p.domain])}
	refused := false
	for _, name := range p.inputs {
		v, ok := s.lookup(name)
		if !ok && name != "" {
			return c.wrap(fmt.Errorf("input %q is made by no node before it", name))
		}
		refused = refused || v.refused
		c.in = append(c.in, v)
	}
	out, err := c.build(refused)
	if err != nil {
		return err
	}
	for i, name := range p.outputs {
		switch {
		case name == "":
		case out == nil, i < len(out) && out[i].refused:
			s.values[name] = value{refused: true}
		case i >= len(out) || out[i].n == nil:
			return c.wrap(fmt.Errorf("has %d outputs, %d expected", len(p.outputs), len(out)))
		default:
			s.values[name] = out[i]
		}
	}
	return nil
}

// build returns the outputs of the node, nil if it is refused.
func (c *call) build(refusedInput bool) (out []value, err error) {
	if f := c.function(); f != nil {
		return c.expand(f)
	}
	o, reason := lookup(c.node.domain, c.node.op, c.opset)
	if reason != "" {
		c.refusals.add(c.node, reason)
		return nil, nil
	}
	if refusedInput {
		return nil, nil
	}
	defer func() {
		switch r := recover().(type) {
		case nil:
		case *graph.Error:
			out, err = nil, c.wrap(describe(r))
		case nodeError:
			out, err = nil, c.wrap(r.error)
		case refusal:
			c.refusals.addNeed(c.node, r)
			out = nil
		default: // an index or the like that nobody checked: a file must not stop the program that reads it
			out, err = nil, c.wrap(fmt.Errorf("%w: %v", errBug, r))
		}
	}()
	return c.folded(o.build(c)), nil
}

// folded returns outputs of a bounded size, as constants if they are.
func (c *call) folded(out []value) []value {
	for i, v := range out {
		if v.n == nil || !c.wants(i) {
			continue
		}
		if !fits(v.n.Shape()) {
			c.check(tooLarge(v.n))
		}
		if v.n.ID() > maxNodes {
			c.fail("the graph has more than %d nodes", maxNodes)
		}
		out[i].n = c.folder.fold(v.n)
	}
	return out
}

// errBug is a mistake of this package, not of the file.
var errBug = errors.New("lince fails at this operator, which is a bug")

// A nodeError ends the building of a node: build recovers it.
type nodeError struct{ error }

// A refusal says that a node cannot be built.
type refusal struct {
	reason string
	inputs []string // of the graph, if values for them would help
}

// wrap says which node an error is about.
func (c *call) wrap(err error) error {
	return fmt.Errorf("node %s (%s): %w", c.node, c.node.op, err)
}

// describe returns what is wrong, without the place in this package where an op was applied.
func describe(e *graph.Error) error {
	return errors.New((&graph.Error{Op: e.Op, In: e.In, Err: e.Err}).Error())
}

// function returns the function of the file that the node calls, if it calls one.
func (c *call) function() *functionProto {
	return c.model.functions[functionKey{c.node.domain, c.node.op, c.node.overload}]
}

// expand builds the nodes of a function in a scope of their own.
func (c *call) expand(f *functionProto) ([]value, error) {
	s := &scope{values: map[string]value{}, attributes: map[string]*attributeProto{}, opsets: f.opsets, depth: c.scope.depth + 1}
	if s.depth > maxDepth {
		return nil, c.wrap(fmt.Errorf("functions call each other more than %d deep", maxDepth))
	}
	for i, name := range f.inputs {
		v := value{}
		if i < len(c.in) {
			v = c.in[i]
		}
		s.values[name] = v
	}
	if len(c.in) > len(f.inputs) {
		return nil, c.wrap(fmt.Errorf("%d inputs, the function takes %d", len(c.in), len(f.inputs)))
	}
	for _, a := range f.defaults {
		s.attributes[a.name] = a
	}
	for _, a := range c.node.attributes {
		if a = c.resolve(a); a != nil {
			s.attributes[a.name] = a
		}
	}
	if err := c.nodes(s, f.nodes); err != nil {
		return nil, err
	}
	out := make([]value, len(f.outputs))
	for i, name := range f.outputs {
		v, ok := s.values[name]
		if !ok {
			return nil, c.wrap(fmt.Errorf("output %q of the function is made by no node", name))
		}
		out[i] = v
	}
	return out, nil
}

// resolve returns the attribute under its own name with the value of the one of the function that it refers to; nil if that is not given.
func (c *call) resolve(a *attributeProto) *attributeProto {
	if a.ref == "" {
		return a
	}
	from := c.scope.attributes[a.ref]
	if from == nil {
		return nil
	}
	named := *from
	named.name = a.name
	return &named
}

// decoded returns a tensor that is part of a node. It is decoded once, however often a function with that node is called.
func (b *builder) decoded(p *tensorProto) (t *tensor.Tensor, err error) {
	if t = b.literals[p]; t == nil {
		if t, err = p.tensor(nil); err == nil {
			b.literals[p] = t
		}
	}
	return t, err
}

// branch builds a graph that is an attribute of the node, and returns its outputs.
func (c *call) branch(g *graphProto) ([]value, error) {
	s := &scope{values: map[string]value{}, outer: c.scope, attributes: c.scope.attributes, opsets: c.scope.opsets, depth: c.scope.depth + 1}
	for _, p := range g.initializers {
		t, err := c.decoded(p)
		if err != nil {
			return nil, c.wrap(fmt.Errorf("initializer %q: %w", p.name, err))
		}
		s.values[p.name] = value{n: c.g.Const(t), t: p.typ}
	}
	if err := c.nodes(s, g.nodes); err != nil {
		return nil, err
	}
	var out []value
	for _, o := range g.outputs {
		v, ok := s.lookup(o.name)
		if !ok {
			return nil, c.wrap(fmt.Errorf("output %q of the branch is made by no node", o.name))
		}
		out = append(out, v)
	}
	return out, nil
}
