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
	g := grad.Graph()
	fast := r.Rule.Update(c, p, grad)
	state := c.State(p, "slow")
	slow := op.Where(op.Equal(c.Step, g.Scalar(1)), p.Node, state) // which begins where the parameter does
	due := op.Equal(op.Mod(c.Step, g.Scalar(float64(r.Every))), g.Scalar(0))
	slow = op.Where(due, lerp(slow, fast, r.Alpha), slow)
	c.SetNext(state, slow)
	return op.Where(due, slow, fast)
}
