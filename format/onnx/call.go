package onnx

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// A call is a node that is being built. Its methods end the building where the node is not as it should be; the errors name the node.
type call struct {
	*builder
	scope *scope
	node  *nodeProto
	opset int
	in    []value
}

// fail ends the building of the node with an error.
func (c *call) fail(format string, args ...any) {
	panic(nodeError{fmt.Errorf(format, args...)})
}

// refuse ends the building of the node: it is valid, but not supported.
func (c *call) refuse(format string, args ...any) {
	panic(refusal{reason: fmt.Sprintf(format, args...)})
}

// check ends the building of the node if there is an error.
func (c *call) check(err error) {
	if err != nil {
		panic(nodeError{err})
	}
}

// has reports whether input i is given.
func (c *call) has(i int) bool { return i < len(c.in) && c.in[i].n != nil }

// wants reports whether output i is used.
func (c *call) wants(i int) bool { return i < len(c.node.outputs) && c.node.outputs[i] != "" }

// x returns input i, which must be given.
func (c *call) x(i int) value {
	if !c.has(i) {
		c.fail("input %d is missing", i)
	}
	return c.in[i]
}

// real returns input i in float32.
func (c *call) real(i int) *graph.Node { return c.x(i).real() }

// float returns input i, which must be of a floating-point type, in float32.
func (c *call) float(i int) *graph.Node {
	v := c.x(i)
	if !v.t.isFloat() {
		c.fail("input %d is of type %v, a floating-point type expected", i, v.t)
	}
	return v.n
}

// bool returns input i, which must be of type bool.
func (c *call) bool(i int) *graph.Node {
	v := c.x(i)
	if v.t != Bool {
		c.fail("input %d is of type %v, bool expected", i, v.t)
	}
	return v.n
}

// scalar returns a float32 scalar.
func (c *call) scalar(v float64) *graph.Node { return c.g.Scalar(v) }

// known returns the value of input i, which must not depend on inputs of the graph.
func (c *call) known(i int, what string) *tensor.Tensor {
	v := c.x(i)
	t := c.folder.value(v.n)
	if t == nil {
		panic(refusal{what + " must be known before the graph runs", c.folder.inputs(v.n)})
	}
	return t
}

// ints returns the integers in input i, which must be known.
func (c *call) ints(i int, what string) []int {
	c.x(i)
	v := value{n: c.x(i).n, t: c.x(i).t}
	if v.t.isFloat() || v.t == Bool {
		c.fail("%s is of type %v, integers expected", what, v.t)
	}
	t := c.known(i, what)
	list := make([]int, t.Size())
	for j := range list {
		list[j] = int(integerAt(t, j))
	}
	return list
}

// int returns the one integer in input i, which must be known.
func (c *call) int(i int, what string) int {
	list := c.ints(i, what)
	if len(list) != 1 {
		c.fail("%s has %d elements, one expected", what, len(list))
	}
	return list[0]
}

// truthAt returns the one truth value in input i, which must be known.
func (c *call) truthAt(i int, what string) bool {
	c.bool(i)
	t := c.known(i, what)
	if t.Size() != 1 {
		c.fail("%s has %d elements, one expected", what, t.Size())
	}
	return t.Bool()[0]
}

// floats returns the numbers in input i, which must be known.
func (c *call) floats(i int, what string) []float32 {
	t := c.known(i, what)
	list := make([]float32, t.Size())
	for j := range list {
		if t.DType() == tensor.F32 {
			list[j] = t.F32()[j]
		} else {
			list[j] = float32(integerAt(t, j))
		}
	}
	return list
}

// integerAt returns element i of a tensor of a type that carries integers.
func integerAt(t *tensor.Tensor, i int) int64 {
	switch t.DType() {
	case tensor.I64:
		return t.I64()[i]
	case tensor.I32:
		return int64(t.I32()[i])
	case tensor.U32:
		return int64(t.U32()[i])
	case tensor.U8:
		return int64(t.U8()[i])
	case tensor.I8:
		return int64(int8(t.Bytes()[i]))
	case tensor.Bool:
		if t.Bool()[i] {
			return 1
		}
		return 0
	}
	return int64(t.F32()[i])
}

// attribute returns the attribute of that name, nil if it is not given.
func (c *call) attribute(name string, kind attributeKind) *attributeProto {
	for _, a := range c.node.attributes {
		if a.name != name {
			continue
		}
		if a = c.resolve(a); a != nil && a.kind != kind && a.kind != 0 {
			c.fail("attribute %s is of kind %d, %d expected", name, a.kind, kind)
		}
		return a
	}
	return nil
}

func (c *call) attrInt(name string, otherwise int) int {
	a := c.attribute(name, kindInt)
	if a == nil {
		return otherwise
	}
	if a.i != int64(int32(a.i)) { // no operator has a use for it, and sums with it might overflow
		c.fail("attribute %s is %d, a number of 32 bits expected", name, a.i)
	}
	return int(a.i)
}

func (c *call) attrBool(name string) bool { return c.attrInt(name, 0) != 0 }

func (c *call) attrFloat(name string, otherwise float32) float32 {
	if a := c.attribute(name, kindFloat); a != nil {
		return a.f
	}
	return otherwise
}

func (c *call) attrString(name, otherwise string) string {
	if a := c.attribute(name, kindString); a != nil {
		return a.s
	}
	return otherwise
}

// attrInts returns nil if the attribute is not given.
func (c *call) attrInts(name string) []int {
	a := c.attribute(name, kindInts)
	if a == nil {
		return nil
	}
	list := make([]int, len(a.ints))
	for i, v := range a.ints {
		list[i] = int(v)
	}
	return list
}

func (c *call) attrFloats(name string) []float32 {
	if a := c.attribute(name, kindFloats); a != nil {
		return a.floats
	}
	return nil
}

// axis returns the dimension that a number which may count from the end stands for.
func (c *call) axis(axis, rank int) int {
	if axis < -rank || axis >= rank {
		c.fail("axis %d, %d to %d expected", axis, -rank, rank-1)
	}
	if axis < 0 {
		axis += rank
	}
	return axis
}

// axes returns dimensions that may count from the end, each once.
func (c *call) axes(axes []int, rank int) []int {
	list := make([]int, len(axes))
	var seen op.AxisSet
	for i, a := range axes {
		list[i] = c.axis(a, rank)
		if seen.Has(list[i]) {
			c.fail("axis %d is listed twice in %v", a, axes)
		}
		seen |= op.Axes(list[i])
	}
	return list
}

// tensor returns a new tensor for a constant that the operator makes.
func (c *call) tensor(d tensor.DType, dims ...int) *tensor.Tensor {
	s := c.shapeOf(dims)
	c.takes(s.Size())
	return tensor.New(d, s)
}

// takes counts elements of constants that the operator makes.
func (c *call) takes(elements int) {
	if elements > maxMade-c.made {
		c.fail("it takes a constant of %d elements, those of all nodes may have %d", elements, maxMade)
	}
	c.made += elements
}

// gatherElements computes an index for each element, which is such a constant.
func (c *call) gatherElements(x, indices *graph.Node, axis int) *graph.Node {
	c.takes(indices.Shape().Size())
	return op.GatherElements(x, indices, axis)
}

// constant returns a constant of the graph.
func (c *call) constant(t *tensor.Tensor) *graph.Node { return c.g.Const(t) }

// one returns the outputs of an operator that has one, of the element type of input 0.
func (c *call) one(n *graph.Node) []value { return []value{{n: n, t: c.in[0].t}} }
