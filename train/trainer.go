package train

import (
	"cmp"
	"maps"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/optim"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/tensor"
)

// A Trainer holds the weights of a network and the program of a training step: forward pass, gradients, optimiser and running
// statistics in one. With Settings.Accumulate the optimiser has a program of its own.
type Trainer struct {
	settings   Settings
	learn      *backend.Call // what a batch does
	answers    []task.Answer // its inputs beside the images
	parts      []task.Part   // its outputs beside the loss
	update     *backend.Call // nil, or what follows the last batch of a step
	average    *backend.Call // nil without moving averages
	variables  []nn.Variable
	values     map[string]*tensor.Tensor // of the variables
	averages   map[string]*tensor.Tensor // of the variables, by their names; nil without moving averages
	states     []nn.Variable             // what is kept from step to step beside the variables
	state      map[string]*tensor.Tensor // of the states
	steps      int                       // done
	pending    int                       // batches since, whose gradients are accumulated
	rate, step *tensor.Tensor
	decay      *tensor.Tensor // of the moving averages
	counter    *tensor.Tensor
	outputs    []string  // of the program, for the parts
	amounts    []float64 // of the parts, in the last step
	arena      int       // bytes that the programs need beside all these
}

// The outputs of the program of a batch.
const (
	lossOutput = "loss"
	partPrefix = "part." // then the name of the part
)

// Settings are what the program of a training step depends on.
type Settings struct {
	Batch      int             // images per batch
	Accumulate int             // batches per step; 0 means 1
	Rule       optim.Rule      // how parameters follow their gradients
	Optim      optim.Options   // what changes the gradients and rates that Rule sees
	LayerRates string          // see optim.ParseFactors
	EMA        optim.EMA       // moving averages of the weights
	Seed       uint64          // of the first weights and of random layers
	Frozen     map[string]bool // the variables that keep their values, by name
}

// NewTrainer compiles the training step of l and gives the weights their first values.
func NewTrainer(b backend.Backend, l task.Learner, s Settings) (*Trainer, error) {
	s.Accumulate = max(1, s.Accumulate)
	r := &Trainer{
		settings: s, values: map[string]*tensor.Tensor{}, state: map[string]*tensor.Tensor{},
		rate: tensor.New(tensor.F32, tensor.Shape{}), step: tensor.New(tensor.F32, tensor.Shape{}), decay: tensor.New(tensor.F32, tensor.Shape{}),
		counter: tensor.New(tensor.U32, tensor.ShapeOf(4)),
	}
	if err := r.compile(b, l); err != nil {
		return nil, err
	}
	for i, v := range nn.Initialize(r.variables, seedFor(seedWeights, s.Seed)) {
		r.values[r.variables[i].Name] = v
	}
	for i, v := range nn.Initialize(r.states, 0) {
		r.state[r.states[i].Name] = v
	}
	r.bind()
	return r, nil
}

// compile traces and compiles the programs.
func (r *Trainer) compile(b backend.Backend, l task.Learner) (err error) {
	s := &r.settings
	r.learn, err = r.call(b, func(g *graph.Graph) error { return r.trace(g, l) })
	if err == nil && s.Accumulate > 1 {
		r.update, err = r.call(b, func(g *graph.Graph) error {
			params, grads := accumulated(g, nn.Learning(r.variables))
			r.states = append(r.states, optim.Step(g, s.Rule, s.Optim, params, grads)...)
			return nil
		})
	}
	if err == nil && s.EMA != (optim.EMA{}) {
		r.average, err = r.call(b, func(g *graph.Graph) error {
			r.states = append(r.states, s.EMA.Average(g, r.variables)...)
			return nil
		})
	}
	return err
}

// trace emits what a batch does.
func (r *Trainer) trace(g *graph.Graph, l task.Learner) error {
	s := &r.settings
	scope := nn.NewScope(g, nn.Train)
	scope.Freeze(func(name string) bool { return s.Frozen[name] })
	losses := l.Training(scope, g, s.Batch)
	r.variables = scope.Variables()
	factors, err := optim.ParseFactors(s.LayerRates, nn.Trainable(r.variables))
	if err != nil {
		return err
	}
	s.Optim.Factor = func(name string) float64 { return cmp.Or(factors[name], 1) }
	params := nn.Learning(r.variables)
	grads := graph.Grad(losses.Total, nodes(params))
	if s.Accumulate > 1 {
		r.states = accumulate(g, params, grads, s.Accumulate)
	} else {
		r.states = optim.Step(g, s.Rule, s.Optim, params, grads)
	}
	for _, v := range r.variables {
		if v.Next != nil {
			g.Update(v.Node, v.Next)
		}
	}
	g.Output(lossOutput, losses.Total)
	for _, p := range losses.Parts {
		r.outputs = append(r.outputs, partPrefix+p.Name)
		g.Output(partPrefix+p.Name, p.Node)
	}
	r.answers, r.parts, r.amounts = l.Answers(s.Batch), losses.Parts, make([]float64, len(losses.Parts))
	return nil
}

// call traces, compiles and returns a program that is ready to be bound.
func (r *Trainer) call(b backend.Backend, trace func(g *graph.Graph) error) (*backend.Call, error) {
	var failed error
	g, err := graph.Trace(func(g *graph.Graph) { failed = trace(g) })
	if err = cmp.Or(failed, err); err != nil {
		return nil, err
	}
	program, err := b.Compile(g)
	if err != nil {
		return nil, err
	}
	if p, ok := program.(interface{ Arena() int }); ok {
		r.arena += p.Arena()
	}
	return backend.NewCall(program, g), nil
}

func nodes(vars []nn.Variable) []*graph.Node {
	list := make([]*graph.Node, len(vars))
	for i, v := range vars {
		list[i] = v.Node
	}
	return list
}

// bind hands the tensors of weights and optimiser to the programs, which write over them.
func (r *Trainer) bind() {
	layers := seedFor(seedLayers, r.settings.Seed)
	key := tensor.Of(tensor.ShapeOf(2), uint32(layers), uint32(layers>>32))
	if r.average != nil {
		r.averages = map[string]*tensor.Tensor{}
		for name := range r.values {
			r.averages[name] = r.state[optim.AverageName(name)]
		}
		r.beginAverages()
	}
	for _, c := range []*backend.Call{r.learn, r.update, r.average} {
		if c == nil {
			continue
		}
		for _, tensors := range []map[string]*tensor.Tensor{r.values, r.state, {
			optim.RateInput: r.rate, optim.StepInput: r.step, optim.DecayInput: r.decay,
			nn.KeyInput: key, nn.CounterInput: r.counter, // which exist only if the network has random layers
		}} {
			for name, v := range tensors {
				c.Set(name, v)
			}
		}
	}
}

// beginAverages makes the moving averages what the weights are.
func (r *Trainer) beginAverages() {
	for name, average := range r.averages {
		copy(average.Bytes(), r.values[name].Bytes())
	}
}

// take copies weights and state, whichever there are.
func (r *Trainer) take(values, state map[string]*tensor.Tensor) {
	for to, from := range map[*map[string]*tensor.Tensor]map[string]*tensor.Tensor{&r.values: values, &r.state: state} {
		for name, t := range from {
			if own := (*to)[name]; own != nil {
				copy(own.Bytes(), t.Bytes())
			}
		}
	}
}

// Step learns from a batch, which must be full, with the given learning rate; with Settings.Accumulate the weights change after the last of so many
// batches. It returns the loss before the step, a mean over the batch, and its parts, which are valid until the next step. It allocates nothing.
func (r *Trainer) Step(b *data.Batch, rate float64) (loss float64, parts []float64, err error) {
	r.rate.F32()[0] = float32(rate)
	r.step.F32()[0] = float32(r.steps + 1)
	r.counter.U32()[2] = uint32(r.steps*r.settings.Accumulate + r.pending) // as nn.Scope.Random asks
	r.learn.Set(task.Images, b.X)
	r.learn.Set(task.Labels, b.Y)
	if b.Targets != nil {
		r.learn.Set(task.Targets, b.Targets)
	}
	for i, a := range r.answers {
		r.learn.Set(a.Name, b.Answers[i])
	}
	if err := r.learn.Run(); err != nil {
		return 0, nil, err
	}
	if r.pending++; r.pending == r.settings.Accumulate {
		if err := r.endStep(); err != nil {
			return 0, nil, err
		}
	}
	for i, name := range r.outputs {
		r.amounts[i] = float64(r.learn.Output(name).F32()[0])
	}
	return float64(r.learn.Output(lossOutput).F32()[0]), r.amounts, nil
}

// endStep does what follows the last batch of a step.
func (r *Trainer) endStep() error {
	r.pending = 0
	if r.update != nil {
		if err := r.update.Run(); err != nil {
			return err
		}
		r.forget()
	}
	r.steps++
	if e := r.settings.EMA; r.average != nil && r.steps%e.Every == 0 {
		r.decay.F32()[0] = float32(e.Factor(r.steps / e.Every))
		return r.average.Run()
	}
	return nil
}

// Weights returns the parameters and running statistics by name. They are not copies: Step changes them.
func (r *Trainer) Weights() map[string]*tensor.Tensor { return maps.Clone(r.values) }

// Averaged returns the moving averages of Weights, or Weights if there are none.
func (r *Trainer) Averaged() map[string]*tensor.Tensor {
	if r.averages == nil {
		return r.Weights()
	}
	return maps.Clone(r.averages)
}

// Memory returns how many bytes the training step needs, beside the images.
func (r *Trainer) Memory() int {
	n := r.arena
	for _, tensors := range []map[string]*tensor.Tensor{r.values, r.state} {
		for _, t := range tensors {
			n += len(t.Bytes())
		}
	}
	return n
}
