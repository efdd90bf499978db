package modelfile

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/lince-ml/lince/format/onnx"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// usualSide is the height and width of the images where an ONNX model leaves them open.
const usualSide = 224

// onnxModel returns the ONNX model at path: one that lince has exported, or a classifier. It must have one input, a batch of images [N, C, H, W], or
// [N, H, W, C] as from TensorFlow. The first output of a classifier must be logits or probabilities [N, classes]. Other models can be inspected, but not used.
func (im *Import) onnxModel(path string) (*Model, string, error) {
	f, err := onnx.Read(path)
	if err != nil {
		return nil, "", err
	}
	if im.Architecture != "" {
		return nil, "", fmt.Errorf("read %s: an ONNX model is an architecture of its own, expected none besides", path)
	}
	m, assumed, err := im.exported(f)
	if err != nil {
		return nil, "", fmt.Errorf("read %s: %w", path, err)
	}
	return m, assumed, nil
}

func (im *Import) exported(f *onnx.Model) (*Model, string, error) {
	x, err := imagesOf(f)
	if err != nil {
		return nil, "", err
	}
	m := &Model{
		Task: x.name, Architecture: "onnx", Layer: x.layer, Classes: im.Classes,
		Input: Input{Channels: x.dims[x.channel], Height: x.dims[2], Width: x.dims[3], Mean: im.Mean, Std: im.Std, Border: anyBorder},
	}
	if x.channel == 3 {
		m.Input.Height, m.Input.Width = x.dims[1], x.dims[2]
	}
	if m.Task == "detect" {
		m.Architecture = f.Metadata["architecture"] // says how pictures are fitted, and where the anchors are
	}
	said := []string{"an ONNX model"}
	if noted := m.describedBy(f.Metadata); noted != nil {
		said[0] += " (its own: " + strings.Join(noted, ", ") + ")"
	}
	outputs, err := x.outputs(m.Kind)
	if err != nil {
		return nil, "", err
	}
	if len(m.Classes) == 0 {
		said = append(said, m.nameClasses(outputs, imageNet()))
	}
	if m.Input.Mean == nil && m.Input.Std == nil {
		said = append(said, m.normalize(usageOf(imageNet())))
	}
	if m.Kind.Outputs(len(m.Classes)) != outputs {
		return nil, "", fmt.Errorf("a model for %d classes, %d names of classes", outputs, len(m.Classes))
	}
	return m, strings.Join(said, ", "), m.check()
}

// describedBy takes from the notes of a model that lince has exported what nobody has said, and returns what that is.
func (m *Model) describedBy(notes map[string]string) (noted []string) {
	for _, k := range []struct {
		key  string
		open bool
		to   any
	}{
		{"classes", m.Classes == nil, &m.Classes}, {"mean", m.Input.Mean == nil, &m.Input.Mean}, {"std", m.Input.Std == nil, &m.Input.Std},
		{"kind", true, &m.Kind}, {"temperature", true, &m.Temperature}, {"thresholds", true, &m.Thresholds},
		{"threshold", true, &m.Threshold}, {"border", true, &m.Input.Border}, {"resize", true, &m.Input.Resize},
	} {
		if text, ok := notes[k.key]; ok && k.open && json.Unmarshal([]byte(text), k.to) == nil && k.key != "kind" {
			noted = append(noted, k.key)
		}
	}
	if m.Kind == Kind(Multiclass.String()) {
		m.Kind = Multiclass
	}
	return noted
}

// An onnxImages is an ONNX model that takes images.
type onnxImages struct {
	file    *onnx.Model
	name    string // of the task: the one that the file names, or classify
	task    onnxTask
	input   string
	dims    [4]int // of the input; the first is 0 if it takes batches of any size
	channel int    // which of them is the channels
}

func imagesOf(f *onnx.Model) (*onnxImages, error) {
	if len(f.Inputs) != 1 || len(f.Inputs[0].Dims) != 4 || f.Inputs[0].Type != onnx.Float || len(f.Outputs) == 0 {
		var list []string
		for _, in := range f.Inputs {
			list = append(list, in.Name+" "+in.String())
		}
		return nil, fmt.Errorf("a model with the inputs %s; expected one, float32 images [N C H W] or [N H W C]", strings.Join(list, ", "))
	}
	x := &onnxImages{file: f, name: cmp.Or(f.Metadata["task"], "classify"), input: f.Inputs[0].Name, channel: 1}
	var ok bool
	if x.task, ok = onnxTasks[x.name]; !ok {
		return nil, fmt.Errorf("a model for the task %q: ONNX models for %s are used; for others, take the model that was exported",
			x.name, strings.Join(slices.Sorted(maps.Keys(onnxTasks)), ", "))
	}
	for i, d := range f.Inputs[0].Dims {
		x.dims[i] = max(d.Size, 0)
	}
	if x.dims[3] == 1 || x.dims[3] == 3 && x.dims[1] != 3 {
		x.channel = 3
	}
	for i := 1; i < 4; i++ {
		if x.dims[i] == 0 && i == x.channel {
			x.dims[i] = 3
		} else if x.dims[i] == 0 {
			x.dims[i] = usualSide
		}
	}
	return x, nil
}

// outputs builds the graph of one image, and returns the number of logits of a model of the kind.
func (x *onnxImages) outputs(kind Kind) (int, error) {
	g, err := x.graph(1)
	if err != nil {
		return 0, err
	}
	list, err := x.task.find(g)
	if err != nil {
		return 0, err
	}
	shapes := make([]tensor.Shape, len(list))
	for i, o := range list {
		shapes[i] = o.Node.Shape()
	}
	n := x.task.classes(shapes...)
	if n < 1 || n < 2 && x.name == "classify" && kind == Multiclass {
		return 0, fmt.Errorf("the output %q has the shape %v for one image; expected %s", list[0].Name, shapes[0], x.task.expected)
	}
	return n, nil
}

func (x *onnxImages) graph(n int) (*graph.Graph, error) {
	dims := x.dims
	if dims[0] == 0 {
		dims[0] = n
	}
	return x.file.Graph(onnx.Bindings{Shapes: map[string]tensor.Shape{x.input: tensor.ShapeOf(dims[:]...)}})
}

// layer adds the model to the graph of images. Where the file takes batches of another size, such as one image, it is added for each such
// batch.
func (x *onnxImages) layer(_ nn.Scope, images *graph.Node) *graph.Node {
	if x.channel == 3 {
		images = op.Transpose(images, 0, 2, 3, 1)
	}
	n := images.Shape().Dim(0)
	g, err := x.graph(n)
	if err != nil {
		graph.Fail("onnx", err, images)
	}
	list, err := x.task.find(g)
	if err != nil {
		graph.Fail("onnx", err, images)
	}
	each := n
	if x.dims[0] > 0 {
		each = x.dims[0]
	}
	if n%each != 0 {
		graph.Fail("onnx", fmt.Errorf("%d images for a model that takes batches of %d", n, each), images)
	}
	var parts []*graph.Node
	for at := 0; at < n; at += each {
		parts = append(parts, x.task.join(inline(g, list, op.Slice(images, 0, at, at+each, 1))))
	}
	return op.Concat(0, parts...)
}

// inline adds the nodes of g to the graph of x, its only input, and returns the outputs in list.
func inline(g *graph.Graph, list []graph.Output, x *graph.Node) []*graph.Node {
	of := map[*graph.Node]*graph.Node{}
	for _, n := range g.Live() {
		switch o := n.Op().(type) {
		case graph.InputOp:
			of[n] = x
		case graph.ConstOp:
			of[n] = x.Graph().Const(o.Value)
		case graph.FillOp:
			of[n] = x.Graph().Fill(n.Type(), o.Value)
		default:
			in := make([]*graph.Node, len(n.Ins()))
			for i, a := range n.Ins() {
				in[i] = of[a]
			}
			of[n] = graph.Apply(o, in...)
		}
	}
	nodes := make([]*graph.Node, len(list))
	for i, o := range list {
		nodes[i] = of[o.Node]
	}
	return nodes
}

// logits returns what the probabilities y are made of, or y itself if it does not end in a softmax. A reshape may come after that.
func logits(y *graph.Node) *graph.Node {
	for n := y; len(n.Ins()) > 0; n = n.In(0) {
		switch n.Op().(type) {
		case op.SoftmaxOp:
			return n.In(0)
		case op.ReshapeOp:
		default:
			return y
		}
	}
	return y
}
