package optim

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

// LARS gives each layer a rate in proportion to the size of its weights (You, Gitman & Ginsburg, "Large batch training of convolutional
// networks", 2017, algorithm 1):
//
//	g = grad + WeightDecay p
//	λ = Trust |p| / (|grad| + WeightDecay |p|)     (1 if one of the norms is 0)
//	b = Momentum b + lr λ g
//	p = p - b
//
// Parameters without weight decay, biases and those of normalisation, have λ = 1.
type LARS struct{ Trust, Momentum, WeightDecay float64 }

var _ Rule = LARS{}

// Update implements Rule.
func (r LARS) Update(c *Context, p nn.Variable, grad *graph.Node) *graph.Node {
	rate := c.Rate
	if !p.NoDecay {
		w, d := norm(p.Node), norm(grad)
		rate = op.Mul(rate, trust(scale(w, r.Trust), op.Add(d, scale(w, r.WeightDecay)), w, d))
	}
	move := op.Mul(decayed(p, grad, r.WeightDecay), rate)
	if r.Momentum != 0 {
		move = c.accumulate(p, "momentum_buffer", move, r.Momentum)
	}
	return op.Sub(p.Node, move)
}

// trust returns a/b, and 1 unless both norms are more than 0. They are scalars.
func trust(a, b, norm1, norm2 *graph.Node) *graph.Node {
	ok := op.Sign(op.Min(norm1, norm2)) // 0 or 1; what backends run fast is arithmetic, not conditions
	not := op.Sub(a.Graph().Scalar(1), ok)
	return op.Add(op.Mul(ok, op.Div(a, op.Add(b, not))), not)
}
