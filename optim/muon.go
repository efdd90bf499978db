package optim

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

// Muon moves weight matrices along the nearest orthogonal matrix to their momentum, so that all directions are learned at the same speed
// (K. Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024):
//
//	b = Momentum b + (1 - Momentum) grad
//	u = b                                          (Nesterov: (1 - Momentum) grad + Momentum b)
//	p = p (1 - lr WeightDecay) - lr √max(1, rows/columns) orthogonal(u)
//
// With Normalize, p is first scaled to the norm √rows, which suits layers that batch normalisation follows: their scale means nothing, and the
// angle by which a step turns them depends on lr alone.
//
// Filters [O, I, H, W] are matrices of O rows. Parameters of fewer than two dimensions follow Fallback, with the learning rate times FallbackRate.
type Muon struct {
	Momentum     float64
	Nesterov     bool
	Steps        int // of the Newton-Schulz iteration
	WeightDecay  float64
	Normalize    bool
	Fallback     Rule
	FallbackRate float64
}

var _ Rule = Muon{}

// Update implements Rule.
func (r Muon) Update(c *Context, p nn.Variable, grad *graph.Node) *graph.Node {
	shape := p.Node.Shape()
	if shape.Rank() < 2 {
		c.Rate = scale(c.Rate, r.FallbackRate)
		return r.Fallback.Update(c, p, grad)
	}
	move := c.average(p, "momentum_buffer", grad, r.Momentum)
	if r.Nesterov {
		move = lerp(grad, move, r.Momentum)
	}
	rows := shape.Dim(0)
	columns := shape.Size() / rows
	move = op.Reshape(orthogonal(op.Reshape(move, rows, columns), r.Steps), shape.Dims()...)
	stretch := math.Sqrt(max(1, float64(rows)/float64(columns)))
	from := c.shrunk(p, r.WeightDecay)
	if r.Normalize {
		from = op.Mul(from, op.Div(from.Graph().Scalar(math.Sqrt(float64(rows))), op.Add(norm(from), from.Graph().Scalar(1e-7))))
	}
	return op.Sub(from, op.Mul(scale(move, stretch), c.Rate))
}

// orthogonal returns a matrix with the singular vectors of x [rows, columns] and singular values between 0.7 and 1.2: each step of the Newton-Schulz
// iteration applies the polynomial a s + b s³ + c s⁵ to them, whose coefficients Jordan chose for the steepest rise at 0.
func orthogonal(x *graph.Node, steps int) *graph.Node {
	const a, b, c = 3.4445, -4.7750, 2.0315
	wide := x.Shape().Dim(0) <= x.Shape().Dim(1)
	if !wide {
		x = op.Transpose(x, 1, 0) // the products are of the shorter side
	}
	x = op.Div(x, op.Add(norm(x), x.Graph().Scalar(1e-7)))
	for range steps {
		s := op.MatMul(x, x, op.MatMulAttrs{TransB: true})
		poly := op.Add(scale(s, b), scale(op.MatMul(s, s, op.MatMulAttrs{}), c))
		x = op.Add(scale(x, a), op.MatMul(poly, x, op.MatMulAttrs{}))
	}
	if !wide {
		x = op.Transpose(x, 1, 0)
	}
	return x
}
