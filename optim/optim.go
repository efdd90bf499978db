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
	Rate, Step *graph.Node // the parameter's learning rate and the number of its step: RateInput and StepInput, as Options change them
	states     []nn.Variable
}

// Options change what Step gives to a rule. The zero value changes nothing.
type Options struct {
	ClipValue float64                      // gradients are cut off at ±ClipValue; 0 means never
	ClipNorm  float64                      // then scaled together so that their joint norm is at most ClipNorm; 0 means never
	DecayAll  bool                         // weight decay applies to biases and the like, too; see nn.Variable.NoDecay
	Factor    func(name string) float64    // of a parameter's learning rate; nil means 1
	Begun     func(name string) (step int) // after how many steps the parameter began to learn; nil means 0
}

// State declares the state called slot of the parameter p: an input of p's type that is zero at first, named
// "optim.slot.parameter".
func (c *Context) State(p nn.Variable, slot string) *graph.Node {
	name := "optim." + slot + "." + p.Name
	n := p.Node.Graph().Input(name, p.Node.Type())
	c.states = append(c.states, nn.Variable{Name: name, Node: n, Init: nn.Zeros, NoDecay: true})
	return n
}

// average returns the next value of a state of p that is a running mean of x: beta state + (1 - beta) x.
func (c *Context) average(p nn.Variable, slot string, x *graph.Node, beta float64) *graph.Node {
	old := c.State(p, slot)
	next := op.Add(scale(old, beta), scale(x, 1-beta))
	c.SetNext(old, next)
	return next
}

// accumulate returns the next value of a state of p that is a velocity: momentum state + x.
func (c *Context) accumulate(p nn.Variable, slot string, x *graph.Node, momentum float64) *graph.Node {
	old := c.State(p, slot)
	next := op.Add(scale(old, momentum), x)
	c.SetNext(old, next)
	return next
}

// SetNext says which value a State has after the step. Each must get one.
func (c *Context) SetNext(state, next *graph.Node) {
	for i := range c.states {
		if c.states[i].Node == state {
			c.states[i].Next = next
		}
	}
}

// Step adds to g the update of vars by rule: grads[i] is the gradient of the loss with respect to vars[i]. Parameters and states are
// updated in place (graph.Update). Step returns the states, which the caller keeps from step to step as it does vars.
func Step(g *graph.Graph, rule Rule, o Options, vars []nn.Variable, grads []*graph.Node) []nn.Variable {
	rate, step := g.Input(RateInput, graph.F32()), g.Input(StepInput, graph.F32())
	if len(vars) != len(grads) {
		graph.Fail("optim.Step", fmt.Errorf("%d variables and %d gradients", len(vars), len(grads)), rate)
	}
	grads = o.clip(grads)
	c := &Context{}
	for i, v := range vars {
		c.Rate, c.Step = o.clock(v.Name, rate, step)
		v.NoDecay = v.NoDecay && !o.DecayAll
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

// clock returns the rate and the number of the step for a parameter.
func (o Options) clock(name string, rate, step *graph.Node) (*graph.Node, *graph.Node) {
	if o.Factor != nil {
		if f := o.Factor(name); f != 1 {
			rate = scale(rate, f)
		}
	}
	if o.Begun != nil {
		if n := o.Begun(name); n != 0 {
			step = op.Sub(step, step.Graph().Scalar(float64(n)))
		}
	}
	return rate, step
}

func (o Options) clip(grads []*graph.Node) []*graph.Node {
	if o.ClipValue > 0 {
		cut := make([]*graph.Node, len(grads))
		for i, d := range grads {
			cut[i] = op.Clip(d, -float32(o.ClipValue), float32(o.ClipValue))
		}
		grads = cut
	}
	if o.ClipNorm > 0 {
		grads = clip(grads, o.ClipNorm)
	}
	return grads
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

// lerp returns (1 - t) a + t b.
func lerp(a, b *graph.Node, t float64) *graph.Node { return op.Add(scale(a, 1-t), scale(b, t)) }

// norm returns the Euclidean norm of x, a scalar.
func norm(x *graph.Node) *graph.Node { return op.Sqrt(op.ReduceSum(op.Mul(x, x), false)) }

// shrunk returns p after decay beside the gradient: p (1 - lr decay).
func (c *Context) shrunk(p nn.Variable, decay float64) *graph.Node {
	if decay == 0 || p.NoDecay {
		return p.Node
	}
	return op.Sub(p.Node, op.Mul(scale(c.Rate, decay), p.Node))
}
