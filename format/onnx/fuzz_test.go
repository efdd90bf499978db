package onnx

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path"
	"runtime"
	"testing"

	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// seeds returns the models of testdata.
func seeds(f testing.TB) (models [][]byte) {
	f.Helper()
	for _, name := range []string{"testdata/nodes.tar.gz", "testdata/models.tar.gz"} {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		z, err := gzip.NewReader(bytes.NewReader(content))
		if err != nil {
			f.Fatal(err)
		}
		for r := tar.NewReader(z); ; {
			h, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				f.Fatal(err)
			}
			if path.Base(h.Name) != "model.onnx" || h.Size > 1<<14 {
				continue
			}
			model, err := io.ReadAll(r)
			if err != nil {
				f.Fatal(err)
			}
			models = append(models, model)
		}
	}
	return models
}

// FuzzModel reads damaged models and makes graphs of them. Nothing may panic, and reading may not take much more memory than the file has.
func FuzzModel(f *testing.F) {
	for _, model := range seeds(f) {
		f.Add(model)
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		m, err := Decode(content)
		runtime.ReadMemStats(&after)
		if used, most := after.TotalAlloc-before.TotalAlloc, 100*uint64(len(content))+1<<16; used > most {
			t.Errorf("reading %d bytes took %d", len(content), used)
		}
		if err != nil {
			return
		}
		m.Operators()
		m.Unsupported()
		shapes, err := m.Shapes(2, nil)
		if err != nil {
			return
		}
		if _, err := m.Graph(Bindings{Shapes: shapes}); err != nil && (err.Error() == "" || errors.Is(err, errBug)) {
			t.Errorf("an error without words, or a bug: %v", err)
		}
	})
}

// FuzzOperators changes operators, attributes, element types and sizes of good models. Building the graph may fail but not panic.
func FuzzOperators(f *testing.F) {
	models := seeds(f)
	names := sortedOperators("")
	for i := range len(models) {
		f.Add(uint64(i), uint64(1))
	}
	f.Fuzz(func(t *testing.T, which, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		m, err := Decode(models[which%uint64(len(models))])
		if err != nil {
			return
		}
		for i := range m.Inputs {
			varyInput(r, &m.Inputs[i])
		}
		for name, w := range m.initializers {
			m.initializers[name] = varyWeight(r, w)
		}
		for _, p := range m.graph.nodes {
			varyNode(r, p, names)
		}
		if r.IntN(4) == 0 {
			m.Opsets[""] = int64(1 + r.IntN(MaxOpset))
		}
		shapes, err := m.Shapes(r.IntN(4), nil)
		if err != nil {
			return
		}
		b := Bindings{Shapes: shapes, Values: map[string]*tensor.Tensor{}}
		for _, in := range m.Inputs { // some inputs are known
			if s := shapes[in.Name]; r.IntN(2) == 0 && in.Type.native() != tensor.Invalid && s.Size() < 1<<12 {
				b.Values[in.Name] = randomTensor(r, in.Type.native(), s)
			}
		}
		if _, err = m.Graph(b); errors.Is(err, errBug) {
			t.Fatal(err)
		}
	})
}

// extreme returns an integer of the kind that nobody expects.
func extreme(r *rand.Rand) int64 {
	return []int64{-1, 0, 1, 2, 3, 7, -2, -8, 8, 255, 1 << 20, 1 << 31, 1 << 40, math.MaxInt64, math.MinInt64}[r.IntN(15)]
}

func varyInput(r *rand.Rand, in *Info) {
	switch r.IntN(6) {
	case 0:
		in.Type = DataType(r.IntN(24))
	case 1:
		if len(in.Dims) > 0 {
			in.Dims[r.IntN(len(in.Dims))] = Dim{Size: r.IntN(6)}
		}
	case 2:
		if len(in.Dims) > 0 {
			in.Dims = in.Dims[1:]
		}
	case 3:
		if len(in.Dims) < tensor.MaxRank {
			in.Dims = append([]Dim{{Size: r.IntN(4)}}, in.Dims...)
		}
	}
	if in.Type.supported() != nil {
		in.Type = Float
	}
}

func varyWeight(r *rand.Rand, w weight) weight {
	if r.IntN(3) > 0 {
		return w
	}
	typ := DataType(r.IntN(24))
	if typ.supported() != nil {
		typ = w.typ
	}
	s := w.tensor.Shape()
	if s.Size() > 1<<12 || r.IntN(4) == 0 {
		s = tensor.ShapeOf(r.IntN(5))
	}
	return weight{typ, carried(randomTensor(r, typ.native(), s), typ)}
}

func randomTensor(r *rand.Rand, d tensor.DType, s tensor.Shape) *tensor.Tensor {
	t := tensor.New(tensor.I64, s)
	for i := range t.I64() {
		if t.I64()[i] = int64(r.IntN(4)); r.IntN(8) == 0 {
			t.I64()[i] = extreme(r)
		}
	}
	out := tensor.New(d, s)
	if d == tensor.I64 {
		return t
	}
	op.CastOp{To: d}.Eval(out, []*tensor.Tensor{t})
	return out
}

func varyNode(r *rand.Rand, p *nodeProto, names []operatorKey) {
	if r.IntN(5) == 0 {
		p.op = names[r.IntN(len(names))].name
	}
	if len(p.inputs) > 0 && r.IntN(5) == 0 {
		i := r.IntN(len(p.inputs))
		p.inputs[i] = []string{"", p.inputs[0], p.inputs[len(p.inputs)-1]}[r.IntN(3)]
	}
	if r.IntN(6) == 0 {
		p.inputs = append(p.inputs, p.inputs...)
	}
	for _, a := range p.attributes {
		if r.IntN(3) > 0 {
			continue
		}
		a.i = extreme(r)
		a.f = float32(extreme(r))
		for i := range a.ints {
			if r.IntN(2) == 0 {
				a.ints[i] = extreme(r)
			}
		}
		if len(a.ints) > 0 && r.IntN(4) == 0 {
			a.ints = a.ints[1:]
		}
	}
}
