package train

import (
	"strings"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

// accumulatedPrefix begins the names of the states that add up gradients.
const accumulatedPrefix = "optim.accumulated."

// accumulate emits the addition of the gradients of a batch to those of the batches before it. After n of them the sums are the gradient of a batch n times as
// large, since the loss is a mean. It returns the sums, which are states of the training.
func accumulate(g *graph.Graph, params []nn.Variable, grads []*graph.Node, n int) []nn.Variable {
	sums := make([]nn.Variable, len(params))
	for i, p := range params {
		name := accumulatedPrefix + p.Name
		sum := g.Input(name, p.Node.Type())
		next := op.Add(sum, op.Mul(grads[i], g.Scalar(1/float64(n))))
		g.Update(sum, next)
		sums[i] = nn.Variable{Name: name, Node: sum, Init: nn.Zeros, NoDecay: true, Next: next}
	}
	return sums
}

// accumulated declares params and the sums of accumulate in another graph.
func accumulated(g *graph.Graph, params []nn.Variable) (vars []nn.Variable, grads []*graph.Node) {
	for _, p := range params {
		grads = append(grads, g.Input(accumulatedPrefix+p.Name, p.Node.Type()))
		p.Node, p.Next = g.Input(p.Name, p.Node.Type()), nil
		vars = append(vars, p)
	}
	return vars, grads
}

// forget sets the sums to 0, for the next step.
func (r *Trainer) forget() {
	for name, t := range r.state {
		if strings.HasPrefix(name, accumulatedPrefix) {
			clear(t.F32())
		}
	}
}
