package train

import (
	"maps"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/optim"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/tensor"
)

// A Trainer holds the weights of a network and the program of a training step: forward pass, gradients, optimiser and running
// statistics in one.
type Trainer struct {
	call       *backend.Call
	variables  []nn.Variable
	values     map[string]*tensor.Tensor // of the variables
	state      map[string]*tensor.Tensor // of the optimiser
	steps      int                       // done
	rate, step *tensor.Tensor
	counter    *tensor.Tensor
	states     []nn.Variable
}

// Settings are what the program of a training step depends on.
type Settings struct {
	Batch    int        // images per step
	Rule     optim.Rule // how parameters follow their gradients
	ClipNorm float64    // see optim.Step
	Loss     classify.Objective
	Seed     uint64 // of the first weights and of random layers
	Freeze   string // the last layer that keeps its weights; see Config.Freeze
}

// NewTrainer compiles the training step of t and gives the weights their first values.
func NewTrainer(b backend.Backend, t classify.Task, s Settings) (*Trainer, error) {
	r := &Trainer{
		values: map[string]*tensor.Tensor{}, state: map[string]*tensor.Tensor{},
		rate: tensor.New(tensor.F32, tensor.Shape{}), step: tensor.New(tensor.F32, tensor.Shape{}),
		counter: tensor.New(tensor.U32, tensor.ShapeOf(4)),
	}
	keep := map[string]bool{}
	if s.Freeze != "" {
		var err error
		if keep, err = frozen(t, s.Freeze); err != nil {
			return nil, err
		}
	}
	g, err := graph.Trace(func(g *graph.Graph) { r.variables, r.states = trace(g, t, s, keep) })
	if err != nil {
		return nil, err
	}
	program, err := b.Compile(g)
	if err != nil {
		return nil, err
	}
	for i, v := range nn.Initialize(r.variables, seedFor(seedWeights, s.Seed)) {
		r.values[r.variables[i].Name] = v
	}
	for i, v := range nn.Initialize(r.states, 0) {
		r.state[r.states[i].Name] = v
	}
	r.call = backend.NewCall(program, g)
	r.bind()
	layers := seedFor(seedLayers, s.Seed)
	key := tensor.Of(tensor.ShapeOf(2), uint32(layers), uint32(layers>>32))
	for name, v := range map[string]*tensor.Tensor{
		optim.RateInput: r.rate, optim.StepInput: r.step, nn.KeyInput: key, nn.CounterInput: r.counter,
	} {
		r.call.Set(name, v) // the last two exist only if the network has random layers
	}
	return r, nil
}

// trace emits the training step, which leaves the variables called as in keep alone.
func trace(g *graph.Graph, t classify.Task, s Settings, keep map[string]bool) (variables, state []nn.Variable) {
	scope := nn.NewScope(g, nn.Train)
	scope.Freeze(func(name string) bool { return keep[name] })
	loss, correct := t.Training(scope, g, s.Batch, s.Loss)
	variables = scope.Variables()
	params := nn.Learning(variables)
	nodes := make([]*graph.Node, len(params))
	for i, p := range params {
		nodes[i] = p.Node
	}
	state = optim.Step(g, s.Rule, s.ClipNorm, params, graph.Grad(loss, nodes))
	for _, v := range variables {
		if v.Next != nil {
			g.Update(v.Node, v.Next)
		}
	}
	g.Output(classify.Loss, loss)
	g.Output(classify.Correct, correct)
	return variables, state
}

// bind hands the tensors of weights and optimiser to the program, which writes over them.
func (r *Trainer) bind() {
	for _, tensors := range []map[string]*tensor.Tensor{r.values, r.state} {
		for name, v := range tensors {
			r.call.Set(name, v)
		}
	}
}

// Step learns from a batch, which must be full, with the given learning rate. It returns the loss before the step, a mean over the batch,
// and the number of images that were classified rightly. It allocates nothing.
func (r *Trainer) Step(b *data.Batch, rate float64) (loss float64, correct int, err error) {
	r.rate.F32()[0] = float32(rate)
	r.step.F32()[0] = float32(r.steps + 1)
	r.counter.U32()[2] = uint32(r.steps) // as nn.Scope.Random asks
	r.call.Set(classify.Images, b.X)
	r.call.Set(classify.Labels, b.Y)
	if b.Targets != nil {
		r.call.Set(classify.Targets, b.Targets)
	}
	if err := r.call.Run(); err != nil {
		return 0, 0, err
	}
	r.steps++
	return float64(r.call.Output(classify.Loss).F32()[0]), int(r.call.Output(classify.Correct).F32()[0]), nil
}

// Weights returns the parameters and running statistics by name. They are not copies: Step changes them.
func (r *Trainer) Weights() map[string]*tensor.Tensor { return maps.Clone(r.values) }
