package optim

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

// RMSProp divides the gradient by a running mean of its size (Tieleman & Hinton, "Neural networks for machine learning", lecture 6.5, 2012), as
// torch.optim.RMSprop:
//
//	g = grad + WeightDecay p
//	v = Alpha v + (1 - Alpha) g²
//	a = Alpha a + (1 - Alpha) g              (Centred; otherwise a = 0)
//	b = Momentum b + g / (√(v - a²) + Eps)
//	p = p - lr b
type RMSProp struct {
	Alpha, Eps  float64
	Momentum    float64
	Centred     bool // Graves, "Generating sequences with recurrent neural networks", 2013, equations 38 to 41
	WeightDecay float64
}

var _ Rule = RMSProp{}

// Update implements Rule.
func (r RMSProp) Update(c *Context, p nn.Variable, grad *graph.Node) *graph.Node {
	grad = decayed(p, grad, r.WeightDecay)
	square := c.average(p, "square_avg", op.Mul(grad, grad), r.Alpha)
	if r.Centred {
		mean := c.average(p, "grad_avg", grad, r.Alpha)
		square = op.Max(op.Sub(square, op.Mul(mean, mean)), grad.Graph().Scalar(0)) // which rounding may bring below 0
	}
	move := op.Div(grad, op.Add(op.Sqrt(square), grad.Graph().Scalar(r.Eps)))
	if r.Momentum != 0 {
		move = c.accumulate(p, "momentum_buffer", move, r.Momentum)
	}
	return op.Sub(p.Node, op.Mul(move, c.Rate))
}
