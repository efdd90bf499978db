package onnx

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// The tests of ONNX are folders with model.onnx and test_data_set_0 and so on, which hold input_0.pb, output_0.pb and so on. A selection is in
// testdata/nodes.tar.gz (see testdata/pick.py). LINCE_ONNX_TESTDATA names more of them: folders, separated by colons, such as
// /usr/share/libonnx-testdata/data/node of Debian's package libonnx-testdata.
const testdataVariable = "LINCE_ONNX_TESTDATA"

// knownWrong says whether a test of some release of ONNX has outputs that are not what the operator's specification says.
func knownWrong(name string) bool {
	switch {
	case strings.HasPrefix(name, "test_qlinearmatmul_") && strings.Contains(name, "D_int8_"):
		return true // 1.16 to 1.18 let int8 wrap around where it has to saturate
	case strings.HasPrefix(name, "test_attention_3d"):
		return true // 1.18 took [N length heads size] for [N heads length size]; corrected in 1.19
	}
	return false
}

func TestNodes(t *testing.T) {
	passed := conformance(t, []string{extract(t, "testdata/nodes.tar.gz")})
	if want := 600; passed < want {
		t.Errorf("%d tests passed, at least %d expected", passed, want)
	}
}

func TestConformance(t *testing.T) {
	folders := filepath.SplitList(os.Getenv(testdataVariable))
	if len(folders) == 0 {
		t.Skipf("%s names no folder", testdataVariable)
	}
	conformance(t, folders)
}

// conformance runs the tests in the folders and returns how many passed. A refused model is no failure.
func conformance(t *testing.T, folders []string) (passed int) {
	b := backends(t)
	refused := map[string][]string{}
	failed := 0
	for _, folder := range folders {
		models, err := filepath.Glob(filepath.Join(folder, "*", "model.onnx"))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range models {
			name := filepath.Base(filepath.Dir(path))
			reason, err := conform(b, filepath.Dir(path))
			switch {
			case err != nil && knownWrong(name):
				t.Logf("a wrong test, %s: %v", name, err)
			case err != nil:
				failed++
				t.Errorf("%s: %v", name, err)
			case reason != "":
				refused[reason] = append(refused[reason], name)
			default:
				passed++
			}
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(refused)) {
		t.Logf("refused, %d: %s (%s)", len(refused[reason]), reason, refused[reason][0])
	}
	t.Logf("%d passed, %d failed, %d refused", passed, failed, len(slices.Concat(slices.Collect(maps.Values(refused))...)))
	return passed
}

// extract unpacks a .tar.gz into a new folder.
func extract(t *testing.T, path string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			return folder
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(folder, filepath.FromSlash(h.Name))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func backends(t *testing.T) []backend.Backend {
	b, err := cpu.New(2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return []backend.Backend{ref.Backend{}, b}
}

// conform runs one test. A reason says why the model is refused.
func conform(backends []backend.Backend, dir string) (reason string, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	m, err := Read(filepath.Join(dir, "model.onnx"))
	if err != nil {
		return err.Error()[strings.Index(err.Error(), ": ")+2:], nil
	}
	sets, err := filepath.Glob(filepath.Join(dir, "test_data_set_*"))
	if err != nil || len(sets) == 0 {
		return "", fmt.Errorf("no test data in %s", dir)
	}
	sort.Strings(sets)
	for _, set := range sets {
		reason, err := m.conform(backends, set)
		if reason != "" || err != nil {
			return reason, err
		}
	}
	return "", nil
}

func (m *Model) conform(backends []backend.Backend, set string) (reason string, err error) {
	// Some tests have inputs of other shapes than their models say.
	for i := range m.Inputs {
		m.Inputs[i].Ranked = false
	}
	in, err := readTensors(set, "input", m.Inputs)
	if err != nil {
		return "", err
	}
	want, err := readTensors(set, "output", m.Outputs)
	if err != nil {
		return "", err
	}
	g, err := m.graphFor(in)
	var unsupported *UnsupportedError
	if errors.As(err, &unsupported) {
		u := unsupported.List[0]
		u.Nodes = nil
		return u.Op + ": " + u.Reason, nil
	}
	if err != nil {
		return "", err
	}
	for _, b := range backends {
		got, err := run(b, g, in)
		if err != nil {
			return "", err
		}
		for i, o := range m.Outputs {
			rtol := 1e-3
			if o.Type == Bfloat16 { // within two units: some tests cut off, some round in each step
				rtol = 1.0 / 64
			}
			if err := compare(got[i], want[o.Name], rtol, 1e-7); err != nil {
				return "", fmt.Errorf("%s: output %s: %w", b.Name(), o.Name, err)
			}
		}
	}
	return "", nil
}

// graphFor returns the graph for the given inputs; those whose values have to be known are constants.
func (m *Model) graphFor(in map[string]*tensor.Tensor) (*graph.Graph, error) {
	b := Bindings{Shapes: map[string]tensor.Shape{}, Values: map[string]*tensor.Tensor{}}
	for name, t := range in {
		b.Shapes[name] = t.Shape()
	}
	for {
		g, err := m.Graph(b)
		var unsupported *UnsupportedError
		if !errors.As(err, &unsupported) {
			return g, err
		}
		known := len(b.Values)
		for _, u := range unsupported.List {
			for _, name := range u.Needs {
				b.Values[name] = in[name]
			}
		}
		if len(b.Values) == known {
			return nil, err
		}
	}
}

func run(b backend.Backend, g *graph.Graph, in map[string]*tensor.Tensor) ([]*tensor.Tensor, error) {
	p, err := b.Compile(g)
	if err != nil {
		return nil, err
	}
	c := backend.NewCall(p, g)
	for name, t := range in {
		c.Set(name, t)
	}
	if err := c.Run(); err != nil {
		return nil, err
	}
	var out []*tensor.Tensor
	for _, o := range g.Outputs() {
		out = append(out, c.Output(o.Name))
	}
	return out, nil
}

// readTensors reads kind_0.pb and so on as native tensors, by the names of infos.
func readTensors(set, kind string, infos []Info) (map[string]*tensor.Tensor, error) {
	list := map[string]*tensor.Tensor{}
	for i, info := range infos {
		content, err := os.ReadFile(filepath.Join(set, fmt.Sprintf("%s_%d.pb", kind, i)))
		if os.IsNotExist(err) && kind == "input" {
			break
		}
		if err != nil {
			return nil, err
		}
		var p tensorProto
		if err := p.decode(content); err != nil {
			return nil, err
		}
		if info.Type == Bfloat16 && p.typ == Uint16 { // the tests for this type were written with an old NumPy
			p.typ = Bfloat16
		}
		t, err := p.tensor(nil)
		if err != nil {
			return nil, fmt.Errorf("%s %s: %w", kind, info.Name, err)
		}
		list[info.Name] = toNative(t, p.typ)
	}
	return list, nil
}

// toNative returns a tensor of a type that carries typ in the type that it has outside a graph.
func toNative(t *tensor.Tensor, typ DataType) *tensor.Tensor {
	g, err := graph.Trace(func(g *graph.Graph) { g.Output("y", value{n: g.Const(t), t: typ}.native()) })
	if err != nil {
		panic(err)
	}
	out := backend.Outputs(g)
	p, _ := ref.Backend{}.Compile(g)
	if err := p.Run(nil, out); err != nil {
		panic(err)
	}
	return out[0]
}

// compare returns an error unless each number is within atol + rtol |want|, and everything else equal.
func compare(got, want *tensor.Tensor, rtol, atol float64) error {
	if got.DType() != want.DType() || got.Shape() != want.Shape() {
		return fmt.Errorf("%v, want %v", got, want)
	}
	for i := range want.Size() {
		g, w := numberAt(got, i), numberAt(want, i)
		if g == w || g != g && w != w {
			continue
		}
		if !want.DType().IsFloat() || !(math.Abs(g-w) <= atol+rtol*math.Abs(w)) {
			return fmt.Errorf("element %d of %v is %v, want %v", i, want, g, w)
		}
	}
	return nil
}

func numberAt(t *tensor.Tensor, i int) float64 {
	if t.Size() == 0 {
		return 0
	}
	size := t.DType().Size()
	one := tensor.Wrap(t.DType(), tensor.Shape{}, t.Bytes()[i*size:(i+1)*size])
	f, err := tensor.Convert(one, tensor.F64)
	if err != nil {
		panic(err)
	}
	return f.F64()[0]
}
