package modelfile

import (
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/format/onnx"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/tensor"
)

// TestImportONNX reads a classifier whose output is probabilities, that of lince as it is and as TensorFlow would have it, [N H W C], and applies
// the network to batches.
func TestImportONNX(t *testing.T) {
	path, _ := elsewhere(t, "w.pth", "lenet5", models.Args{Classes: 3, Channels: 3})
	m, _, err := ReadImport(path, Import{})
	if err != nil {
		t.Fatal(err)
	}
	net, err := m.Network()
	if err != nil {
		t.Fatal(err)
	}
	for _, last := range []bool{false, true} {
		trace := func(n int) (*graph.Graph, error) {
			return graph.Trace(func(g *graph.Graph) {
				var x *graph.Node
				if last {
					x = op.Transpose(g.Input("x", graph.F32(n, 28, 28, 3)), 0, 3, 1, 2)
				} else {
					x = g.Input("x", graph.F32(n, 3, 28, 28))
				}
				g.Output("y", op.Softmax(net(nn.NewScope(g, nn.Eval), x), 1))
			})
		}
		file := filepath.Join(t.TempDir(), "m.onnx")
		if err := onnx.ExportFile(file, onnx.Program{Name: "m", Trace: trace, Weights: m.Weights, Metadata: map[string]string{"classes": `["a","b","c"]`}}); err != nil {
			t.Fatal(err)
		}
		got, assumed, err := ReadImport(file, Import{})
		if err != nil {
			t.Fatal(err)
		}
		if in := got.Input; in.Channels != 3 || in.Height != 28 || in.Width != 28 || got.Classes[2] != "c" || !strings.Contains(assumed, "an ONNX model (its own: classes") || in.Border.Uniform() {
			t.Errorf("%+v, assumed %q", got, assumed)
		}
		x := optest.Rand(rand.New(rand.NewPCG(1, 2)), -1, 1, 2, 3, 28, 28)
		optest.Compare(t, file, apply(t, got, x), apply(t, m, x), 1e-5)
	}
}

// apply returns what the network of m gives for x.
func apply(t *testing.T, m *Model, x *tensor.Tensor) *tensor.Tensor {
	t.Helper()
	net, err := m.Network()
	if err != nil {
		t.Fatal(err)
	}
	g, err := graph.Trace(func(g *graph.Graph) {
		g.Output("y", net(nn.NewScope(g, nn.Eval), g.Input("x", graph.Type{DType: tensor.F32, Shape: x.Shape()})))
	})
	if err != nil {
		t.Fatal(err)
	}
	var in []*tensor.Tensor
	for _, n := range g.Inputs() {
		if label := n.Op().(graph.InputOp).Label; label == "x" {
			in = append(in, x)
		} else {
			in = append(in, m.Weights[label])
		}
	}
	y := optest.Run(t, ref.Backend{}, g, in)[0]
	if v := y.F32()[0]; math.IsNaN(float64(v)) {
		t.Error("not a number")
	}
	return y
}

func TestImportONNXErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "m.onnx")
	trace := func(n int) (*graph.Graph, error) {
		return graph.Trace(func(g *graph.Graph) { g.Output("y", op.Relu(g.Input("x", graph.F32(n, 5)))) })
	}
	if err := onnx.ExportFile(file, onnx.Program{Name: "m", Trace: trace}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ReadImport(file, Import{}); err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "[N C H W]") {
		t.Errorf("an input of two dimensions: %v", err)
	}
	if _, _, err := ReadImport(file, Import{Architecture: "lenet5"}); err == nil || !strings.Contains(err.Error(), "none besides") {
		t.Errorf("with an architecture: %v", err)
	}
}
