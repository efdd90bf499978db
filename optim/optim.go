// Package optim trains: update rules as graph code, so that a training step is one program, and learning-rate schedules as
// plain functions. Semantics are those of torch.optim.
package optim

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

// The names of the scalar float32 inputs that Step adds to the program.
const (
	RateInput = "optim.lr"   // the learning rate of this step
	StepInput = "optim.step" // the number of this step; the first is 1
)

// A Rule is an update rule.
type Rule interface {
	// Update returns the next value of the parameter p, whose gradient is grad.
	Update(c *Context, p nn.Variable, grad *graph.Node) *graph.Node
}

// A Context is what a Rule may use besides a parameter and its gradient.
type Context struct {
	Rate, Step *graph.Node // the inputs RateInput and StepInput
	states     []nn.Variable
}

// State declares the state called slot of the parameter p: an input of p's type that is zero at first, named
// "optim.slot.parameter".
func (c *Context) State(p nn.Variable, slot string) *graph.Node {
	name := "optim." + slot + "." + p.Name
	n := p.Node.Graph().Input(name, p.Node.Type())
	c.states = append(c.states, nn.Variable{Name: name, Node: n, Init: nn.Zeros, NoDecay: true})
	return n
}

// SetNext says which value a State has after the step. Each must get one.
func (c *Context) SetNext(state, next *graph.Node) {
	for i := range c.states {
		if c.states[i].Node == state {
			c.states[i].Next = next
		}
	}
}

// Step adds to g the update of vars by rule: grads[i] is the gradient of the loss with respect to vars[i]. If clipNorm > 0, all
// gradients are first scaled together so that their joint norm is at most clipNorm. Parameters and states are updated in place
// (graph.Update). Step returns the states, which the caller keeps from step to step as it does vars.
func Step(g *graph.Graph, rule Rule, clipNorm float64, vars []nn.Variable, grads []*graph.Node) []nn.Variable {
	c := &Context{Rate: g.Input(RateInput, graph.F32()), Step: g.Input(StepInput, graph.F32())}
	if len(vars) != len(grads) {
		graph.Fail("optim.Step", fmt.Errorf("%d variables and %d gradients", len(vars), len(grads)), c.Rate)
	}
	if clipNorm > 0 {
		grads = clip(grads, clipNorm)
	}
	for i, v := range vars {
		g.Update(v.Node, rule.Update(c, v, grads[i]))
	}
	for _, s := range c.states {
		if s.Next == nil {
			graph.Fail("optim.Step", fmt.Errorf("%T gives %s no next value", rule, s.Name), s.Node)
		}
		g.Update(s.Node, s.Next)
	}
	return c.states
}

// clip scales grads by min(1, limit/(norm + 1e-6)), where norm is the Euclidean norm of all of them together (Pascanu, Mikolov
// & Bengio, "On the difficulty of training recurrent neural networks", ICML 2013, algorithm 1; the constant is
// torch.nn.utils.clip_grad_norm_'s).
func clip(grads []*graph.Node, limit float64) []*graph.Node {
	if len(grads) == 0 {
		return nil
	}
	g := grads[0].Graph()
	sum := g.Scalar(0)
	for _, d := range grads {
		sum = op.Add(sum, op.ReduceSum(op.Mul(d, d), false))
	}
	norm := op.Add(op.Sqrt(sum), g.Scalar(1e-6))
	factor := op.Min(op.Div(g.Scalar(limit), norm), g.Scalar(1))
	clipped := make([]*graph.Node, len(grads))
	for i, d := range grads {
		clipped[i] = op.Mul(d, factor)
	}
	return clipped
}

// scale returns x times the constant k.
func scale(x *graph.Node, k float64) *graph.Node { return op.Mul(x, x.Graph().Scalar(k)) }

// decayed returns grad plus the gradient of decay/2 · |p|²: weight decay as a part of the loss.
func decayed(p nn.Variable, grad *graph.Node, decay float64) *graph.Node {
	if decay == 0 || p.NoDecay {
		return grad
	}
	return op.Add(grad, scale(p.Node, decay))
}
