package onnx

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

func init() {
	for _, m := range []struct {
		name  string
		since int
		f     func(x *graph.Node) *graph.Node
	}{
		{"Exp", 1, op.Exp}, {"Log", 1, op.Log}, {"Sqrt", 1, op.Sqrt}, {"Reciprocal", 1, op.Reciprocal}, {"Erf", 9, op.Erf},
		{"Floor", 1, op.Floor}, {"Ceil", 1, op.Ceil}, {"Round", 11, op.Round},
		{"Sin", 7, op.Sin}, {"Cos", 7, op.Cos}, {"Tan", 7, op.Tan}, {"Asin", 7, op.Asin}, {"Acos", 7, op.Acos}, {"Atan", 7, op.Atan},
		{"Sinh", 9, op.Sinh}, {"Cosh", 9, op.Cosh}, {"Asinh", 9, op.Asinh}, {"Acosh", 9, op.Acosh}, {"Atanh", 9, op.Atanh},
	} {
		registerReal(m.name, m.since, func(_ *call, x *graph.Node) *graph.Node { return m.f(x) })
	}
	register("Abs", 1, abs)
	register("Neg", 1, neg)
	register("Sign", 9, sign)
	register("IsNaN", 9, func(c *call) []value { return c.truth(not(op.Equal(c.float(0), c.float(0)))) })
	register("IsInf", 10, isInf)
}

func abs(c *call) []value {
	x := c.x(0)
	if x.t.isFloat() {
		return c.one(op.Abs(x.n))
	}
	n := x.whole()
	if x.t == Uint32 || x.t == Uint64 {
		return c.one(n)
	}
	return []value{wrap(op.Max(n, op.Sub(fill(n, 0), n)), x.t)}
}

func neg(c *call) []value {
	x := c.x(0)
	if x.t.isFloat() {
		return c.one(op.Neg(x.n))
	}
	n := x.whole()
	return []value{wrap(op.Sub(fill(n, 0), n), x.t)}
}

func sign(c *call) []value {
	x := c.x(0)
	if x.t.isFloat() {
		return c.one(op.Sign(x.n))
	}
	n := x.whole()
	zero := fill(n, 0)
	return []value{wrap(op.Sub(op.Cast(op.Less(zero, n), n.DType()), op.Cast(op.Less(n, zero), n.DType())), x.t)}
}

func isInf(c *call) []value {
	x := c.float(0)
	plus, minus := op.Equal(x, c.scalar(math.Inf(1))), op.Equal(x, c.scalar(math.Inf(-1)))
	switch positive, negative := c.attrInt("detect_positive", 1) != 0, c.attrInt("detect_negative", 1) != 0; {
	case positive && negative:
		return c.truth(or(plus, minus))
	case positive:
		return c.truth(plus)
	case negative:
		return c.truth(minus)
	}
	return c.truth(c.g.Fill(plus.Type(), 0))
}
