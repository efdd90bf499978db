package optim

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

// AdamW is Adam after p = p - lr WeightDecay p: decay beside the gradient, not through its averages (Loshchilov & Hutter, "Decoupled
// weight decay regularization", ICLR 2019, algorithm 2, with the learning rate in both terms as in torch.optim.AdamW).
type AdamW struct{ Beta1, Beta2, Eps, WeightDecay float64 }

var _ Rule = AdamW{}

// NewAdamW returns AdamW with PyTorch's settings: 0.9, 0.999, 1e-8 and a decay of 0.01.
func NewAdamW() AdamW { return AdamW{Beta1: 0.9, Beta2: 0.999, Eps: 1e-8, WeightDecay: 0.01} }

// Update implements Rule.
func (r AdamW) Update(c *Context, p nn.Variable, grad *graph.Node) *graph.Node {
	next := Adam{r.Beta1, r.Beta2, r.Eps}.Update(c, p, grad)
	if r.WeightDecay == 0 || p.NoDecay {
		return next
	}
	return op.Sub(next, op.Mul(scale(c.Rate, r.WeightDecay), p.Node))
}
