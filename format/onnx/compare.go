package onnx

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	registerComparison("Equal", 1, op.Equal)
	registerComparison("Less", 1, op.Less)
	registerComparison("Greater", 1, op.Greater)
	registerComparison("LessOrEqual", 12, op.LessOrEqual)
	registerComparison("GreaterOrEqual", 12, op.GreaterOrEqual)
	registerLogic("And", and)
	registerLogic("Or", or)
	registerLogic("Xor", func(a, b *graph.Node) *graph.Node { return op.Where(a, not(b), b) })
	register("Not", 1, func(c *call) []value { return c.truth(not(c.bool(0))) })
	register("Where", 9, where)
}

// registerComparison adds an operator that compares two tensors of one type, which broadcast.
func registerComparison(name string, since int, f func(a, b *graph.Node) *graph.Node) {
	register(name, since, func(c *call) []value {
		a, b := c.pair()
		return c.truth(f(a, b))
	})
}

// registerLogic adds an operator on two tensors of truth values, which broadcast.
func registerLogic(name string, f func(a, b *graph.Node) *graph.Node) {
	register(name, 1, func(c *call) []value {
		x, y := c.x(0), c.x(1)
		if x.t != Bool || y.t != Bool {
			c.fail("element types %v and %v, bool expected", x.t, y.t)
		}
		return c.truth(f(x.n, c.alignLegacy(x, y).n))
	})
}

// truth returns the outputs of an operator that has one, of type bool.
func (c *call) truth(n *graph.Node) []value { return []value{{n: n, t: Bool}} }

func and(a, b *graph.Node) *graph.Node { return op.Where(a, b, truthOf(a, false)) }
func or(a, b *graph.Node) *graph.Node  { return op.Where(a, truthOf(a, true), b) }
func not(a *graph.Node) *graph.Node    { return op.Where(a, truthOf(a, false), truthOf(a, true)) }

func truthOf(n *graph.Node, v bool) *graph.Node {
	number := 0.0
	if v {
		number = 1
	}
	return n.Graph().Fill(graph.TypeOf(tensor.Bool), number)
}

func where(c *call) []value {
	a, b := c.x(1), c.x(2)
	c.check(sameType(a, b))
	nodes := alike([]value{a, b})
	return []value{a.with(op.Where(c.bool(0), nodes[0], nodes[1]))}
}
