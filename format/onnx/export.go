package onnx

import (
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/atomicfile"
	"github.com/lince-ml/lince/internal/version"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// What exported files say of themselves: ONNX 1.12 and later read them.
const (
	exportIR    = 8
	exportOpset = 17
)

// maxFile is the largest size of a protobuf message, and so of a file with its weights inside.
const maxFile = math.MaxInt32

// A Program is a graph that is written for batches of any size.
type Program struct {
	Name     string            // of the graph
	Doc      string            // what a reader has to know to use it
	Metadata map[string]string // the file's metadata_props
	// Trace returns the program for batches of n. It is called for two sizes; what differs between the results is taken to be a
	// multiple of n.
	Trace func(n int) (*graph.Graph, error)
	// Weights are the values of those inputs of the program that become initializers, under the same names.
	Weights map[string]*tensor.Tensor
}

// Export writes p as an ONNX model: IR version 8, opset 17, the weights in the file, the batch size open under the name "N".
//
// Each op becomes the ONNX operator of its meaning; a bias and a batch normalisation behind a convolution or matrix product become part of
// it, and what depends on weights alone is computed. It is an error if an op has no ONNX form (the error lists all of them), if a shape
// depends on the batch size in a way that ONNX's Reshape cannot express, or if the file would be larger than 2 GB.
func Export(w io.Writer, p Program) error {
	m, err := p.encode()
	if err != nil {
		return fmt.Errorf("export to ONNX: %w", err)
	}
	if n := m.size(); n > maxFile {
		return fmt.Errorf("export to ONNX: the model takes %d bytes, an ONNX file holds at most %d (2 GB)", n, maxFile)
	}
	_, err = m.WriteTo(w)
	return err
}

// ExportFile writes p to path, as Export does: as a whole or, on an error, not at all.
func ExportFile(path string, p Program) error {
	return atomicfile.Write(path, func(w io.Writer) error { return Export(w, p) })
}

func (p Program) encode() (*message, error) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return nil, fmt.Errorf("not supported on big-endian machines")
	}
	g, err := p.Trace(traceBatches[0])
	if err != nil {
		return nil, err
	}
	if err := checkForms(g, p.Weights); err != nil {
		return nil, err
	}
	other, err := p.Trace(traceBatches[1])
	if err != nil {
		return nil, err
	}
	sizes, err := batchSizes(g, other)
	if err != nil {
		return nil, err
	}
	e := &exporter{
		weights: p.Weights, sizes: sizes, uses: map[*graph.Node]int{}, outputs: map[*graph.Node]string{}, values: map[*graph.Node]*exported{},
		names: map[string]bool{}, initialized: map[*tensor.Tensor]string{}, small: map[string]string{}, graph: &graphProto{name: p.Name},
	}
	if err := e.run(g); err != nil {
		return nil, err
	}
	m := &modelProto{
		irVersion: exportIR, producer: "lince", producerVersion: version.String(), doc: p.Doc, graph: e.graph,
		opsets: map[string]int64{"": exportOpset}, metadata: p.Metadata,
	}
	return m.encode(), nil
}

// An exporter makes the graph of a file.
type exporter struct {
	weights map[string]*tensor.Tensor
	sizes   map[*graph.Node][]size
	uses    map[*graph.Node]int    // how many nodes and outputs read a node
	outputs map[*graph.Node]string // the first output of the file that a node is
	values  map[*graph.Node]*exported

	graph       *graphProto
	names       map[string]bool // of values and nodes
	initialized map[*tensor.Tensor]string
	small       map[string]string // names of small initializers by their content
	batched     string            // the first input with a dimension of the batch size, which comes first
}

// An exported is what a node of the program is in the file: a value with a name, or what will become one when something reads it.
type exported struct {
	name     string
	constant *tensor.Tensor
	label    string // of a constant: the name of the weight that it comes from, "" if it comes from none
	affine   *affine
}

func (e *exporter) run(g *graph.Graph) error {
	live := g.Live()
	for _, n := range live {
		for _, in := range n.Ins() {
			e.uses[in]++
		}
	}
	for _, n := range g.Inputs() {
		name := n.Op().(graph.InputOp).Label
		if e.weights[name] != nil {
			continue
		}
		e.names[name] = true
		if s := e.sizes[n]; e.batched == "" && len(s) > 0 && s[0] == (size{1, true}) {
			e.batched = name
		}
	}
	for _, o := range g.Outputs() {
		e.uses[o.Node]++
		e.names[o.Name] = true
		if e.outputs[o.Node] == "" {
			e.outputs[o.Node] = o.Name
		}
	}
	for _, n := range live {
		if err := e.node(n); err != nil {
			return fmt.Errorf("%s: %w", place(n), err)
		}
	}
	for _, o := range g.Outputs() {
		if name := e.ref(o.Node); name != o.Name {
			e.add(e.unique(o.Name+".Identity"), o.Name, "Identity", []string{name}, nil)
		}
		e.graph.outputs = append(e.graph.outputs, e.info(o.Name, o.Node))
	}
	return nil
}

// place says which node an error is about.
func place(n *graph.Node) string {
	if n.Path() == "" {
		return n.Op().Name()
	}
	return n.Op().Name() + " in " + n.Path()
}

// node sets the value of n, whose inputs have theirs.
func (e *exporter) node(n *graph.Node) error {
	e.values[n] = &exported{}
	if in, ok := n.Op().(graph.InputOp); ok {
		return e.input(n, in.Label)
	}
	if e.fold(n) || e.absorb(n) {
		return nil
	}
	return forms[n.Op().Name()](e, n)
}

func (e *exporter) input(n *graph.Node, label string) error {
	t := e.weights[label]
	if t == nil {
		e.values[n].name = label
		e.graph.inputs = append(e.graph.inputs, e.info(label, n))
		return nil
	}
	if (graph.Type{DType: t.DType(), Shape: t.Shape()}) != n.Type() {
		return fmt.Errorf("%s is %v, its value %v", label, n.Type(), t)
	}
	e.values[n].constant, e.values[n].label = t, label
	return nil
}

// fold computes n if it depends on constants alone, and not on the batch size.
func (e *exporter) fold(n *graph.Node) bool {
	if slices.ContainsFunc(e.sizes[n], func(s size) bool { return s.perImage }) {
		return false
	}
	v := e.values[n]
	if c, ok := n.Op().(graph.ConstOp); ok {
		v.constant = c.Value
		return true
	}
	in := make([]*tensor.Tensor, len(n.Ins()))
	for i, a := range n.Ins() {
		if in[i] = e.values[a].constant; in[i] == nil {
			return false
		}
		if v.label == "" {
			v.label = e.values[a].label
		}
	}
	if _, ok := n.Op().(op.ReshapeOp); ok {
		v.constant = in[0].Reshape(n.Shape())
		return true
	}
	v.constant = tensor.New(n.DType(), n.Shape())
	n.Op().Eval(v.constant, in)
	return true
}

// ref returns the name of the value of n, which now is in the file.
func (e *exporter) ref(n *graph.Node) string {
	v := e.values[n]
	switch {
	case v.name != "":
	case v.constant != nil:
		v.name = e.initializer(v.constant, v.label)
	default:
		e.emitAffine(n, v.affine)
	}
	return v.name
}

func (e *exporter) refs(nodes []*graph.Node) []string {
	names := make([]string, len(nodes))
	for i, n := range nodes {
		names[i] = e.ref(n)
	}
	return names
}

// smallConstant is the size in bytes up to which constants without a name of their own are shared.
const smallConstant = 64

// initializer returns the name of the initializer with the value t.
func (e *exporter) initializer(t *tensor.Tensor, label string) string {
	if name, ok := e.initialized[t]; ok {
		return name
	}
	key := ""
	if label == "" {
		label = "constant"
		if len(t.Bytes()) <= smallConstant {
			key = fmt.Sprint(t, t.Bytes())
			if name, ok := e.small[key]; ok {
				return name
			}
		}
	}
	p := protoOf(e.unique(label), t)
	e.graph.initializers = append(e.graph.initializers, p)
	e.initialized[t] = p.name
	if key != "" {
		e.small[key] = p.name
	}
	return p.name
}

func protoOf(name string, t *tensor.Tensor) *tensorProto {
	p := &tensorProto{name: name, typ: dataTypeOf(t.DType()), raw: t.Bytes()}
	for _, d := range t.Shape().All() {
		p.dims = append(p.dims, int64(d))
	}
	return p
}

// ints returns the name of an initializer that holds integers.
func (e *exporter) ints(v ...int) string {
	return e.initializer(tensor.Of(tensor.ShapeOf(len(v)), int64s(v)...), "")
}

// scalar returns the name of an initializer that holds one number.
func (e *exporter) scalar(v float32) string { return e.initializer(tensor.Of(tensor.ShapeOf(), v), "") }

// emit adds the ONNX node whose result is n's value.
func (e *exporter) emit(n *graph.Node, operator string, inputs []string, attributes ...*attributeProto) {
	e.emitAt(n, n, operator, inputs, attributes...)
}

// emitAt does so under the name of another node.
func (e *exporter) emitAt(at, n *graph.Node, operator string, inputs []string, attributes ...*attributeProto) {
	v := e.values[n]
	if v.name = e.outputs[n]; v.name != "" {
		e.add(e.unique(nodeName(at, operator)), v.name, operator, inputs, attributes)
		return
	}
	v.name = e.step(at, operator, inputs, attributes...)
}

// step adds an ONNX node that makes a part of n, and returns the name of its result.
func (e *exporter) step(n *graph.Node, operator string, inputs []string, attributes ...*attributeProto) string {
	name := e.unique(nodeName(n, operator))
	e.add(name, name, operator, inputs, attributes)
	return name
}

func (e *exporter) add(name, output, operator string, inputs []string, attributes []*attributeProto) {
	e.graph.nodes = append(e.graph.nodes, &nodeProto{name: name, op: operator, inputs: inputs, outputs: []string{output}, attributes: attributes})
}

// nodeName returns a name such as "layer1.0.conv1.Conv".
func nodeName(n *graph.Node, operator string) string {
	return strings.TrimPrefix(n.Path()+"."+operator, ".")
}

// unique returns name, with a number behind it if it is taken.
func (e *exporter) unique(name string) string {
	free := name
	for i := 1; e.names[free]; i++ {
		free = fmt.Sprintf("%s_%d", name, i)
	}
	e.names[free] = true
	return free
}

// info describes an input or output of the file.
func (e *exporter) info(name string, n *graph.Node) *valueInfo {
	i := &valueInfo{name: name, typ: dataTypeOf(n.DType()), shape: true}
	for _, s := range e.sizes[n] {
		i.dims = append(i.dims, s.dim())
	}
	return i
}

// dataTypeOf returns the element type of a file that is d.
func dataTypeOf(d tensor.DType) DataType {
	for t := range dataTypes {
		if dataTypes[t].native == d {
			return DataType(t)
		}
	}
	return Undefined
}

// checkForms returns an error that lists the ops of g that ONNX does not have.
func checkForms(g *graph.Graph, weights map[string]*tensor.Tensor) error {
	count, first := map[string]int{}, map[string]string{}
	for _, n := range g.Live() {
		name := n.Op().Name()
		if _, input := n.Op().(graph.InputOp); input || forms[name] != nil {
			continue
		}
		if count[name]++; count[name] == 1 {
			first[name] = n.Path()
		}
	}
	if len(count) == 0 {
		return nil
	}
	var list []string
	for _, name := range slices.Sorted(maps.Keys(count)) {
		s := fmt.Sprintf("%s (%d times", name, count[name])
		if first[name] != "" {
			s += ", first in " + first[name]
		}
		list = append(list, s+")")
	}
	return fmt.Errorf("these ops have no ONNX form: %s", strings.Join(list, ", "))
}
