package optim

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

// DecayInput is the scalar float32 input that EMA.Average adds to the program: EMA.Factor.
const DecayInput = "optim.ema_decay"

// EMA is an exponential moving average of weights (Polyak & Juditsky 1992; with the decay of Tarvainen & Valpola, "Mean teachers are better role
// models", NeurIPS 2017). The zero EMA is none.
type EMA struct {
	Decay  float64
	Every  int  // steps from one average to the next
	Warmup bool // begin with a smaller decay, so that the first weights are soon forgotten
}

// ParseEMA returns the average that text describes, none for "". What is not given has the value shown:
//
//	0.999:every=1,warmup=true
func ParseEMA(text string) (EMA, error) {
	if text == "" {
		return EMA{}, nil
	}
	number, rest, _ := strings.Cut(text, ":")
	decay, err := strconv.ParseFloat(number, 64)
	if err != nil || !(decay > 0 && decay < 1) {
		return EMA{}, fmt.Errorf("ema: decay %q, expected a number that is more than 0 and less than 1, as in 0.999:every=10", number)
	}
	s, err := parseSettings("ema", rest)
	if err != nil {
		return EMA{}, err
	}
	e := EMA{decay, s.whole("every", 1, 1), s.flag("warmup", true)}
	return e, s.check()
}

// Factor returns the decay of average n, the first of which is 1. Warm-up limits it to (1+n)/(10+n), as TensorFlow's ExponentialMovingAverage does.
func (e EMA) Factor(n int) float64 {
	if e.Warmup {
		return min(e.Decay, float64(1+n)/float64(10+n))
	}
	return e.Decay
}

// Average adds to g a program that brings the averages of vars, which are variables of another graph, up to date: average = d average + (1 - d) variable,
// with d from DecayInput. It returns the averages, which begin as the variables do.
func (e EMA) Average(g *graph.Graph, vars []nn.Variable) []nn.Variable {
	d := g.Input(DecayInput, graph.F32())
	averages := make([]nn.Variable, len(vars))
	for i, v := range vars {
		value := g.Input(v.Name, v.Node.Type())
		name := AverageName(v.Name)
		average := g.Input(name, v.Node.Type())
		next := op.Add(op.Mul(average, d), op.Mul(value, op.Sub(g.Scalar(1), d)))
		g.Update(average, next)
		averages[i] = nn.Variable{Name: name, Node: average, Init: nn.Zeros, NoDecay: true, Next: next}
	}
	return averages
}

// AverageName returns the name of the average of the variable called name.
func AverageName(name string) string { return "optim.ema." + name }
