package measure

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// A Program is a compiled graph with data to run it on.
type Program struct {
	Name    string
	Batch   int   // images that a step takes; 0 if it takes none
	FLOPs   int64 // of the matrix products and convolutions of a step
	Code    *cpu.Program
	backend *cpu.Backend
	in, out []*tensor.Tensor
	step    func() error
}

// Run runs a step of the program.
func (p *Program) Run() error { return p.step() }

// Measure times the program, which runs on the threads of the backend that it was compiled by.
func (e Effort) Measure(p *Program) (Figure, error) {
	k, err := kernel.Default()
	if err != nil {
		return Figure{}, err
	}
	threads := p.backend.Threads()
	peak := Peak(k, threads)
	t, err := e.repeat(p.Run)
	if err != nil {
		return Figure{}, fmt.Errorf("%s: %w", p.Name, err)
	}
	f := t.figure(p.Name, p.FLOPs, peak, threads)
	f.ImagesPerSecond = 1000 * float64(p.Batch) / f.MS
	return f, nil
}

// A StepTime is a step of a compiled program and how long it takes.
type StepTime struct {
	cpu.Step
	Time time.Duration
}

// Profile runs the steps of the program one after the other, each on all threads, and returns their mean times, in the order in which
// they run.
func (e Effort) Profile(p *Program) ([]StepTime, error) {
	once, err := warmUp(p.Run)
	if err != nil {
		return nil, err
	}
	runs, perRun := e.plan(once)
	times, err := p.Code.Profile(p.in, p.out, runs*perRun)
	if err != nil {
		return nil, err
	}
	list := make([]StepTime, len(times))
	for i, s := range p.Code.Steps() {
		list[i] = StepTime{s, times[i]}
	}
	return list, nil
}

// MatrixFLOPs returns the floating-point operations of the convolutions and matrix products of g. The rest of a network is bound by
// memory, and no other library counts it.
func MatrixFLOPs(g *graph.Graph) int64 {
	var sum int64
	for _, n := range g.Live() {
		switch n.Op().(type) {
		case op.Conv2DOp, op.Conv2DInputGradOp, op.Conv2DWeightGradOp, op.MatMulOp:
			sum += n.FLOPs()
		}
	}
	return sum
}

// opProgram compiles a program of one op on random inputs of the given types.
func opProgram(b *cpu.Backend, name string, o graph.Op, in ...graph.Type) (*Program, error) {
	g, err := graph.Trace(func(g *graph.Graph) {
		nodes := make([]*graph.Node, len(in))
		for i, t := range in {
			nodes[i] = g.Input(fmt.Sprint(i), t)
		}
		g.Output("y", graph.Apply(o, nodes...))
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	code, err := b.CompilePart(g)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	p := newProgram(b, name, g, code)
	r := rand.New(rand.NewPCG(1, 2))
	for i, t := range in {
		p.in[i] = tensor.New(t.DType, t.Shape)
		for j := range p.in[i].F32() {
			p.in[i].F32()[j] = 2*r.Float32() - 1
		}
	}
	return p, nil
}

// compile returns the program for g. Its inputs must be set before it runs.
func compile(b *cpu.Backend, name string, g *graph.Graph) (*Program, error) {
	code, err := b.Compile(g)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return newProgram(b, name, g, code.(*cpu.Program)), nil
}

// newProgram returns the program whose code was compiled from g, without inputs.
func newProgram(b *cpu.Backend, name string, g *graph.Graph, code *cpu.Program) *Program {
	p := &Program{Name: name, FLOPs: MatrixFLOPs(g), Code: code, backend: b}
	p.in, p.out = make([]*tensor.Tensor, len(g.Inputs())), backend.Outputs(g)
	p.step = func() error { return p.Code.Run(p.in, p.out) }
	return p
}
