package modelfile

import (
	"fmt"
	"slices"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// An onnxTask says how the outputs of an ONNX model become what the network of a task returns.
type onnxTask struct {
	outputs  []string // their names, as lince exports them; none: the first one, whatever its name
	expected string
	classes  func(shapes ...tensor.Shape) int // how many there are, by the outputs' shapes for one image; 0 if these are none of the task
	join     func(outputs []*graph.Node) *graph.Node
}

// onnxTasks are those of which ONNX models are used. The masks of instances are in a second file.
var onnxTasks = map[string]onnxTask{
	"classify": {
		expected: "a number for each of two classes or more",
		classes: func(s ...tensor.Shape) int {
			if n := s[0].Size(); s[0].Rank() >= 2 && s[0].Dim(0) == 1 && s[0].Dim(1) == n {
				return n
			}
			return 0
		},
		join: func(out []*graph.Node) *graph.Node {
			y := logits(out[0])
			n := out[0].Shape().Dim(0)
			return op.Reshape(y, n, y.Shape().Size()/n)
		},
	},
	"localize": {
		outputs: []string{"logits", "boxes"}, expected: "logits [N classes] and boxes [N 4]",
		classes: func(s ...tensor.Shape) int {
			if s[0].Rank() == 2 && s[1] == tensor.ShapeOf(1, 4) {
				return s[0].Dim(1)
			}
			return 0
		},
		join: func(out []*graph.Node) *graph.Node { return op.Concat(1, out...) },
	},
	"detect": {
		outputs: []string{"boxes", "scores"}, expected: "boxes [N A 4] and scores [N A classes]",
		classes: func(s ...tensor.Shape) int {
			if s[1].Rank() == 3 && s[0] == s[1].With(2, 4) {
				return s[1].Dim(2)
			}
			return 0
		},
		join: func(out []*graph.Node) *graph.Node { return op.Concat(2, out...) },
	},
	"segment": {
		outputs: []string{"logits"}, expected: "logits [N classes H W]",
		classes: func(s ...tensor.Shape) int {
			if s[0].Rank() == 4 {
				return s[0].Dim(1)
			}
			return 0
		},
		join: func(out []*graph.Node) *graph.Node { return out[0] },
	},
}

// find returns those outputs of g that the task reads.
func (t onnxTask) find(g *graph.Graph) ([]graph.Output, error) {
	all := g.Outputs()
	if t.outputs == nil {
		return all[:1], nil
	}
	var list []graph.Output
	for _, name := range t.outputs {
		i := slices.IndexFunc(all, func(o graph.Output) bool { return o.Name == name })
		if i < 0 {
			return nil, fmt.Errorf("no output %q, expected %s, as lince exports them", name, t.expected)
		}
		list = append(list, all[i])
	}
	return list, nil
}
