package cpu

import (
	"fmt"
	"runtime/debug"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// A value is a piece of memory that steps write and read: a node's result, or something only the backend knows.
type value struct {
	id    int
	typ   graph.Type
	alias *value // the value whose memory this one is (a reshape); nil if its own
	layout

	place place
	index int     // which input or output, if that is the place
	data  []byte  // the constant, if that is the place
	made  *step   // the step that writes it; nil for inputs and constants
	store *region // its memory in the arena, if that is the place
}

// A place says where a value's memory comes from.
type place uint8

const (
	inArena place = iota
	inInput
	inOutput
	inConst
)

// root returns the value that owns v's memory.
func (v *value) root() *value {
	for v.alias != nil {
		v = v.alias
	}
	return v
}

// constant reports whether v is known when the program is compiled.
func (v *value) constant() bool { return v.root().place == inConst }

// A step is a piece of work cut into tasks that are independent of each other and of the number of workers.
type step struct {
	name     string
	nodes    []*graph.Node // what it computes, for dumps and profiles
	part     bool          // it prepares or finishes what another step computes
	in, out  []*value
	tasks    int
	scratch  int // floats of scratch that a task needs
	run      func(r *run, task int, scratch []float32)
	mayShare func(in, out *value) bool // whether out may be written over in; nil: never
	after    []*step                   // steps that must come before, beyond those that make its inputs
	// shares, if not 0, is into how many equal parts, of whole images or the like, the results are cut. As many tasks, in order, make each, and
	// of the inputs that are local they read the same part alone.
	shares int
	local  []*value
	stage  int
	chain  *chain
}

// A compiler turns one graph into steps.
type compiler struct {
	*Backend
	g      *graph.Graph
	part   bool // of a larger program: inputs and results have the layouts that suit
	live   []*graph.Node
	uses   map[*graph.Node][]*graph.Node
	output map[*graph.Node]bool
	fixed  constants
	groups map[*graph.Node]*group // elementwise nodes
	values []*value
	of     map[*graph.Node]*value
	// reordered are values of the layout that those of the nodes do not have.
	reordered map[*graph.Node]*value
	steps     []*step
	copies    []copyOut
	evals     [][]*value // of the steps that run a reference: result, inputs

	scratch   []float32 // of the steps that are run at once
	forgotten int       // bytes of constants let go since the memory was last collected
}

// A lowering emits the steps that compute n into dst, and then, unless nil, the elementwise group that consumes it.
type lowering func(c *compiler, n *graph.Node, dst *value, then tail)

// lowerings is filled by the files of the ops, keyed by op name. Ops that are not in it, and not elementwise, run their
// reference Eval.
var lowerings = map[string]lowering{}

// compile runs the passes in order.
func (b *Backend) compile(from *graph.Graph, part bool) (*Program, error) {
	g, err := rewrite(from)
	if err != nil {
		return nil, err
	}
	if from.Frozen() { // so that g alone holds the weights; the caller may have let go of more of them, such as heads for training
		from.DropConstants()
		debug.FreeOSMemory()
	}
	c := &compiler{Backend: b, g: g, part: part, live: g.Live(), of: map[*graph.Node]*value{}, reordered: map[*graph.Node]*value{}}
	c.findUses()
	c.fuse()
	for _, n := range c.live {
		c.emit(n)
	}
	c.placeOutputs()
	p := &Program{g: g, pool: b.pool, values: c.values, evals: c.evals}
	p.stages = c.schedule()
	p.arena = plan(c.values, p.stages)
	g.DropConstants()
	if c.scratch != nil { // constants were computed: what that left behind makes room for the arena
		c.scratch = nil
		debug.FreeOSMemory()
	}
	for _, s := range c.steps {
		p.scratch = max(p.scratch, s.scratch)
	}
	return p, nil
}

func (c *compiler) findUses() {
	c.uses = map[*graph.Node][]*graph.Node{}
	c.output, c.fixed = map[*graph.Node]bool{}, constants{}
	for _, n := range c.live {
		for _, in := range n.Ins() {
			c.uses[in] = append(c.uses[in], n)
		}
	}
	for _, o := range c.g.Outputs() {
		c.output[o.Node] = true
	}
}

// newValue returns a value in the arena.
func (c *compiler) newValue(t graph.Type) *value {
	v := &value{id: len(c.values), typ: t}
	c.values = append(c.values, v)
	return v
}

// add appends a step, or runs it at once if all it reads is constant.
func (c *compiler) add(s *step) *step {
	if c.constantStep(s) {
		c.precompute(s)
		return s
	}
	for _, v := range s.out {
		v.root().made = s
	}
	c.steps = append(c.steps, s)
	return s
}

// emit makes the value of n and the steps that compute it. A node inside an elementwise group is computed with the group's
// last node, and one whose only reader is a group together with that group.
func (c *compiler) emit(n *graph.Node) {
	switch o := n.Op().(type) {
	case graph.InputOp:
		v := c.newValue(n.Type())
		v.place, v.layout = inInput, c.inputLayout(n)
		for i, in := range c.g.Inputs() {
			if in == n {
				v.index = i
			}
		}
		c.of[n] = v
		return
	case graph.ConstOp:
		c.of[n] = c.constant(n, o.Value.Bytes())
		return
	case graph.FillOp:
		if !c.onlyImmediate(n) {
			t := tensor.New(o.Typ.DType, o.Typ.Shape)
			o.Eval(t, nil)
			c.of[n] = c.constant(n, t.Bytes())
		}
		return
	}
	if c.of[n] != nil || c.alias(n) || c.deferred(n) {
		return
	}
	if g := c.groups[n]; g != nil {
		if g.last == n {
			c.emitGroup(g)
			for _, n := range g.nodes {
				c.forgetInputs(n)
			}
		}
		return
	}
	v := c.newValue(n.Type())
	v.layout = c.chooseLayout(n)
	c.of[n] = v
	if lowerings[n.Op().Name()] != nil && n.Type().Size() > 0 {
		then := tail{sums: c.planeSums(n, v)}
		c.lower(n, v, then)
		c.finishSums(then.sums)
		return
	}
	c.emitReference(n, v)
}

// lower emits the steps of n by its lowering.
func (c *compiler) lower(n *graph.Node, dst *value, then tail) {
	lowerings[n.Op().Name()](c, n, dst, then)
	c.forgetInputs(n)
}

// onlyImmediate reports whether the fill n is read by elementwise groups alone, which need no memory for it.
func (c *compiler) onlyImmediate(n *graph.Node) bool {
	for _, u := range c.uses[n] {
		if c.groups[u] == nil {
			return false
		}
	}
	return !c.output[n]
}

func (c *compiler) constant(n *graph.Node, data []byte) *value {
	v := c.newValue(n.Type())
	v.place, v.data = inConst, data
	return v
}

// in returns the values of n's inputs in row-major layout.
func (c *compiler) in(n *graph.Node) []*value {
	vs := make([]*value, len(n.Ins()))
	for i, a := range n.Ins() {
		if c.of[a] == nil {
			panic(fmt.Sprintf("cpu: %s reads %s, which has no value", n.Op().Name(), a.Op().Name()))
		}
		vs[i] = c.as(a, rowMajor)
	}
	return vs
}
