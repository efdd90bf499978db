package onnx

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/tensor"
)

// LINCE_ONNX_EXPORT names a folder for exported models with inputs and outputs, in the form of ONNX's backend tests; testdata/runtime.py
// runs them in ONNX Runtime. The test then takes all models, otherwise one of each kind and none that is large.
const exportVariable = "LINCE_ONNX_EXPORT"

// tested are models that have, between them, all ops that models have.
var tested = map[string]bool{
	"lenet5": true, "cnn3": true, "resnet20-cifar": true, "resnet18-cifar": true, "densenet100-cifar": true, "mobilenet_v2": true, "mobilenet_v3_small": true,
	"squeezenet1_1": true, "lince-seg": true, "lince-det": true,
}

// TestExportModels writes networks with random weights, reads them back, and compares the results for two batch sizes.
func TestExportModels(t *testing.T) {
	folder := os.Getenv(exportVariable)
	for _, spec := range models.All() {
		if folder == "" && !tested[spec.Name] {
			continue
		}
		t.Run(spec.Name, func(t *testing.T) {
			a, err := spec.Complete(models.Args{Classes: 10})
			if err != nil {
				t.Fatal(err)
			}
			net, err := spec.Build(a)
			if err != nil {
				t.Fatal(err)
			}
			p := program(t, net, a.Channels, a.Height, a.Width) // of a network that looks at boxes the part that looks at images
			p.Metadata = map[string]string{"architecture": spec.Name}
			var out string
			if folder != "" {
				out = filepath.Join(folder, spec.Name)
			}
			roundTrip(t, p, 1e-4, out)
		})
	}
}

// program returns net with random weights, for images of the given size.
func program(t *testing.T, net nn.Layer, c, h, w int) Program {
	t.Helper()
	p := Program{Name: "test", Weights: map[string]*tensor.Tensor{}}
	var vars []nn.Variable
	p.Trace = func(n int) (*graph.Graph, error) {
		return graph.Trace(func(g *graph.Graph) {
			s := nn.NewScope(g, nn.Eval)
			g.Output("logits", net(s, g.Input("images", graph.F32(n, c, h, w))))
			vars = s.Variables()
		})
	}
	if _, err := p.Trace(1); err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for i, v := range nn.Initialize(vars, 1) {
		name := vars[i].Name
		if v.Shape().Rank() == 1 { // biases and normalisation, which begin as 0 and 1
			for j := range v.F32() {
				v.F32()[j] += 0.2 * r.Float32()
			}
		}
		if strings.HasSuffix(name, "running_var") {
			for j := range v.F32() {
				v.F32()[j] *= 0.5 + r.Float32()
			}
		}
		p.Weights[name] = v
	}
	return p
}

// roundTrip writes p, reads it and runs both, and compares. With a folder, it leaves model, inputs and outputs there.
func roundTrip(t *testing.T, p Program, tolerance float64, folder string) *Model {
	t.Helper()
	var file bytes.Buffer
	if err := Export(&file, p); err != nil {
		t.Fatal(err)
	}
	m, err := Decode(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	b := backends(t)[1]
	for set, n := range []int{1, 3} {
		g, err := p.Trace(n)
		if err != nil {
			t.Fatal(err)
		}
		in := randomInputs(g, p.Weights)
		all := maps.Clone(in)
		maps.Copy(all, p.Weights)
		want, err := run(b, g, all)
		if err != nil {
			t.Fatal(err)
		}
		shapes, err := m.Shapes(n, nil)
		if err != nil {
			t.Fatal(err)
		}
		imported, err := m.Graph(Bindings{Shapes: shapes})
		if err != nil {
			t.Fatal(err)
		}
		got, err := run(b, imported, in)
		if err != nil {
			t.Fatal(err)
		}
		for i, w := range want {
			d, err := distance(got[i], w)
			if err != nil || !(d <= tolerance) {
				t.Errorf("batch %d, %s: %v, off by %g of the largest", n, m.Outputs[i].Name, err, d)
			}
		}
		if folder != "" {
			leave(t, folder, set, file.Bytes(), m, in, want)
		}
	}
	return m
}

func randomInputs(g *graph.Graph, weights map[string]*tensor.Tensor) map[string]*tensor.Tensor {
	r := rand.New(rand.NewPCG(3, 4))
	in := map[string]*tensor.Tensor{}
	for _, n := range g.Inputs() {
		name := n.Op().(graph.InputOp).Label
		if weights[name] != nil {
			continue
		}
		in[name] = tensor.New(n.DType(), n.Shape())
		for i := range in[name].F32() {
			in[name].F32()[i] = float32(r.NormFloat64())
		}
	}
	return in
}

// leave writes a model and one set of inputs and outputs in the form of ONNX's backend tests.
func leave(t *testing.T, folder string, set int, file []byte, m *Model, in map[string]*tensor.Tensor, out []*tensor.Tensor) {
	t.Helper()
	data := filepath.Join(folder, fmt.Sprintf("test_data_set_%d", set))
	if err := os.MkdirAll(data, 0o777); err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{filepath.Join(folder, "model.onnx"): file}
	for i, info := range m.Inputs {
		files[filepath.Join(data, fmt.Sprintf("input_%d.pb", i))] = encodeTensor(t, info.Name, in[info.Name])
	}
	for i, info := range m.Outputs {
		files[filepath.Join(data, fmt.Sprintf("output_%d.pb", i))] = encodeTensor(t, info.Name, out[i])
	}
	for path, content := range files {
		if err := os.WriteFile(path, content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func encodeTensor(t *testing.T, name string, x *tensor.Tensor) []byte {
	t.Helper()
	var b bytes.Buffer
	if _, err := protoOf(name, x).encode().WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestExportOps writes a program of one node for each case of each op that has a form, reads it back and compares with the reference.
func TestExportOps(t *testing.T) {
	folder := os.Getenv(exportVariable)
	for _, c := range optest.Cases() {
		r := rand.New(rand.NewPCG(5, 6))
		o, in := c.Make(r)
		if forms[o.Name()] == nil {
			continue
		}
		t.Run(c.Name, func(t *testing.T) {
			for i := range 5 {
				out := ""
				if folder != "" && runtimeTakes(c.Name) {
					out = filepath.Join(folder, fmt.Sprintf("%s_%d", strings.ReplaceAll(t.Name(), "/", "_"), i))
				}
				checkOp(t, o, in, c.Tol, out)
				o, in = c.Make(r)
			}
		})
	}
}

// runtimeTakes reports whether a case is one for ONNX Runtime too, which stops at integers divided by 0 and at indices
// without an element, and has no ArgMax of u32.
func runtimeTakes(name string) bool {
	return name != "Div/integers" && name != "ArgMax/integers" && !strings.HasPrefix(name, "Gather") && name != "RoiAlign"
}

func checkOp(t *testing.T, o graph.Op, in []*tensor.Tensor, tolerance float64, folder string) {
	t.Helper()
	g, err := optest.Program(o, in)
	if err != nil {
		t.Fatal(err)
	}
	p := Program{Name: o.Name(), Trace: func(int) (*graph.Graph, error) { return g, nil }}
	switch o := o.(type) {
	case op.ResampleOp: // of which only constant indices and weights have a form
		if in[0].Size() == 0 || in[1].Size() == 0 {
			return
		}
		p.Weights = map[string]*tensor.Tensor{"x1": in[1], "x2": in[2]}
	case op.RoIAlignOp:
		if o.Samples == 0 { // is only read with constant boxes
			return
		}
	}
	var file bytes.Buffer
	err = Export(&file, p)
	if p, ok := o.(op.PadOp); ok && p.Interior != ([tensor.MaxRank]int{}) {
		if err == nil || !strings.Contains(err.Error(), "between elements") {
			t.Errorf("interior padding: %v", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if c, ok := o.(op.CastOp); ok && dataTypeOf(c.To).carrier() != c.To {
		return // what does not fit the type is left open by ONNX
	}
	m, err := Decode(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	imported, err := m.Graph(Bindings{})
	if err != nil {
		t.Fatal(err)
	}
	want := optest.Run(t, ref.Backend{}, g, in)
	in = in[:len(imported.Inputs())]
	got := optest.Run(t, ref.Backend{}, imported, in)
	optest.Compare(t, o.Name(), got[0], want[0], max(tolerance, 1e-6))
	if folder != "" {
		inputs := map[string]*tensor.Tensor{}
		for i, x := range in {
			inputs[fmt.Sprintf("x%d", i)] = x
		}
		leave(t, folder, 0, file.Bytes(), m, inputs, want)
	}
}

// TestExportStructure shows what becomes of a small network.
func TestExportStructure(t *testing.T) {
	net := nn.Seq(
		nn.Named("conv1", nn.Conv(4, 3, nn.Pad(1), nn.NoBias)), nn.Named("bn1", nn.BatchNorm()), nn.Relu,
		nn.Named("conv2", nn.Conv(4, 3, nn.Pad(1))), nn.Relu, nn.Named("bn2", nn.BatchNorm()),
		nn.MaxPool(2), nn.GlobalAvgPool, nn.Flatten, nn.Named("fc", nn.Dense(3)))
	p := program(t, net, 1, 8, 8)
	p.Doc, p.Metadata = "what it is", map[string]string{"classes": `["a","b","c"]`}
	m := roundTrip(t, p, 1e-6, "")
	got := fmt.Sprintf("ir %d, opsets %v, by %s: %s, %s %v\n", m.IRVersion, m.Opsets, m.Producer, m.Name, m.Doc, m.Metadata)
	for _, i := range slices.Concat(m.Inputs, m.Outputs) {
		got += fmt.Sprintln(i.Name, i)
	}
	for _, n := range m.graph.nodes {
		got += fmt.Sprintln(n.name, n.op, n.inputs, "->", n.outputs)
	}
	for _, name := range slices.Sorted(maps.Keys(m.initializers)) {
		got += fmt.Sprintln(name, m.initializers[name].tensor)
	}
	if got != structure {
		t.Errorf("got:\n%s\nwant:\n%s", got, structure)
	}
}

const structure = `ir 8, opsets map[:17], by lince: test, what it is map[classes:["a","b","c"]]
images float32[N 1 8 8]
logits float32[N 3]
0.conv1.Conv Conv [images 0.conv1.weight 0.conv1.bias] -> [0.conv1.Conv]
2.Relu Relu [0.conv1.Conv] -> [2.Relu]
3.conv2.Conv Conv [2.Relu 3.conv2.weight 3.conv2.bias] -> [3.conv2.Conv]
4.Relu Relu [3.conv2.Conv] -> [4.Relu]
5.bn2.BatchNormalization BatchNormalization [4.Relu 5.bn2.weight 5.bn2.bias 5.bn2.running_mean 5.bn2.running_var] -> [5.bn2.BatchNormalization]
6.MaxPool MaxPool [5.bn2.BatchNormalization] -> [6.MaxPool]
7.GlobalAveragePool GlobalAveragePool [6.MaxPool] -> [7.GlobalAveragePool]
8.Flatten Flatten [7.GlobalAveragePool] -> [8.Flatten]
9.fc.Gemm Gemm [8.Flatten 9.fc.weight 9.fc.bias] -> [logits]
0.conv1.bias f32[4]
0.conv1.weight f32[4 1 3 3]
3.conv2.bias f32[4]
3.conv2.weight f32[4 4 3 3]
5.bn2.bias f32[4]
5.bn2.running_mean f32[4]
5.bn2.running_var f32[4]
5.bn2.weight f32[4]
9.fc.bias f32[3]
9.fc.weight f32[3 4]
`

// TestExportAffine has what becomes part of a convolution or product, and what must not.
func TestExportAffine(t *testing.T) {
	dense := func(s nn.Scope, x *graph.Node) *graph.Node { return nn.Named("fc", nn.Dense(3))(s, nn.Flatten(s, x)) }
	conv := nn.Named("conv", nn.Conv(6, 3))
	norm := func(name string) nn.Layer { return nn.Named(name, nn.BatchNorm()) }
	for _, c := range []struct {
		name  string
		net   nn.Layer
		nodes string
	}{
		{"grouped", nn.Seq(nn.Named("conv", nn.Conv(6, 3, nn.Groups(2))), norm("bn")), "Conv"},
		{"twice", nn.Seq(conv, norm("bn1"), norm("bn2")), "Conv"},
		{"dense", nn.Seq(dense, norm("bn")), "Flatten Gemm"},
		{"no bias", func(s nn.Scope, x *graph.Node) *graph.Node {
			w := s.Param("w", tensor.ShapeOf(6, 2, 3, 3), nn.KaimingNormal(0))
			return op.Add(op.Conv2D(x, w, op.ConvAttrs{}), s.Param("b", tensor.ShapeOf(4), nn.Ones)) // by column
		}, "Conv Add"},
		{"bias first", func(s nn.Scope, x *graph.Node) *graph.Node {
			w := s.Param("w", tensor.ShapeOf(6, 2, 3, 3), nn.KaimingNormal(0))
			return op.Add(s.Param("b", tensor.ShapeOf(6, 1, 1), nn.Ones), op.Conv2D(x, w, op.ConvAttrs{}))
		}, "Conv"},
		{"read twice", func(s nn.Scope, x *graph.Node) *graph.Node {
			y := conv(s, x)
			return op.Add(norm("bn")(s, y), y)
		}, "Conv BatchNormalization Add"},
		{"shared weights", func(s nn.Scope, x *graph.Node) *graph.Node {
			w := s.Param("w", tensor.ShapeOf(2, 2, 3, 3), nn.KaimingNormal(0))
			y := norm("bn")(s, op.Conv2D(x, w, op.ConvAttrs{Pad: [4]int{1, 1, 1, 1}}))
			return op.Conv2D(op.Relu(y), w, op.ConvAttrs{})
		}, "Conv Relu Conv"},
		{"the input", nn.Identity, "Identity"},
		{"a constant", func(s nn.Scope, x *graph.Node) *graph.Node { return op.Relu(s.Param("w", tensor.ShapeOf(3), nn.Ones)) }, "Identity"},
		{"uneven windows", nn.AdaptiveAvgPool(4, 4), "Reshape Gemm Reshape"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var operators []string
			for _, n := range roundTrip(t, program(t, c.net, 2, 6, 6), 1e-5, "").graph.nodes {
				operators = append(operators, n.op)
			}
			if got := strings.Join(operators, " "); got != c.nodes {
				t.Errorf("nodes %s, want %s", got, c.nodes)
			}
		})
	}
}

func TestExportRefuses(t *testing.T) {
	for _, c := range []struct {
		name  string
		build func(x *graph.Node, n int) *graph.Node
		want  string
	}{
		{"ops without a form", func(x *graph.Node, n int) *graph.Node {
			return op.BatchVariance(x, op.BatchMean(op.Relu(x)))
		}, "export to ONNX: these ops have no ONNX form: BatchMean (1 times), BatchVariance (1 times)"},
		{"a number that depends on the batch", func(x *graph.Node, n int) *graph.Node {
			return op.Mul(x, x.Graph().Scalar(1/float64(n)))
		}, "ConstantOfShape: the program is not the same for all batch sizes"},
		{"a constant as large as the batch", func(x *graph.Node, n int) *graph.Node {
			return op.MatMul(x, x.Graph().Fill(graph.F32(4, n), 2), op.MatMulAttrs{})
		}, "ConstantOfShape: a constant of shape [4 2] depends on the batch size"},
		{"other ops", func(x *graph.Node, n int) *graph.Node {
			if n == 3 {
				return op.Relu(x)
			}
			return op.Tanh(x)
		}, "Tanh: the program is not the same for all batch sizes"},
		{"more ops", func(x *graph.Node, n int) *graph.Node {
			for range n {
				x = op.Relu(x)
			}
			return x
		}, "3 nodes for batches of 2, 4 for batches of 3"},
		{"half of the batch", func(x *graph.Node, n int) *graph.Node {
			return op.Slice(x, 0, 0, n-1, 1)
		}, "Slice: the program is not the same for all batch sizes"},
		{"a sum of sizes", func(x *graph.Node, n int) *graph.Node {
			return op.Concat(0, x, x.Graph().Const(tensor.New(tensor.F32, tensor.ShapeOf(1, 4))))
		}, "Concat: shape [3 4] for batches of 2 and [4 4] for batches of 3"},
		{"repeated for each image", func(x *graph.Node, n int) *graph.Node {
			return graph.Expand(op.ReduceSum(x, true, 0), tensor.ShapeOf(n, 4))
		}, "Expand: repeats elements for each image of the batch"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var file bytes.Buffer
			err := Export(&file, Program{Trace: func(n int) (*graph.Graph, error) {
				return graph.Trace(func(g *graph.Graph) { g.Output("y", c.build(g.Input("x", graph.F32(n, 4)), n)) })
			}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if file.Len() > 0 {
				t.Errorf("%d bytes written", file.Len())
			}
		})
	}
}

// TestExportTooLarge has weights of more than 2 GB that share their memory.
func TestExportTooLarge(t *testing.T) {
	const side, layers = 4096, 32
	shared := tensor.New(tensor.F32, tensor.ShapeOf(side, side))
	p := Program{Weights: map[string]*tensor.Tensor{}}
	for i := range layers {
		p.Weights[fmt.Sprint("w", i)] = shared.Reshape(shared.Shape())
	}
	p.Trace = func(n int) (*graph.Graph, error) {
		return graph.Trace(func(g *graph.Graph) {
			x := g.Input("x", graph.F32(n, side))
			for i := range layers {
				x = op.MatMul(x, g.Input(fmt.Sprint("w", i), graph.F32(side, side)), op.MatMulAttrs{TransB: true})
			}
			g.Output("y", x)
		})
	}
	err := Export(io.Discard, p)
	if err == nil || !strings.Contains(err.Error(), "an ONNX file holds at most 2147483647 (2 GB)") {
		t.Errorf("error %v", err)
	}
}
