package cpu

import (
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/backend/backendtest"
	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/optim"
	"github.com/lince-ml/lince/tensor"
)

// TestConformance runs every kernel level.
func TestConformance(t *testing.T) {
	for _, k := range kernel.Sets() {
		t.Run(k.Level, func(t *testing.T) {
			b := newBackend(2, k)
			defer b.Close()
			backendtest.Run(t, b)
		})
	}
}

// TestConformanceOfLayouts runs every kernel level with the channels of all convolutions side by side, few as they are.
func TestConformanceOfLayouts(t *testing.T) {
	for _, k := range kernel.Sets() {
		t.Run(k.Level, func(t *testing.T) {
			b := newBackend(2, k)
			b.minLast = 2
			defer b.Close()
			backendtest.Run(t, b)
		})
	}
}

// trainingStep is a step of a small network with everything that is summed over a batch: convolutions, normalisation,
// dense layers, dropout.
func trainingStep(t testing.TB, batch int) (*graph.Graph, []*tensor.Tensor) {
	t.Helper()
	net := nn.Seq(
		nn.Conv(8, 5, nn.Pad(2)), nn.BatchNorm(), nn.Relu, nn.MaxPool(2), nn.Conv(16, 3, nn.Stride(2)), nn.Tanh, nn.AvgPool(2),
		nn.Flatten, nn.Dense(60), nn.Relu, nn.Dropout(0.3), nn.Dense(10))
	var vars []nn.Variable
	g, err := graph.Trace(func(g *graph.Graph) {
		x, y := g.Input("x", graph.TypeOf(tensor.U8, batch, 3, 28, 28)), g.Input("y", graph.TypeOf(tensor.I32, batch))
		s := nn.NewScope(g, nn.Train)
		loss := nn.CrossEntropy(net(s, op.Mul(op.Cast(x, tensor.F32), g.Scalar(1.0/255))), y, 0.1)
		vars = s.Variables()
		params := nn.Trainable(vars)
		var nodes []*graph.Node
		for _, p := range params {
			nodes = append(nodes, p.Node)
		}
		for _, v := range vars {
			if v.Next != nil {
				g.Update(v.Node, v.Next)
			}
		}
		vars = append(vars, optim.Step(g, optim.NewAdamW(), optim.Options{ClipNorm: 1}, params, graph.Grad(loss, nodes))...)
		g.Output("loss", loss)
	})
	if err != nil {
		t.Fatal(err)
	}
	initial := map[string]*tensor.Tensor{}
	for i, v := range nn.Initialize(vars, 7) {
		initial[vars[i].Name] = v
	}
	r := rand.New(rand.NewPCG(1, 2))
	var in []*tensor.Tensor
	for _, n := range g.Inputs() {
		v := initial[n.Op().(graph.InputOp).Label]
		if v == nil {
			v = tensor.New(n.DType(), n.Shape())
			for i := range v.Bytes() {
				if n.DType() == tensor.U8 {
					v.Bytes()[i] = byte(r.Uint32())
				}
			}
		}
		switch n.Op().(graph.InputOp).Label {
		case "y":
			for i := range v.I32() {
				v.I32()[i] = r.Int32N(10)
			}
		case optim.RateInput:
			v.F32()[0] = 0.01
		case optim.StepInput:
			v.F32()[0] = 1
		}
		in = append(in, v)
	}
	return g, in
}

// TestSameBitsForAnyNumberOfThreads trains a few steps at each kernel level.
func TestSameBitsForAnyNumberOfThreads(t *testing.T) {
	for _, k := range kernel.Sets() {
		want := ""
		for _, threads := range []int{1, 2, 3, 8} {
			b := newBackend(threads, k)
			b.minLast = 16
			g, in := trainingStep(t, 21)
			p, err := b.Compile(g)
			if err != nil {
				t.Fatal(err)
			}
			h, out := sha256.New(), backend.Outputs(g)
			for range 4 {
				if err := p.Run(in, out); err != nil {
					t.Fatal(err)
				}
			}
			for _, v := range in {
				h.Write(v.Bytes())
			}
			b.Close()
			if sum := fmt.Sprintf("%x", h.Sum(nil)); want == "" {
				want = sum
			} else if sum != want {
				t.Errorf("%s: %d threads give other bits than one", k.Level, threads)
			}
		}
	}
}

func TestNoAllocation(t *testing.T) {
	b, err := New(2)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	g, in := trainingStep(t, 8)
	p, err := b.Compile(g)
	if err != nil {
		t.Fatal(err)
	}
	out := backend.Outputs(g)
	if n := testing.AllocsPerRun(20, func() {
		if err := p.Run(in, out); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations in a step", n)
	}
}

// TestConcurrentRuns uses one program from several goroutines.
func TestConcurrentRuns(t *testing.T) {
	b, err := New(3)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	r := rand.New(rand.NewPCG(3, 3))
	in := []*tensor.Tensor{optest.Rand(r, -1, 1, 2, 3, 9, 9), optest.Rand(r, -1, 1, 4, 3, 3, 3)}
	g, err := graph.Trace(func(g *graph.Graph) {
		x := optest.Inputs(g, in)
		g.Output("y", op.Relu(op.Conv2D(x[0], x[1], op.ConvAttrs{})))
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.Compile(g)
	if err != nil {
		t.Fatal(err)
	}
	want := backend.Outputs(g)
	if err := p.Run(in, want); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 6 {
		wg.Go(func() {
			out := backend.Outputs(g)
			for range 50 {
				if err := p.Run(in, out); err != nil {
					t.Error(err)
				}
				optest.Compare(t, "y", out[0], want[0], 0)
			}
		})
	}
	wg.Wait()
}

// TestInferenceFolds checks that a convolution, its batch normalisation and the activation are one step when the parameters are
// constants, and that nothing else is left to do.
func TestInferenceFolds(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	x := optest.Rand(r, -1, 1, 2, 3, 8, 8)
	g, err := graph.Trace(func(g *graph.Graph) {
		vector := func(lo, hi float64) *graph.Node { return g.Const(optest.Rand(r, lo, hi, 4)) }
		y := op.Conv2D(optest.Inputs(g, []*tensor.Tensor{x})[0], g.Const(optest.Rand(r, -1, 1, 4, 3, 3, 3)), op.ConvAttrs{})
		g.Output("y", op.Relu(op.BatchNorm(y, vector(-1, 1), vector(-1, 1), vector(-1, 1), vector(0.5, 1), 1e-5)))
	})
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(1)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	p, err := b.compile(g, false)
	if err != nil {
		t.Fatal(err)
	}
	var dump strings.Builder
	if err := p.Dump(&dump); err != nil {
		t.Fatal(err)
	}
	if steps := p.Steps(); len(steps) != 1 || strings.Join(steps[0].Ops, " ") != "Conv2D Add Relu" {
		t.Errorf("the program is\n%s", dump.String())
	}
	in := []*tensor.Tensor{x}
	optest.Compare(t, "y", optest.Run(t, b, g, in)[0], optest.Run(t, ref.Backend{}, g, in)[0], 1e-5)
}

// TestLanes compares the softmax family along the classes of images that take several blocks of pixels with the reference.
func TestLanes(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	x, dy := optest.Rand(r, -4, 4, 2, 5, 41, 43), optest.Rand(r, -1, 1, 2, 5, 41, 43)
	b, err := New(2)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for _, o := range []struct {
		op graph.Op
		in []*tensor.Tensor
	}{
		{op.SoftmaxOp{Axis: 1}, []*tensor.Tensor{x}}, {op.LogSoftmaxOp{Axis: 1}, []*tensor.Tensor{x}},
		{op.SoftmaxGradOp{Axis: 1}, []*tensor.Tensor{dy, x}}, {op.LogSoftmaxGradOp{Axis: 1}, []*tensor.Tensor{dy, x}},
	} {
		g, err := optest.Program(o.op, o.in)
		if err != nil {
			t.Fatal(err)
		}
		optest.Compare(t, o.op.Name(), optest.Run(t, b, g, o.in)[0], optest.Run(t, ref.Backend{}, g, o.in)[0], 5e-6)
	}
}
