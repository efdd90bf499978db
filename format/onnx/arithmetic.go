package onnx

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	registerArithmetic("Add", 1, op.Add)
	registerArithmetic("Sub", 1, op.Sub)
	registerArithmetic("Mul", 1, op.Mul)
	registerArithmetic("Div", 1, op.Div)
	register("Pow", 1, pow)
	register("Mod", 10, mod)
	registerVariadic("Sum", op.Add)
	registerVariadic("Max", op.Max)
	registerVariadic("Min", op.Min)
	register("Mean", 1, mean)
	register("BitShift", 11, bitShift)
	for name, f := range map[string]op.BitFunc{"BitwiseAnd": op.BitAnd, "BitwiseOr": op.BitOr, "BitwiseXor": op.BitXor} {
		registerArithmetic(name, 18, func(a, b *graph.Node) *graph.Node { return op.Bitwise(a, b, f) })
	}
	register("BitwiseNot", 18, func(c *call) []value {
		n := c.x(0).whole()
		return []value{wrap(op.Sub(op.Sub(fill(n, 0), n), fill(n, 1)), c.x(0).t)} // -x - 1
	})
}

// registerArithmetic adds an operator on two tensors of one type of numbers, which broadcast.
func registerArithmetic(name string, since int, f func(a, b *graph.Node) *graph.Node) {
	register(name, since, func(c *call) []value {
		a, b := c.pair()
		return []value{wrap(f(a, b), c.x(0).t)}
	})
}

// pair returns both inputs, which have one element type, in the type in which they are computed with.
func (c *call) pair() (a, b *graph.Node) {
	x, y := c.x(0), c.x(1)
	c.check(sameType(x, y))
	return x.arithmetic(), c.alignLegacy(x, y).arithmetic()
}

// alignLegacy returns b in a shape that broadcasts to that of a. Before operator set 7, b's dimensions belonged to those of a from the
// attribute axis on.
func (c *call) alignLegacy(a, b value) value {
	if c.opset >= 7 || !c.attrBool("broadcast") {
		return b
	}
	axis := c.attrInt("axis", a.rank()-b.rank())
	if axis < 0 {
		axis += a.rank()
	}
	if axis < 0 || axis+b.rank() > a.rank() {
		c.fail("shape %v does not broadcast to %v from axis %d on", b.shape(), a.shape(), axis)
	}
	dims := b.shape().Dims()
	for range a.rank() - axis - b.rank() {
		dims = append(dims, 1)
	}
	return b.with(op.Reshape(b.n, dims...))
}

// registerVariadic adds an operator that joins any number of tensors, one or more, with f.
func registerVariadic(name string, f func(a, b *graph.Node) *graph.Node) {
	register(name, 1, func(c *call) []value { return []value{wrap(c.join(f), c.x(0).t)} })
}

func (c *call) join(f func(a, b *graph.Node) *graph.Node) *graph.Node {
	c.check(sameType(c.in...))
	n := c.x(0).arithmetic()
	for i := range c.in[1:] {
		n = f(n, c.x(i+1).arithmetic())
	}
	return n
}

func mean(c *call) []value {
	sum := c.join(op.Add)
	return c.one(op.Mul(sum, c.scalar(1/float64(len(c.in)))))
}

// pow takes any types; the result is of the first one's. Numbers of different types meet in float32.
func pow(c *call) []value {
	x, y := c.x(0), c.alignLegacy(c.x(0), c.x(1))
	if x.t.isFloat() || y.t.isFloat() {
		return []value{fromReal(op.Pow(x.real(), y.real()), x.t)}
	}
	a, b := x.whole(), y.whole()
	if a.DType() != b.DType() {
		a, b = op.Cast(a, tensor.I64), op.Cast(b, tensor.I64)
	}
	return []value{wrap(op.Pow(a, b), x.t)}
}

func mod(c *call) []value {
	a, b := c.pair()
	if c.attrBool("fmod") {
		return []value{wrap(op.Remainder(a, b), c.x(0).t)}
	}
	return []value{wrap(op.Mod(a, b), c.x(0).t)}
}

// bitShift shifts unsigned integers. In the wider signed type that carries most of them, the bits that fall out on the left are cut off by
// wrap, and on the right there is no sign.
func bitShift(c *call) []value {
	a, b := c.pair()
	switch direction := c.attrString("direction", ""); direction {
	case "LEFT":
		return []value{wrap(op.Bitwise(a, b, op.ShiftLeft), c.x(0).t)}
	case "RIGHT":
		if c.x(0).t == Uint64 { // whose first bit is no sign: the first step shifts that out
			one, most := fill(b, 1), c.constant(tensor.Of(tensor.Shape{}, int64(math.MaxInt64)))
			half := op.Bitwise(op.Bitwise(a, one, op.ShiftRight), most, op.BitAnd)
			a, b = op.Where(op.Equal(b, fill(b, 0)), a, half), op.Max(op.Sub(b, one), fill(b, 0))
		}
		return []value{wrap(op.Bitwise(a, b, op.ShiftRight), c.x(0).t)}
	default:
		c.fail("attribute direction is %q, LEFT or RIGHT expected", direction)
	}
	return nil
}
