package nn

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// A Mode says what a network is applied for.
type Mode uint8

// The modes. They differ in layers such as Dropout and BatchNorm.
const (
	Eval Mode = iota
	Train
)

// The names of the program inputs from which random layers draw; see [Scope.Random].
const (
	KeyInput     = "rng.key"
	CounterInput = "rng.counter"
)

// A Variable is an input of the program that outlives one run of it: a parameter or a running statistic.
type Variable struct {
	Name      string      // such as "features.0.weight"
	Node      *graph.Node // the input
	Init      Init        // gives its first value
	Trainable bool        // a parameter: the loss is differentiated with respect to it, unless it is frozen
	Frozen    bool        // training leaves it as it is; see Scope.Freeze
	// NoDecay says that weight decay leaves it alone. It holds for everything of fewer than two dimensions: biases, and the
	// scales and shifts of normalisation, which do not make a function more complex by being large.
	NoDecay bool
	Whitens bool        // the filters of a [Whiten] layer, whose values come from the training images
	Next    *graph.Node // its next value, if the layers computed one
}

// A Scope is where a layer gets its parameters from: a graph and the prefix of their names. The zero Scope is not valid.
type Scope struct {
	*program
	path  string
	again bool // see Again
}

// program is what all scopes of one graph share.
type program struct {
	g            *graph.Graph
	mode         Mode
	variables    []*Variable
	key, counter *graph.Node
	sites        uint32 // calls of Random so far
	auxiliaries  []AuxiliaryOutput
	frozen       func(name string) bool // nil: none is
}

// NewScope returns the root scope of a network in g.
func NewScope(g *graph.Graph, mode Mode) Scope {
	return Scope{program: &program{g: g, mode: mode}}
}

// Again returns s for a layer that has been applied to s before and now takes another input: it gets the parameters that it has declared
// then, as the head of a detector does on each level of a pyramid. A layer that updates buffers, such as BatchNorm in training, cannot be shared.
func (s Scope) Again() Scope {
	s.again = true
	return s
}

// Sub returns the scope called name inside s. To apply a layer there, use [Named], which gives its nodes that path, too.
func (s Scope) Sub(name string) Scope { return Scope{s.program, s.join(name), s.again} }

func (s Scope) join(name string) string {
	if s.path == "" {
		return name
	}
	return s.path + "." + name
}

// Training reports whether the network is applied in order to be trained.
func (s Scope) Training() bool { return s.mode == Train }

// Freeze says which variables of the whole network training leaves as they are, by their names; it is called before any layer is applied. A
// frozen parameter gets no gradient, and layers do not update a frozen buffer.
func (s Scope) Freeze(frozen func(name string) bool) { s.frozen = frozen }

// Frozen reports whether the variable called name within s is frozen.
func (s Scope) Frozen(name string) bool {
	return s.frozen != nil && s.frozen(s.join(name))
}

// Param declares a parameter, a float32 input of the program called by name within s.
func (s Scope) Param(name string, shape tensor.Shape, init Init) *graph.Node {
	return s.declare(Variable{Name: s.join(name), Init: init, Trainable: true, NoDecay: shape.Rank() < 2}, shape)
}

// Buffer declares a float32 input that is no parameter and that training does not differentiate, such as a running mean.
func (s Scope) Buffer(name string, shape tensor.Shape, init Init) *graph.Node {
	return s.declare(Variable{Name: s.join(name), Init: init, NoDecay: true}, shape)
}

func (s Scope) declare(v Variable, shape tensor.Shape) *graph.Node {
	for _, other := range s.variables {
		if other.Name == v.Name && s.again && other.Node.Shape() == shape && other.Trainable == v.Trainable {
			return other.Node
		}
		if other.Name == v.Name {
			graph.Fail("nn", fmt.Errorf("there are two variables called %q: give the layers names of their own (Named, Seq)", v.Name), other.Node)
		}
	}
	v.Frozen = s.frozen != nil && s.frozen(v.Name)
	v.Node = s.g.Input(v.Name, graph.Type{DType: tensor.F32, Shape: shape})
	s.variables = append(s.variables, &v)
	return v.Node
}

// Update says that buffer has the value next after the run. In Eval mode it does nothing.
func (s Scope) Update(buffer, next *graph.Node) {
	if !s.Training() {
		return
	}
	for _, v := range s.variables {
		if v.Node != buffer {
			continue
		}
		switch {
		case v.Trainable:
			graph.Fail("nn", fmt.Errorf("update of the parameter %q: only a Buffer can be updated by its layer", v.Name), buffer, next)
		case v.Frozen:
			graph.Fail("nn", fmt.Errorf("update of the frozen buffer %q: ask Scope.Frozen first", v.Name), buffer, next)
		case v.Next != nil:
			graph.Fail("nn", fmt.Errorf("buffer %q is updated twice", v.Name), buffer, next)
		case buffer.Type() != next.Type():
			graph.Fail("nn", fmt.Errorf("buffer %q is %v, its next value %v", v.Name, buffer.Type(), next.Type()), buffer, next)
		}
		v.Next = next
		return
	}
	graph.Fail("nn", fmt.Errorf("update of a node that is no Buffer of this network"), buffer, next)
}

// Random returns a Philox key (u32[2]) and counter (u32[4]) that no other call has. The key is the program input "rng.key"; the
// counter is the program input "rng.counter", whose last word must be 0, with the number of the call in its last word.
// A trainer sets the counter to {0, 0, step, 0}.
func (s Scope) Random() (key, counter *graph.Node) {
	if s.key == nil {
		s.key = s.g.Input(KeyInput, graph.TypeOf(tensor.U32, 2))
		s.counter = s.g.Input(CounterInput, graph.TypeOf(tensor.U32, 4))
	}
	site := s.g.Const(tensor.Of(tensor.ShapeOf(4), 0, 0, 0, s.sites))
	s.sites++
	return s.key, op.Add(s.counter, site)
}

// Variables returns what the layers of the whole network declared, in the order in which they did.
func (s Scope) Variables() []Variable {
	list := make([]Variable, len(s.variables))
	for i, v := range s.variables {
		list[i] = *v
	}
	return list
}

// Trainable returns those of vars that are parameters, in their order, frozen ones too.
func Trainable(vars []Variable) []Variable {
	return choose(vars, func(v Variable) bool { return v.Trainable })
}

// Learning returns those of vars that training gives a gradient: the parameters that are not frozen, in their order.
func Learning(vars []Variable) []Variable {
	return choose(vars, func(v Variable) bool { return v.Trainable && !v.Frozen })
}

func choose(vars []Variable, is func(Variable) bool) []Variable {
	var list []Variable
	for _, v := range vars {
		if is(v) {
			list = append(list, v)
		}
	}
	return list
}
