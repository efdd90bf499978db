package optim

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

// Lookahead lets another rule run ahead and follows it with slow weights (Zhang, Lucas, Ba & Hinton, "Lookahead optimizer: k steps forward, 1 step
// back", NeurIPS 2019, algorithm 1): after every Every steps, slow = slow + Alpha (p - slow) and p = slow.
type Lookahead struct {
	Rule  Rule
	Every int
	Alpha float64
}

var _ Rule = Lookahead{}

// Update implements Rule.
func (r Lookahead) Update(c *Context, p nn.Variable, grad *graph.Node) *graph.Node {
	one := grad.Graph().Scalar(1)
	fast := r.Rule.Update(c, p, grad)
	state := c.State(p, "slow")
	first := op.Sub(one, op.Min(op.Sub(c.Step, one), one)) // 1 in the first step, when the state begins as the parameter does; else 0
	slow := op.Add(op.Mul(p.Node, first), op.Mul(state, op.Sub(one, first)))
	due := op.Sub(one, op.Sign(op.Mod(c.Step, grad.Graph().Scalar(float64(r.Every))))) // 1 or 0
	slow = op.Add(slow, op.Mul(op.Sub(fast, slow), scale(due, r.Alpha)))
	c.SetNext(state, slow)
	return op.Add(op.Mul(slow, due), op.Mul(fast, op.Sub(one, due)))
}
