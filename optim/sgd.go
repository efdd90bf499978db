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
// If Decoupled, the decay is beside the gradient, g = grad and p = p (1 - lr WeightDecay) - lr b: SGDW of Loshchilov & Hutter, "Decoupled weight decay
// regularization", ICLR 2019, algorithm 1, with the learning rate in both terms.
//
// See Sutskever, Martens, Dahl & Hinton, "On the importance of initialization and momentum in deep learning", ICML 2013, whose
// velocity includes the learning rate, as this one does not.
type SGD struct {
	Momentum    float64
	Nesterov    bool
	WeightDecay float64
	Decoupled   bool
}

var _ Rule = SGD{}

// Update implements Rule.
func (r SGD) Update(c *Context, p nn.Variable, grad *graph.Node) *graph.Node {
	param := p.Node
	if r.Decoupled {
		param = c.shrunk(p, r.WeightDecay)
	} else {
		grad = decayed(p, grad, r.WeightDecay)
	}
	move := grad
	if r.Momentum != 0 {
		move = c.accumulate(p, "momentum_buffer", grad, r.Momentum)
		if r.Nesterov {
			move = op.Add(grad, scale(move, r.Momentum))
		}
	}
	return op.Sub(param, op.Mul(move, c.Rate))
}
