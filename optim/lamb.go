package optim

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

// LAMB is Adam whose steps are, layer by layer, as long as the weights (You et al., "Large batch optimization for deep learning: training BERT
// in 76 minutes", ICLR 2020, algorithm 2 with φ(x) = x):
//
//	r = m/(1 - Beta1^step) / (√(v/(1 - Beta2^step)) + Eps), with Adam's m and v
//	u = r + WeightDecay p
//	p = p - lr |p|/|u| u                           (the factor is 1 if one of the norms is 0)
//
// Parameters without weight decay, biases and those of normalisation, have the factor 1.
type LAMB struct{ Beta1, Beta2, Eps, WeightDecay float64 }

var _ Rule = LAMB{}

// Update implements Rule.
func (r LAMB) Update(c *Context, p nn.Variable, grad *graph.Node) *graph.Node {
	m := c.average(p, "exp_avg", grad, r.Beta1)
	v := c.average(p, "exp_avg_sq", op.Mul(grad, grad), r.Beta2)
	root := op.Div(op.Sqrt(v), op.Sqrt(c.correction(r.Beta2)))
	move := op.Div(op.Div(m, c.correction(r.Beta1)), op.Add(root, grad.Graph().Scalar(r.Eps)))
	rate := c.Rate
	if !p.NoDecay {
		move = decayed(p, move, r.WeightDecay)
		w, u := norm(p.Node), norm(move)
		rate = op.Mul(rate, trust(w, u, w, u))
	}
	return op.Sub(p.Node, op.Mul(move, rate))
}
