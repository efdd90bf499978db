package op_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/tensor"
)

// A composite is a function made of ops, as one op, so that its gradient can be checked like one.
type composite struct {
	t     *testing.T
	build func(in []*graph.Node) *graph.Node
}

func (*composite) Name() string { return "Composite" }

// program returns the function on inputs of the given types.
func (c *composite) program(in []graph.Type) *graph.Graph {
	g, err := graph.Trace(func(g *graph.Graph) {
		var nodes []*graph.Node
		for i, t := range in {
			nodes = append(nodes, g.Input(fmt.Sprint("x", i), t))
		}
		g.Output("y", c.build(nodes))
	})
	if err != nil {
		c.t.Fatal(err)
	}
	return g
}

func (c *composite) Infer(in []graph.Type) (graph.Type, error) {
	return c.program(in).Outputs()[0].Node.Type(), nil
}

func (c *composite) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	var types []graph.Type
	for _, x := range in {
		types = append(types, graph.Type{DType: x.DType(), Shape: x.Shape()})
	}
	copy(out.Bytes(), optest.Run(c.t, ref.Backend{}, c.program(types), in)[0].Bytes())
}

func (c *composite) Grad(n, dy *graph.Node) []*graph.Node {
	return graph.Grad(op.ReduceSum(op.Mul(c.build(n.Ins()), dy), false), n.Ins())
}

func (*composite) FLOPs([]graph.Type, graph.Type) int64 { return 0 }

const batchNormEps = 1e-2

// batchNorm is Algorithm 1 of Ioffe & Szegedy (2015) as a training program composes it.
func batchNorm(x, scale, bias *graph.Node) *graph.Node {
	mean := op.BatchMean(x)
	return op.BatchNormTraining(x, scale, bias, mean, op.BatchVariance(x, mean), batchNormEps)
}

// TestBatchNormTrainingGradient checks the gradient that includes the paths through the batch's statistics, and the gradient of
// that gradient.
func TestBatchNormTrainingGradient(t *testing.T) {
	forward := &composite{t, func(in []*graph.Node) *graph.Node { return batchNorm(in[0], in[1], in[2]) }}
	backward := &composite{t, func(in []*graph.Node) *graph.Node {
		x, scale, bias, dy := in[0], in[1], in[2], in[3]
		y := batchNorm(x, scale, bias)
		return graph.Grad(op.ReduceSum(op.Mul(y, dy), false), []*graph.Node{x})[0]
	}}
	for i, dims := range [][]int{{6, 3}, {2, 3, 2, 2}, {1, 2, 3, 2}} {
		r := rand.New(rand.NewPCG(uint64(i), 1))
		c := dims[1]
		in := []*tensor.Tensor{optest.Rand(r, -2, 2, dims...), optest.Rand(r, 0.5, 2, c), optest.Rand(r, -1, 1, c)}
		optest.CheckGrad(t, r, forward, in, 0.01)
		optest.CheckGrad(t, r, backward, append(in, optest.Rand(r, -1, 1, dims...)), 0.01)
	}
}

// TestRunningStatistics composes two training steps and an evaluation and compares with
//
//	bn = torch.nn.BatchNorm2d(2, eps=1e-5, momentum=0.1)
//	bn.weight, bn.bias = [2, -1], [0.5, 3]
//	for step in 0, 1: bn((torch.arange(12.).reshape(2, 2, 1, 3) - 3)**2 / (4 + step))
//	bn.eval(); bn(the last input)
//
// whose running variance is the unbiased one.
func TestRunningStatistics(t *testing.T) {
	const eps, momentum = 1e-5, 0.1
	shape := tensor.ShapeOf(2, 2, 1, 3)
	n := float64(shape.Size() / shape.Dim(1))
	follow := func(running, batch *graph.Node, factor float64) *graph.Node {
		g := running.Graph()
		return op.Add(op.Mul(running, g.Scalar(1-momentum)), op.Mul(batch, g.Scalar(momentum*factor)))
	}
	g, err := graph.Trace(func(g *graph.Graph) {
		x, scale, bias := g.Input("x", graph.F32(2, 2, 1, 3)), g.Input("scale", graph.F32(2)), g.Input("bias", graph.F32(2))
		mean, variance := g.Input("mean", graph.F32(2)), g.Input("variance", graph.F32(2))
		batchMean := op.BatchMean(x)
		batchVariance := op.BatchVariance(x, batchMean)
		newMean, newVariance := follow(mean, batchMean, 1), follow(variance, batchVariance, n/(n-1))
		g.Output("training", op.BatchNormTraining(x, scale, bias, batchMean, batchVariance, eps))
		g.Output("evaluation", op.BatchNorm(x, scale, bias, newMean, newVariance, eps))
		g.Update(mean, newMean)
		g.Update(variance, newVariance)
	})
	if err != nil {
		t.Fatal(err)
	}
	vector := func(v ...float32) *tensor.Tensor { return tensor.Of(tensor.ShapeOf(len(v)), v...) }
	mean, variance := vector(0, 0), vector(1, 1)
	var out []*tensor.Tensor
	for step := range 2 {
		x := tensor.New(tensor.F32, shape)
		for i := range x.F32() {
			x.F32()[i] = float32((i-3)*(i-3)) / float32(4+step)
		}
		out = optest.Run(t, ref.Backend{}, g, []*tensor.Tensor{x, vector(2, -1), vector(0.5, 3), mean, variance})
	}
	optest.Compare(t, "running mean", mean, vector(0.45333338, 1.0908333), 1e-6)
	optest.Compare(t, "running variance", variance, vector(1.5363666, 8.235367), 1e-6)
	optest.Compare(t, "training", out[0], tensor.Of(shape, float32(0.07966932), -1.1813222, -1.9379171, 4.012282,
		3.9728425, 3.8545237, 0.07966932, 1.8450576, 4.1148424, 2.5924582, 2.0797439, 1.4881506), 1e-6)
	optest.Compare(t, "evaluation", out[1], tensor.Of(shape, float32(2.6729076), 1.0593623, 0.091235124, 3.3801165,
		3.3104236, 3.101345, 2.6729076, 4.931871, 7.8362527, 0.87117374, -0.03483355, -1.0802264), 1e-6)
}

// TestDecompose compares what ops are worth with what their parts are worth.
func TestDecompose(t *testing.T) {
	found := false
	for _, c := range optest.Cases() {
		r := rand.New(rand.NewPCG(1, 1))
		whole, in := c.Make(r)
		d, ok := whole.(op.Decomposer)
		if !ok {
			continue
		}
		found = true
		g, err := graph.Trace(func(g *graph.Graph) {
			nodes := optest.Inputs(g, in)
			g.Output("whole", graph.Apply(whole, nodes...))
			g.Output("parts", d.Decompose(nodes))
		})
		if err != nil {
			t.Fatal(err)
		}
		out := optest.Run(t, ref.Backend{}, g, in)
		optest.Compare(t, c.Name, out[1], out[0], 1e-5)
	}
	if !found {
		t.Error("no op has a decomposition")
	}
}
