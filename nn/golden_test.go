package nn_test

import (
	"testing"

	"github.com/lince-ml/lince/format/safetensors"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/nn/nntest"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/tensor"
)

// TestGolden trains the net of testdata/golden.py for three steps and compares with what PyTorch has made of it.
func TestGolden(t *testing.T) {
	golden, err := safetensors.ReadFile("testdata/golden.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	net := nn.Seq(
		nn.Conv(4, 3, nn.Pad(1), nn.Stride(2), nn.Groups(2)), nn.BatchNorm(), nn.LeakyRelu(0.1), nn.MaxPool(3, nn.Stride(1), nn.Pad(1)),
		nn.Conv(3, 2, nn.NoBias), nn.BatchNorm(nn.Eps(1e-3), nn.Momentum(0.3)), nn.Tanh, nn.AvgPool(2, nn.Pad(1)),
		nn.Flatten, nn.Dense(5))
	const rate = 0.2

	var vars []nn.Variable
	inputs := func(g *graph.Graph) (x, labels *graph.Node) {
		return g.Input("x", graph.F32(6, 2, 8, 8)), g.Input("labels", graph.TypeOf(tensor.I32, 6))
	}
	train := nntest.Trace(t, func(g *graph.Graph) {
		s := nn.NewScope(g, nn.Train)
		x, labels := inputs(g)
		loss := nn.CrossEntropy(net(s, x), labels, 0.1)
		g.Output("loss", loss)
		vars = s.Variables()
		var params []*graph.Node
		for _, v := range nn.Trainable(vars) {
			params = append(params, v.Node)
		}
		for i, d := range graph.Grad(loss, params) {
			g.Update(params[i], op.Sub(params[i], op.Mul(d, g.Scalar(rate))))
		}
		for _, v := range vars {
			if v.Next != nil {
				g.Update(v.Node, v.Next)
			}
		}
	})
	eval := nntest.Trace(t, func(g *graph.Graph) {
		x, _ := inputs(g)
		g.Output("logits", net(nn.NewScope(g, nn.Eval), x))
	})

	store := nntest.Store{"x": golden.Tensors["x"], "labels": golden.Tensors["labels"]}
	for _, v := range vars {
		store[v.Name] = golden.Tensors["initial."+v.Name].Clone()
	}
	for _, want := range golden.Tensors["losses"].F32() {
		loss := store.Run(t, train)["loss"]
		optest.Compare(t, "loss", loss, tensor.Of(tensor.Shape{}, want), 2e-6)
	}
	for _, v := range vars {
		optest.Compare(t, v.Name, store[v.Name], golden.Tensors["final."+v.Name], 5e-6)
	}
	optest.Compare(t, "logits in evaluation", store.Run(t, eval)["logits"], golden.Tensors["eval"], 5e-6)
}
