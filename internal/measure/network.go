package measure

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/optim"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/task/instances"
	"github.com/lince-ml/lince/tensor"
	"github.com/lince-ml/lince/train"
)

// A Network is what is trained or predicts.
type Network struct {
	Model   string            // an architecture of package models
	Task    string            // what it does; empty: what the architecture is for
	Options map[string]string // its options
	Size    int               // height and width of the images; 0 means the architecture's own
	Batch   int               // images per step
}

// model describes the network as a model file does, for images that are even on average. It has no weights.
func (n Network) model() (*modelfile.Model, error) {
	spec, err := models.Lookup(n.Model)
	if err != nil {
		return nil, err
	}
	half := slices.Repeat([]float32{0.5}, spec.Channels)
	return &modelfile.Model{
		Task: cmp.Or(n.Task, spec.Task, classify.Name), Architecture: n.Model, Options: n.Options, Classes: make([]string, spec.Classes),
		Input: modelfile.Input{
			Channels: spec.Channels, Height: cmp.Or(n.Size, spec.Height), Width: cmp.Or(n.Size, spec.Width), Mean: half, Std: half,
		},
	}, nil
}

// task returns the classification by the network.
func (n Network) task() (classify.Task, error) {
	m, err := n.model()
	if err != nil {
		return classify.Task{}, err
	}
	return classify.Of(m)
}

// name says what is done with the network.
func (n Network) name(what string, in modelfile.Input) string {
	return fmt.Sprintf("%s %s %dx%dx%dx%d", what, n.spelled(), n.Batch, in.Channels, in.Height, in.Width)
}

// spelled returns the model with its options, as on the command line.
func (n Network) spelled() string {
	model, sep := n.Model, ":"
	for _, key := range slices.Sorted(maps.Keys(n.Options)) {
		model += sep + key + "=" + n.Options[key]
		sep = ","
	}
	return model
}

// Training returns the training step of the network, as lince train compiles it, on noise: forward and backward pass and stochastic
// gradient descent with momentum and weight decay.
func Training(b *cpu.Backend, n Network) (*Program, error) {
	t, err := n.task()
	if err != nil {
		return nil, err
	}
	r := &recorder{Backend: b}
	trainer, err := newTrainer(r, t, n.Batch)
	if err != nil {
		return nil, err
	}
	batch := noise(t.Input, t.Classes, n.Batch)
	p := &Program{Name: n.name("train", t.Input), Batch: n.Batch, FLOPs: MatrixFLOPs(r.graph), Code: r.program, backend: b}
	p.step = func() error {
		_, _, err := trainer.Step(batch, 0.001)
		p.in, p.out = r.in, r.out
		return err
	}
	return p, nil
}

func newTrainer(b backend.Backend, t classify.Task, batch int) (*train.Trainer, error) {
	return train.NewTrainer(b, classify.Learner{Task: t}, train.Settings{Batch: batch, Rule: optim.SGD{Momentum: 0.9, WeightDecay: 1e-4}, Seed: 1})
}

// A recorder is a backend that remembers the last program it compiled, and on which tensors it ran.
type recorder struct {
	*cpu.Backend
	graph   *graph.Graph
	program *cpu.Program
	in, out []*tensor.Tensor
}

// Compile returns the program, which records.
func (r *recorder) Compile(g *graph.Graph) (backend.Program, error) {
	p, err := r.Backend.Compile(g)
	if err != nil {
		return nil, err
	}
	r.graph, r.program = g, p.(*cpu.Program)
	return r, nil
}

// Run runs the program.
func (r *recorder) Run(in, out []*tensor.Tensor) error {
	r.in, r.out = in, out
	return r.program.Run(in, out)
}

// noise returns a batch of random images and labels.
func noise(in modelfile.Input, classes, n int) *data.Batch {
	b := &data.Batch{X: tensor.New(tensor.U8, tensor.ShapeOf(n, in.Channels, in.Height, in.Width)), Y: tensor.New(tensor.I32, tensor.ShapeOf(n)), N: n}
	r := rand.New(rand.NewPCG(1, 1))
	for i := range b.X.U8() {
		b.X.U8()[i] = uint8(r.Uint32())
	}
	for i := range b.Y.I32() {
		b.Y.I32()[i] = int32(r.IntN(classes))
	}
	return b
}

// Random returns the network as a model with random weights.
func (n Network) Random() (*modelfile.Model, error) {
	m, err := n.model()
	if err != nil {
		return nil, err
	}
	vars, err := m.Variables()
	if err != nil {
		return nil, err
	}
	m.Weights = map[string]*tensor.Tensor{}
	for i, v := range nn.Initialize(vars, 1) {
		m.Weights[vars[i].Name] = v
	}
	return m, nil
}

// Inference returns the prediction by the network, with random weights, of a batch of noise. Of a network in stages it is the part that looks at images.
func Inference(b *cpu.Backend, n Network) (*Program, error) {
	m, err := n.Random()
	if err != nil {
		return nil, err
	}
	p, err := Prediction(b, m, n.Batch)
	if err != nil {
		return nil, err
	}
	p.Name = n.name("infer", m.Input)
	return p, nil
}

// Prediction returns the prediction by the model of a batch of so many images of noise. The model's weights become part of the program, which
// takes them from the model.
func Prediction(b *cpu.Backend, m *modelfile.Model, batch int) (*Program, error) {
	g, err := train.PredictionOf(m, batch)
	if err != nil {
		return nil, err
	}
	if g, err = graph.Freeze(g, m.Weights); err != nil { // as task.NewProgram does
		return nil, err
	}
	m.Weights = nil
	p, err := compile(b, m.Architecture, g)
	if err != nil {
		return nil, err
	}
	p.Batch, p.in[0] = batch, noise(m.Input, len(m.Classes), batch).X
	return p, nil
}

// Masks returns what makes masks of a batch of boxes in an image of noise, with random weights.
func Masks(b *cpu.Backend, n Network) (*Program, error) {
	m, err := n.Random()
	if err != nil {
		return nil, err
	}
	t, err := instances.Of(m)
	if err != nil {
		return nil, err
	}
	g, err := t.ExportMasks(n.Batch)
	if err != nil {
		return nil, err
	}
	if g, err = graph.Freeze(g, m.Weights); err != nil {
		return nil, err
	}
	p, err := compile(b, fmt.Sprintf("masks of %d boxes, %s", n.Batch, n.spelled()), g)
	if err != nil {
		return nil, err
	}
	p.Batch = n.Batch
	r := rand.New(rand.NewPCG(1, 3))
	for i, in := range g.Inputs() {
		p.in[i] = tensor.New(in.DType(), in.Shape())
		x := p.in[i].F32()
		for j := range x {
			x[j] = r.Float32()
		}
		if in.Op().(graph.InputOp).Label != instances.Boxes {
			continue
		}
		for j := range x { // corners in the upper left and in the lower right quarter of the image
			side := []int{m.Input.Width, m.Input.Height}[j%2]
			x[j] = (x[j] + float32(j%4/2)) * float32(side) / 2
		}
	}
	return p, nil
}
