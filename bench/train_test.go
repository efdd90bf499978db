package bench

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/optim"
	"github.com/lince-ml/lince/tensor"
)

// BenchmarkTrainStep times one step of training (forward, backward, SGD with momentum) of the small networks.
func BenchmarkTrainStep(b *testing.B) {
	for _, c := range []struct {
		model string
		batch int
		args  models.Args
	}{
		{"lenet5", 128, models.Args{Options: map[string]string{"activation": "relu", "pool": "max"}}},
		{"lenet5", 128, models.Args{Options: map[string]string{"activation": "tanh", "pool": "avg"}}},
		{"cnn3", 12, models.Args{}},
	} {
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/%s/threads=%d", c.model, c.args.Options["activation"], threads), func(b *testing.B) {
				benchmarkTrainStep(b, c.model, c.args, c.batch, threads)
			})
		}
	}
}

func benchmarkTrainStep(b *testing.B, model string, args models.Args, batch, threads int) {
	spec, err := models.Lookup(model)
	if err != nil {
		b.Fatal(err)
	}
	g, vars, err := trainStep(spec, args, batch)
	if err != nil {
		b.Fatal(err)
	}
	cpuBackend, err := cpu.New(threads)
	if err != nil {
		b.Fatal(err)
	}
	defer cpuBackend.Close()
	p, err := cpuBackend.Compile(g)
	if err != nil {
		b.Fatal(err)
	}
	in, out := trainInputs(g, vars, spec.Classes), backend.Outputs(g)
	peak(b, threads)
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Run(in, out); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*batch)/b.Elapsed().Seconds(), "images/s")
	report(b, g.FLOPs(), threads)
}

// trainStep returns the program of a training step, and its variables.
func trainStep(spec models.Spec, args models.Args, batch int) (*graph.Graph, []nn.Variable, error) {
	net, err := spec.Build(args)
	if err != nil {
		return nil, nil, err
	}
	var vars []nn.Variable
	g, err := graph.Trace(func(g *graph.Graph) {
		x := g.Input("x", graph.TypeOf(tensor.U8, batch, spec.Channels, spec.Height, spec.Width))
		y := g.Input("y", graph.TypeOf(tensor.I32, batch))
		scope := nn.NewScope(g, nn.Train)
		logits := net(scope, op.Mul(op.Cast(x, tensor.F32), g.Scalar(1.0/255)))
		loss := nn.CrossEntropy(logits, y, 0)
		vars = scope.Variables()
		params := nn.Trainable(vars)
		nodes := make([]*graph.Node, len(params))
		for i, p := range params {
			nodes[i] = p.Node
		}
		states := optim.Step(g, optim.SGD{Momentum: 0.9}, 0, params, graph.Grad(loss, nodes))
		for _, v := range vars {
			if v.Next != nil {
				g.Update(v.Node, v.Next)
			}
		}
		vars = append(vars, states...)
		g.Output("loss", loss)
	})
	return g, vars, err
}

// trainInputs returns values for all inputs of a training step.
func trainInputs(g *graph.Graph, vars []nn.Variable, classes int) []*tensor.Tensor {
	r := rand.New(rand.NewPCG(1, 1))
	initial := map[string]*tensor.Tensor{}
	for i, t := range nn.Initialize(vars, 1) {
		initial[vars[i].Name] = t
	}
	in := make([]*tensor.Tensor, len(g.Inputs()))
	for i, n := range g.Inputs() {
		name := n.Op().(graph.InputOp).Label
		if in[i] = initial[name]; in[i] != nil {
			continue
		}
		in[i] = tensor.New(n.DType(), n.Shape())
		switch name {
		case "x":
			for j := range in[i].U8() {
				in[i].U8()[j] = uint8(r.UintN(256))
			}
		case "y":
			for j := range in[i].I32() {
				in[i].I32()[j] = int32(r.IntN(classes))
			}
		case optim.RateInput:
			in[i].F32()[0] = 0.01
		case optim.StepInput:
			in[i].F32()[0] = 1
		}
	}
	return in
}
