package optim

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

// Adam is the rule of Kingma & Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1, as torch.optim.Adam:
//
//	m = Beta1 m + (1 - Beta1) grad
//	v = Beta2 v + (1 - Beta2) grad²
//	p = p - lr m/(1 - Beta1^step) / (√(v/(1 - Beta2^step)) + Eps)
//
// The zero value of a field stands for 0; NewAdam has the usual values. For weight decay use AdamW.
type Adam struct{ Beta1, Beta2, Eps float64 }

var _ Rule = Adam{}

// NewAdam returns Adam with the paper's settings: 0.9, 0.999 and 1e-8.
func NewAdam() Adam { return Adam{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8} }

// Update implements Rule.
func (r Adam) Update(c *Context, p nn.Variable, grad *graph.Node) *graph.Node {
	m := c.average(p, "exp_avg", grad, r.Beta1)
	v := c.average(p, "exp_avg_sq", op.Mul(grad, grad), r.Beta2)
	rate := op.Div(c.Rate, c.correction(r.Beta1))
	root := op.Div(op.Sqrt(v), op.Sqrt(c.correction(r.Beta2)))
	eps := p.Node.Graph().Scalar(r.Eps)
	return op.Sub(p.Node, op.Mul(op.Div(m, op.Add(root, eps)), rate))
}

// correction returns 1 - beta^step. Computed so, it would lose half its digits for beta near 1; instead, with
// beta^step = exp(-u) and t = tanh(u/2), it is 2t/(1+t).
func (c *Context) correction(beta float64) *graph.Node {
	t := op.Tanh(scale(c.Step, -math.Log(beta)/2))
	return op.Div(scale(t, 2), op.Add(t, c.Step.Graph().Scalar(1)))
}
