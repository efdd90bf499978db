// Package backendtest holds the tests that any backend must pass.
package backendtest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/tensor"
)

// Run tests b against the reference: every op alone on random attributes and inputs, then programs in which ops meet.
func Run(t *testing.T, b backend.Backend) {
	t.Run("ops", func(t *testing.T) { testOps(t, b) })
	t.Run("elementwise", func(t *testing.T) { testElementwise(t, b) })
	t.Run("images", func(t *testing.T) { testImages(t, b) })
	t.Run("inverted residuals", func(t *testing.T) { testInvertedResiduals(t, b) })
	t.Run("updates", func(t *testing.T) { testUpdates(t, b) })
	t.Run("outputs", func(t *testing.T) { testOutputs(t, b) })
	t.Run("fusion", func(t *testing.T) { testFusion(t, b) })
	t.Run("constant", func(t *testing.T) { testConstant(t, b) })
	t.Run("misuse", func(t *testing.T) { testMisuse(t, b) })
}

func testOps(t *testing.T, b backend.Backend) {
	for _, c := range optest.Cases() {
		t.Run(c.Name, func(t *testing.T) {
			for seed := range uint64(12) {
				o, in := c.Make(rand.New(rand.NewPCG(seed, 2)))
				g, err := optest.Program(o, in)
				if err != nil {
					t.Fatal(err)
				}
				want := optest.Run(t, ref.Backend{}, g, in)[0]
				optest.Compare(t, graph.Describe(o), optest.Run(t, b, g, in)[0], want, c.Tol)
				frozen, err := graph.Trace(func(g *graph.Graph) {
					nodes := optest.Inputs(g, in[:1])
					for _, x := range in[1:] {
						nodes = append(nodes, g.Const(x))
					}
					g.Output("y", graph.Apply(o, nodes...))
				})
				if err != nil {
					t.Fatal(err)
				}
				optest.Compare(t, graph.Describe(o)+" of constants", optest.Run(t, b, frozen, in[:1])[0], want, c.Tol)
			}
		})
	}
}

// testElementwise builds random expressions of elementwise ops over shapes that broadcast: what a backend fuses.
func testElementwise(t *testing.T, b backend.Backend) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 3))
		dims := []int{1 + r.IntN(4), 1 + r.IntN(40), 1 + r.IntN(9), 1 + r.IntN(40)}
		in := []*tensor.Tensor{
			optest.Rand(r, -1, 1, dims...), optest.Rand(r, -1, 1, dims...), optest.Rand(r, -1, 1, 1, dims[1], 1, 1),
			optest.Rand(r, -1, 1, dims[3]), optest.Rand(r, -1, 1, dims[0], 1, dims[2], 1), optest.Rand(r, -1, 1),
		}
		g, err := graph.Trace(func(g *graph.Graph) {
			nodes := optest.Inputs(g, in)
			for range 4 + r.IntN(20) {
				x, y := nodes[r.IntN(len(nodes))], nodes[r.IntN(len(nodes))]
				nodes = append(nodes, randomOp(r, x, y))
			}
			for i, n := range nodes[len(nodes)-1-r.IntN(3):] {
				g.Output(fmt.Sprint("y", i), n)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		want, got := optest.Run(t, ref.Backend{}, g, in), optest.Run(t, b, g, in)
		for i := range want {
			optest.Compare(t, fmt.Sprintf("seed %d output %d", seed, i), got[i], want[i], 1e-5)
		}
	}
}

func randomOp(r *rand.Rand, x, y *graph.Node) *graph.Node {
	switch r.IntN(13) {
	case 0:
		return op.Add(x, y)
	case 1:
		return op.Sub(x, y)
	case 2:
		return op.Mul(x, y)
	case 3:
		return op.Tanh(x)
	case 4:
		return op.Relu(x)
	case 5:
		return op.Mul(x, x.Graph().Scalar(0.5))
	case 6:
		return op.Max(x, y)
	case 7:
		return op.Sigmoid(x)
	case 8:
		return op.Silu(op.Mul(x, x.Graph().Scalar(4)))
	case 9:
		return op.HardSwish(op.Mul(x, x.Graph().Scalar(4)))
	case 10:
		return op.HardSigmoid(op.Add(x, x.Graph().Scalar(-0.5)), 1, 0.5)
	case 11:
		return op.Clip(x, -0.5, 0.5)
	}
	return op.Add(op.Neg(x), y)
}

// testFusion builds the chains that backends like to join: convolution or matrix product, bias, residual, normalisation, activation.
func testFusion(t *testing.T, b backend.Backend) {
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 4))
		n, c, h, o := 1+r.IntN(3), 1+r.IntN(12), 3+r.IntN(7), 1+r.IntN(30)
		in := []*tensor.Tensor{
			optest.Rand(r, -1, 1, n, c, h, h), optest.Rand(r, -1, 1, o, c, 3, 3), optest.Rand(r, -1, 1, o), optest.Rand(r, -1, 1, o),
			optest.Rand(r, -1, 1, n, o, h, h), optest.Rand(r, -0.02, 0.02, 1+r.IntN(70), o*h*h),
		}
		g, err := graph.Trace(func(g *graph.Graph) {
			x := optest.Inputs(g, in)
			y := op.Conv2D(x[0], x[1], op.ConvAttrs{Pad: [4]int{1, 1, 1, 1}})
			mean := op.BatchMean(y)
			variance := op.BatchVariance(y, mean)
			normal := op.BatchNormTraining(y, x[2], x[3], mean, variance, 1e-5)
			sum := op.Relu(op.Add(op.Add(op.Conv2D(x[0], op.Neg(x[1]), op.ConvAttrs{Pad: [4]int{1, 1, 1, 1}}), op.Reshape(x[2], 1, o, 1, 1)), x[4]))
			z := op.Add(normal, sum)
			logits := op.Tanh(op.MatMul(op.Flatten(z, 1), x[5], op.MatMulAttrs{TransB: true}))
			loss := op.ReduceMean(op.Mul(logits, logits), false)
			g.Output("loss", loss)
			g.Output("sum", sum)
			g.Output("variance", variance)
			for i, d := range graph.Grad(loss, x) {
				g.Output(fmt.Sprint("gradient ", i), d)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		want, got := optest.Run(t, ref.Backend{}, g, in), optest.Run(t, b, g, in)
		for i := range want {
			optest.Compare(t, fmt.Sprintf("seed %d output %s", seed, g.Outputs()[i].Name), got[i], want[i], 2e-4)
		}
	}
}

// testImages passes images through all that reads or makes them, in each other's layouts: convolutions, poolings, concatenation, slices,
// padding, normalisation and means, and back.
func testImages(t *testing.T, b backend.Backend) {
	for seed := range uint64(12) {
		r := rand.New(rand.NewPCG(seed, 5))
		n, c, h, o, k := 1+r.IntN(3), 1+r.IntN(4), 6+r.IntN(9), 1+r.IntN(40), 1+r.IntN(3)
		stride, pad := 1+r.IntN(2), r.IntN(2)
		in := []*tensor.Tensor{
			optest.Rand(r, -1, 1, n, c, h, h+2), optest.Rand(r, -1, 1, o, c, 3, 3), optest.Rand(r, -1, 1, o, o, k, k),
			optest.Rand(r, -1, 1, 2+r.IntN(20), 2*o+1, 1, 1), optest.Rand(r, 0.5, 1, o), optest.Rand(r, -1, 1, o),
		}
		g, err := graph.Trace(func(g *graph.Graph) {
			x := optest.Inputs(g, in)
			y := op.Conv2D(x[0], x[1], op.ConvAttrs{Pad: [4]int{1, 1, 1, 1}})
			mean := op.BatchMean(y)
			y = op.Relu(op.BatchNormTraining(y, x[4], x[5], mean, op.BatchVariance(y, mean), 1e-5))
			pooled := op.MaxPool(y, op.PoolAttrs{Kernel: [2]int{3, 3}, Stride: [2]int{stride, stride}, Pad: [4]int{pad, pad, pad, pad}})
			z := op.Conv2D(pooled, x[2], op.ConvAttrs{Stride: [2]int{1, 1}, Pad: [4]int{k - 1, k - 1, k - 1, k - 1}})
			z = op.AvgPool(z, op.PoolAttrs{Kernel: [2]int{k, k}, Stride: [2]int{1, 1}})
			both := op.Concat(1, z, op.Pad(pooled, []int{0, 1, 0, 0}, []int{0, 0, 0, 0}, 0.5))
			half := op.Slice(both, 1, o/2, o/2+1, 1)
			w := op.Conv2D(op.Mul(both, half), x[3], op.ConvAttrs{Stride: [2]int{2, 2}})
			at, weights := g.Const(optest.Ints(r, tensor.I64, 4, tensor.ShapeOf(5, 2))), g.Const(optest.Rand(r, -1, 1, 5, 2))
			big := op.Resample(op.Resample(op.Relu(y), at, weights, 2), at, weights, 3)
			g.Output("big", big)
			g.Output("big channels", op.Resample(op.Relu(y), at, weights, 1))
			resized := op.Relu(op.Resize(op.Resize(op.Relu(z), op.ResizeAttrs{H: 7, W: 5}), op.ResizeAttrs{H: 3, W: 9, AlignCorners: true}))
			g.Output("resized", resized)
			features := op.GlobalAvgPool(op.Tanh(w))
			loss := op.Add(op.ReduceMean(op.Mul(features, features), false), op.ReduceMean(op.Slice(z, 2, 0, z.Shape().Dim(2), 2), false))
			loss = op.Add(op.Add(loss, op.ReduceMean(op.Mul(big, big), false)), op.ReduceMean(op.Mul(resized, resized), false))
			g.Output("loss", loss)
			g.Output("both", both)
			g.Output("sums", op.ReduceSum(both, false, 0, 2))
			g.Output("w", w)
			for i, d := range graph.Grad(loss, x) {
				g.Output(fmt.Sprint("gradient ", i), d)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		want, got := optest.Run(t, ref.Backend{}, g, in), optest.Run(t, b, g, in)
		for i := range want {
			optest.Compare(t, fmt.Sprintf("seed %d output %s", seed, g.Outputs()[i].Name), got[i], want[i], 2e-4)
		}
	}
}

// InvertedResidual returns a block of MobileNetV2 (Sandler et al. 2018) and its gradients, and inputs for it: channels are added by a 1x1
// convolution, filtered one by one with stride 1 or 2, and put together again; all is normalised. Half of them have a grouped convolution
// beside.
func InvertedResidual(r *rand.Rand, stride int) (*graph.Graph, []*tensor.Tensor, error) {
	n, c, h, o, groups := 1+r.IntN(3), 1+r.IntN(12), 5+r.IntN(7), 2*(1+r.IntN(40)), 2
	in := []*tensor.Tensor{
		optest.Rand(r, -1, 1, n, c, h, h+r.IntN(3)), optest.Rand(r, -1, 1, o, c, 1, 1), optest.Rand(r, -1, 1, o, 1, 3, 3), optest.Rand(r, -0.2, 0.2, c, o, 1, 1),
		optest.Rand(r, 0.5, 2, o), optest.Rand(r, -1, 1, o), optest.Rand(r, 0.5, 1, c), optest.Rand(r, -1, 1, c), optest.Rand(r, -0.5, 0.5, o, o/groups, 3, 3),
	}
	normal := func(x, scale, bias *graph.Node) *graph.Node {
		mean := op.BatchMean(x)
		return op.BatchNormTraining(x, scale, bias, mean, op.BatchVariance(x, mean), 1e-5)
	}
	relu6 := func(x *graph.Node) *graph.Node { return op.Clip(x, 0, 6) }
	g, err := graph.Trace(func(g *graph.Graph) {
		x := optest.Inputs(g, in)
		y := relu6(normal(op.Conv2D(x[0], x[1], op.ConvAttrs{}), x[4], x[5]))
		same := op.ConvAttrs{Stride: [2]int{stride, stride}, Pad: [4]int{1, 1, 1, 1}, Groups: o}
		z := relu6(normal(op.Conv2D(y, x[2], same), x[4], x[5]))
		if o%4 == 0 {
			same.Groups = groups
			z = op.Add(z, relu6(op.Conv2D(y, x[8], same)))
		}
		z = normal(op.Conv2D(z, x[3], op.ConvAttrs{}), x[6], x[7])
		if stride == 1 {
			z = op.Add(z, x[0])
		}
		loss := op.ReduceMean(op.Mul(z, op.Tanh(z)), false)
		g.Output("loss", loss)
		g.Output("z", z)
		wanted := x
		if o%4 != 0 {
			wanted = x[:8]
		}
		for i, d := range graph.Grad(loss, wanted) {
			g.Output(fmt.Sprint("gradient ", i), d)
		}
	})
	return g, in, err
}

func testInvertedResiduals(t *testing.T, b backend.Backend) {
	for seed := range uint64(6) {
		g, in, err := InvertedResidual(rand.New(rand.NewPCG(seed, 6)), 1+int(seed%2))
		if err != nil {
			t.Fatal(err)
		}
		want, got := optest.Run(t, ref.Backend{}, g, in), optest.Run(t, b, g, in)
		for i := range want {
			optest.Compare(t, fmt.Sprintf("seed %d output %s", seed, g.Outputs()[i].Name), got[i], want[i], 2e-4)
		}
	}
}

// testUpdates runs programs that replace their inputs, some of which are read late, or by each other's updates.
func testUpdates(t *testing.T, b backend.Backend) {
	build := func(g *graph.Graph) {
		p, q, m := g.Input("p", graph.F32(30, 50)), g.Input("q", graph.F32(30, 50)), g.Input("m", graph.F32(30, 50))
		grad := op.MatMul(op.MatMul(p, q, op.MatMulAttrs{TransB: true}), m, op.MatMulAttrs{})
		m2 := op.Add(op.Mul(m, g.Scalar(0.9)), grad)
		p2 := op.Sub(p, op.Mul(m2, g.Scalar(0.001)))
		late := op.Sub(op.Tanh(op.MatMul(p2, q, op.MatMulAttrs{TransB: true})), g.Scalar(1)) // reads q after p2
		g.Update(m, m2)
		g.Update(p, p2)
		g.Update(q, op.Add(op.Mul(p2, g.Scalar(0.01)), op.Mul(p, q))) // reads the old p beside the new one
		g.Output("late", late)
		g.Output("m again", m2)
	}
	g, err := graph.Trace(build)
	if err != nil {
		t.Fatal(err)
	}
	state := func() []*tensor.Tensor {
		r := rand.New(rand.NewPCG(9, 9))
		return []*tensor.Tensor{optest.Rand(r, -.1, .1, 30, 50), optest.Rand(r, -.1, .1, 30, 50), optest.Rand(r, -.1, .1, 30, 50)}
	}
	want, got := state(), state()
	for step := range 5 {
		w, h := optest.Run(t, ref.Backend{}, g, want), optest.Run(t, b, g, got)
		for i := range want {
			optest.Compare(t, fmt.Sprintf("step %d state %d", step, i), got[i], want[i], 1e-5)
		}
		for i := range w {
			if w[i] != nil {
				optest.Compare(t, fmt.Sprintf("step %d output %d", step, i), h[i], w[i], 1e-5)
			}
		}
	}
}

// testOutputs returns inputs, constants, one node twice, and reshapes.
func testOutputs(t *testing.T, b backend.Backend) {
	in := []*tensor.Tensor{optest.Rand(rand.New(rand.NewPCG(1, 1)), -1, 1, 2, 6), tensor.Of(tensor.ShapeOf(3), uint8(1), 2, 255)}
	g, err := graph.Trace(func(g *graph.Graph) {
		n := optest.Inputs(g, in)
		y := op.Relu(n[0])
		for i, o := range []*graph.Node{n[0], g.Scalar(3), g.Const(in[0]), y, y, op.Reshape(y, 3, 4), op.Reshape(n[0], -1), n[1],
			op.Reshape(op.Scatter(op.Reshape(n[0], 12), op.Cast(n[1], tensor.I32), op.Reshape(op.Slice(op.Reshape(n[0], 12), 0, 0, 3, 1), 3), op.AddUp), 1, 12),
			op.Cast(n[1], tensor.F32), op.Add(op.Reshape(y, 12), op.Reshape(n[0], 12))} {
			g.Output(fmt.Sprint(i), o)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	want, got := optest.Run(t, ref.Backend{}, g, in), optest.Run(t, b, g, in)
	for i := range want {
		optest.Compare(t, fmt.Sprint("output ", i), got[i], want[i], 0)
	}
}

// testConstant runs a program without inputs and steps.
func testConstant(t *testing.T, b backend.Backend) {
	want := tensor.Of(tensor.ShapeOf(3), float32(1), 2, 3)
	g, err := graph.Trace(func(g *graph.Graph) { g.Output("y", g.Const(want)) })
	if err != nil {
		t.Fatal(err)
	}
	optest.Compare(t, "constant", optest.Run(t, b, g, nil)[0], want, 0)
}

func testMisuse(t *testing.T, b backend.Backend) {
	g, err := graph.Trace(func(g *graph.Graph) { g.Output("y", op.Relu(g.Input("x", graph.F32(3)))) })
	if err != nil {
		t.Fatal(err)
	}
	p, err := b.Compile(g)
	if err != nil {
		t.Fatal(err)
	}
	x, y := tensor.New(tensor.F32, tensor.ShapeOf(4)), tensor.New(tensor.F32, tensor.ShapeOf(3))
	for _, c := range []struct{ in, out []*tensor.Tensor }{
		{[]*tensor.Tensor{x}, []*tensor.Tensor{y}}, {[]*tensor.Tensor{y}, []*tensor.Tensor{x}}, {nil, []*tensor.Tensor{y}},
		{[]*tensor.Tensor{nil}, []*tensor.Tensor{y}}, {[]*tensor.Tensor{y}, []*tensor.Tensor{nil}},
	} {
		if p.Run(c.in, c.out) == nil {
			t.Errorf("no error for inputs %v and outputs %v", c.in, c.out)
		}
	}
}
