package onnx

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

func init() {
	registerReal("Relu", 1, func(c *call, x *graph.Node) *graph.Node { return op.Relu(x) })
	registerReal("Sigmoid", 1, func(c *call, x *graph.Node) *graph.Node { return op.Sigmoid(x) })
	registerReal("Tanh", 1, func(c *call, x *graph.Node) *graph.Node { return op.Tanh(x) })
	registerReal("Softplus", 1, func(c *call, x *graph.Node) *graph.Node { return op.Softplus(x) })
	registerReal("HardSwish", 14, func(c *call, x *graph.Node) *graph.Node { return op.HardSwish(x) })
	registerReal("LeakyRelu", 1, func(c *call, x *graph.Node) *graph.Node {
		return op.LeakyRelu(x, c.attrFloat("alpha", 0.01))
	})
	registerReal("Elu", 1, func(c *call, x *graph.Node) *graph.Node {
		return elu(x, float64(c.attrFloat("alpha", 1)), 1)
	})
	registerReal("Selu", 1, selu)
	registerReal("Celu", 12, celu)
	registerReal("Gelu", 20, gelu)
	registerReal("HardSigmoid", 1, hardSigmoid)
	registerReal("Mish", 18, func(c *call, x *graph.Node) *graph.Node { return op.Mul(x, op.Tanh(op.Softplus(x))) })
	registerReal("Softsign", 1, func(c *call, x *graph.Node) *graph.Node {
		return op.Div(x, op.Add(c.scalar(1), op.Abs(x)))
	})
	// It was experimental before operator set 10, and the same.
	registerReal("ThresholdedRelu", 1, func(c *call, x *graph.Node) *graph.Node {
		return op.Where(op.Greater(x, c.scalar(float64(c.attrFloat("alpha", 1)))), x, c.scalar(0))
	})
	registerReal("Shrink", 9, shrink)
	register("PRelu", 1, prelu)
	register("Clip", 1, clip)
}

// registerReal adds an operator that makes of one tensor of real numbers another of its type. Relu and a few more are also defined for
// integers; these are computed in float32 too.
func registerReal(name string, since int, f func(c *call, x *graph.Node) *graph.Node) {
	register(name, since, func(c *call) []value { return []value{fromReal(f(c, c.real(0)), c.x(0).t)} })
}

// fromReal returns real numbers as a value of type t: integers are what is left of them.
func fromReal(n *graph.Node, t DataType) value {
	if t.isFloat() {
		return value{n: n, t: t}
	}
	return castTo(value{n: n, t: Float}, t)
}

// elu returns x where it is positive, else alpha (exp(x / scale) - 1).
func elu(x *graph.Node, alpha, scale float64) *graph.Node {
	g := x.Graph()
	low := op.Min(x, g.Scalar(0))
	if scale != 1 {
		low = op.Div(low, g.Scalar(scale))
	}
	return op.Add(op.Relu(x), op.Mul(g.Scalar(alpha), op.Sub(op.Exp(low), g.Scalar(1))))
}

// selu is gamma times Elu; the defaults are those of Klambauer et al. 2017, as float32.
func selu(c *call, x *graph.Node) *graph.Node {
	alpha, gamma := c.attrFloat("alpha", 1.67326319217681884765625), c.attrFloat("gamma", 1.05070102214813232421875)
	if c.opset < 6 { // the first version had them rounded
		alpha, gamma = c.attrFloat("alpha", 1.6732), c.attrFloat("gamma", 1.0507)
	}
	return op.Mul(c.scalar(float64(gamma)), elu(x, float64(alpha), 1))
}

func celu(c *call, x *graph.Node) *graph.Node {
	alpha := float64(c.attrFloat("alpha", 1))
	return elu(x, alpha, alpha)
}

func gelu(c *call, x *graph.Node) *graph.Node {
	switch how := c.attrString("approximate", "none"); how {
	case "none":
		return op.Gelu(x)
	case "tanh":
		return tanhGelu(x)
	default:
		c.fail("attribute approximate is %q, none or tanh expected", how)
	}
	return nil
}

// tanhGelu is the approximation of Hendrycks & Gimpel 2016: x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))).
func tanhGelu(x *graph.Node) *graph.Node {
	g := x.Graph()
	cube := op.Mul(op.Mul(x, x), x)
	inner := op.Mul(g.Scalar(math.Sqrt(2/math.Pi)), op.Add(x, op.Mul(g.Scalar(0.044715), cube)))
	return op.Mul(op.Mul(g.Scalar(0.5), x), op.Add(g.Scalar(1), op.Tanh(inner)))
}

func hardSigmoid(c *call, x *graph.Node) *graph.Node {
	alpha, beta := float64(c.attrFloat("alpha", 0.2)), float64(c.attrFloat("beta", 0.5))
	return op.Clip(op.Add(op.Mul(x, c.scalar(alpha)), c.scalar(beta)), 0, 1)
}

// shrink is x + bias below -lambd, x - bias above lambd, and 0 between.
func shrink(c *call, x *graph.Node) *graph.Node {
	lambda, bias := float64(c.attrFloat("lambd", 0.5)), c.scalar(float64(c.attrFloat("bias", 0)))
	high := op.Where(op.Greater(x, c.scalar(lambda)), op.Sub(x, bias), c.scalar(0))
	return op.Where(op.Less(x, c.scalar(-lambda)), op.Add(x, bias), high)
}

// prelu is x where it is positive, else slope x. Before operator set 7, a slope of one dimension belonged to the channels.
func prelu(c *call) []value {
	x, slope := c.real(0), c.real(1)
	if slope.Shape().Rank() == 1 && x.Shape().Rank() > 2 && slope.Shape().Size() > 1 && c.opset < 7 {
		slope = perChannel(slope, x.Shape().Rank())
	}
	y := op.Add(op.Relu(x), op.Mul(slope, op.Min(x, c.scalar(0))))
	return []value{fromReal(y, c.x(0).t)}
}

// clip limits numbers. The limits were attributes before operator set 11, and may be left out.
func clip(c *call) []value {
	x := c.x(0)
	n := x.arithmetic()
	if c.opset < 11 {
		return []value{fromReal(op.Clip(x.real(), c.attrFloat("min", -math.MaxFloat32), c.attrFloat("max", math.MaxFloat32)), x.t)}
	}
	lo, hi, ok := c.clipLimits()
	if ok && x.t.isFloat() && lo <= hi {
		return c.one(op.Clip(n, lo, hi))
	}
	if c.has(1) {
		n = op.Max(n, limit(c.x(1), n))
	}
	if c.has(2) {
		n = op.Min(n, limit(c.x(2), n))
	}
	return []value{wrap(n, x.t)}
}

// limit returns a scalar in the type of n.
func limit(v value, n *graph.Node) *graph.Node {
	return op.Reshape(op.Cast(v.arithmetic(), n.DType()))
}

// clipLimits returns the limits, if they are known.
func (c *call) clipLimits() (lo, hi float32, ok bool) {
	lo, hi = float32(math.Inf(-1)), float32(math.Inf(1))
	for i, to := range []*float32{&lo, &hi} {
		if !c.has(i + 1) {
			continue
		}
		if c.folder.value(c.in[i+1].n) == nil {
			return lo, hi, false
		}
		list := c.floats(i+1, "limit")
		if len(list) != 1 {
			c.fail("the limit has %d elements, one expected", len(list))
		}
		*to = list[0]
	}
	return lo, hi, true
}
