// Package onnx reads models in the format of ONNX (https://onnx.ai, the Open Neural Network Exchange) and makes graphs of them: opsets 7
// to 23 of the default domain, and the quantised operators of com.microsoft.
//
//	m, err := onnx.Read("model.onnx")
//	shapes, err := m.Shapes(8, nil)                     // of the inputs, for batches of 8
//	g, err := m.Graph(onnx.Bindings{Shapes: shapes})    // weights are constants of g
//	p, err := backend.Compile(g)
//
// A graph has static shapes. What a file leaves open, such as the batch size, is bound when a graph is made, and all that depends on shapes
// alone is computed then. The registry of operators is filled by the files of their families, one function each, which
// composes the ops of package op. What cannot be built is listed, all of it: see [Unsupported].
//
// Element types. Graphs compute in float32, and float16, bfloat16 and float64 are carried as float32 too; inputs, outputs and Cast have the
// file's types. Integers of 8 bits are carried as float32 between quantising and dequantising, which is exact.
//
// A file is not trusted: decoding it takes memory in proportion to its size (some 40 times, if it consists of empty messages; hardly more
// than the size, for a model), no value of a graph may have more than [MaxElements] elements, what is computed while the graph is made has limits in
// all, and files with weights must lie in the model's folder.
package onnx

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/tensor"
)

// The range of versions of the default operator set that are read. Older ones than MinOpset are accepted as far as the operators in the file
// mean the same in them.
const (
	MinOpset = 7
	MaxOpset = 23
)

// A Model is the content of an ONNX file. It is not changed by anything, so several goroutines may use it.
type Model struct {
	IRVersion       int64
	Opsets          map[string]int64 // version of the operator set by domain; the default domain is ""
	Producer        string           // what wrote the file, such as "pytorch", and its version
	ProducerVersion string
	Domain          string
	ModelVersion    int64
	Doc             string
	Metadata        map[string]string
	Name            string // of the graph
	Inputs          []Info // those that have to be given: initializers that are listed as inputs are left out
	Outputs         []Info

	graph        *graphProto
	functions    map[functionKey]*functionProto
	initializers map[string]weight
}

type functionKey struct{ domain, name, overload string }

// A weight is an initializer.
type weight struct {
	typ    DataType
	tensor *tensor.Tensor
}

// An Info is what a file says of an input or output.
type Info struct {
	Name string
	Type DataType
	Dims []Dim // nil, with Ranked false, if the file does not say how many dimensions there are

	Ranked bool
}

// A Dim is the size of a dimension, or, with Size -1, one that the file leaves open, and the name that it gives it, if any.
type Dim struct {
	Size int
	Name string
}

// String returns for example "float32[batch 3 224 224]".
func (i Info) String() string {
	s := i.Type.String()
	if !i.Ranked {
		return s + "[...]"
	}
	s += "["
	for j, d := range i.Dims {
		if j > 0 {
			s += " "
		}
		s += d.String()
	}
	return s + "]"
}

// String returns the size, or else the name, or else "?".
func (d Dim) String() string {
	switch {
	case d.Size >= 0:
		return fmt.Sprint(d.Size)
	case d.Name != "":
		return d.Name
	}
	return "?"
}

// Named reports whether path has the name of an ONNX model: the format has no mark of its own.
func Named(path string) bool { return strings.EqualFold(filepath.Ext(path), ".onnx") }

// Read reads the model at path. Weights in other files must lie in its folder or below. Errors name path, and what is wrong in the file.
func Read(path string) (*Model, error) {
	f, info, err := format.OpenRegular(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	defer f.Close()
	content := make([]byte, info.Size())
	if _, err := io.ReadFull(f, content); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	folder, err := os.OpenRoot(filepath.Dir(path))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	defer folder.Close()
	m, err := decode(content, &externalFiles{folder: folder})
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return m, nil
}

// Decode reads a model from the bytes of a file, which has all its weights in itself.
func Decode(content []byte) (*Model, error) { return decode(content, nil) }

func decode(content []byte, files *externalFiles) (*Model, error) {
	var p modelProto
	if err := p.decode(content); err != nil {
		return nil, err
	}
	if p.graph == nil {
		return nil, fmt.Errorf("there is no graph in it: not an ONNX model?")
	}
	m := &Model{
		IRVersion: p.irVersion, Opsets: p.opsets, Producer: p.producer, ProducerVersion: p.producerVersion,
		Domain: p.domain, ModelVersion: p.modelVersion, Doc: p.doc, Metadata: p.metadata, Name: p.graph.name,
		graph: p.graph, functions: map[functionKey]*functionProto{}, initializers: map[string]weight{},
	}
	if err := m.checkOpsets(); err != nil {
		return nil, err
	}
	for _, f := range p.functions {
		m.functions[functionKey{f.domain, f.name, f.overload}] = f
	}
	if err := m.decodeInitializers(files); err != nil {
		return nil, err
	}
	return m, m.decodeSignature()
}

func (m *Model) checkOpsets() error {
	if len(m.Opsets) == 0 {
		return fmt.Errorf("it names no operator set: not an ONNX model?")
	}
	if v, ok := m.Opsets[""]; ok && (v < 1 || v > MaxOpset) {
		return fmt.Errorf("operator set %d, %d to %d expected", v, MinOpset, MaxOpset)
	}
	return nil
}

func (m *Model) decodeInitializers(files *externalFiles) error {
	if m.graph.sparse > 0 {
		return fmt.Errorf("%d sparse initializers, which are not supported", m.graph.sparse)
	}
	for _, p := range m.graph.initializers {
		if _, ok := m.initializers[p.name]; ok {
			return fmt.Errorf("there are two initializers called %q", p.name)
		}
		t, err := p.tensor(files)
		if err != nil {
			return fmt.Errorf("initializer %q: %w", p.name, err)
		}
		m.initializers[p.name] = weight{p.typ, t}
	}
	m.graph.initializers = nil
	return nil
}

// decodeSignature sets the inputs and outputs.
func (m *Model) decodeSignature() error {
	seen := map[string]bool{}
	for _, p := range m.graph.inputs {
		if _, ok := m.initializers[p.name]; ok { // before IR version 4, all were inputs too
			continue
		}
		if seen[p.name] {
			return fmt.Errorf("there are two inputs called %q", p.name)
		}
		seen[p.name] = true
		i, err := p.info()
		if err != nil {
			return fmt.Errorf("input %q: %w", p.name, err)
		}
		m.Inputs = append(m.Inputs, i)
	}
	clear(seen)
	for _, p := range m.graph.outputs {
		if seen[p.name] {
			return fmt.Errorf("there are two outputs called %q", p.name)
		}
		seen[p.name] = true
		i, err := p.info()
		if err != nil {
			return fmt.Errorf("output %q: %w", p.name, err)
		}
		m.Outputs = append(m.Outputs, i)
	}
	if len(m.Outputs) == 0 {
		return fmt.Errorf("the graph has no outputs")
	}
	return nil
}

func (i *valueInfo) info() (Info, error) {
	if i.kind != "tensor" {
		return Info{}, fmt.Errorf("is a %s, a tensor expected", i.kind)
	}
	if len(i.dims) > tensor.MaxRank {
		return Info{}, fmt.Errorf("has %d dimensions, at most %d are possible", len(i.dims), tensor.MaxRank)
	}
	for j, d := range i.dims {
		if d.Size < -1 {
			return Info{}, fmt.Errorf("size %d of dimension %d, 0 or more expected", d.Size, j)
		}
	}
	return Info{i.name, i.typ, i.dims, i.shape}, i.typ.supported()
}
