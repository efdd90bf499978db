package optim

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

// SGD is stochastic gradient descent with momentum, as torch.optim.SGD:
//
//	g = grad + WeightDecay p
//	b = Momentum b + g
//	p = p - lr b               (Nesterov: p - lr (g + Momentum b))
//
// See Sutskever, Martens, Dahl & Hinton, "On the importance of initialization and momentum in deep learning", ICML 2013, whose
// velocity includes the learning rate, as this one does not.
type SGD struct {
	Momentum    float64
	Nesterov    bool
	WeightDecay float64
}

var _ Rule = SGD{}

// Update implements Rule.
func (r SGD) Update(c *Context, p nn.Variable, grad *graph.Node) *graph.Node {
	grad = decayed(p, grad, r.WeightDecay)
	move := grad
	if r.Momentum != 0 {
		old := c.State(p, "momentum_buffer")
		buffer := op.Add(scale(old, r.Momentum), grad)
		c.SetNext(old, buffer)
		move = buffer
		if r.Nesterov {
			move = op.Add(grad, scale(buffer, r.Momentum))
		}
	}
	return op.Sub(p.Node, op.Mul(move, c.Rate))
}
