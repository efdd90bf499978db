package detect

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

// exportedHead reads an ONNX model that lince has exported: a row has what the embedded head has read, the box and the scores.
type exportedHead struct{ head }

func (exportedHead) columns(classes int) int { return 4 + classes }

func (exportedHead) read(out *graph.Node, _ *anchors, classes int) (quad, *graph.Node) {
	return columns(out, 0), op.Slice(out, 2, 4, 4+classes, 1)
}

// ofExported returns the task of an ONNX model.
func ofExported(m *modelfile.Model) (Task, error) {
	h, err := headOf(m.Architecture)
	if err != nil {
		return Task{}, err
	}
	if _, is := h.(rcnnHead); is {
		return Task{}, fmt.Errorf("an ONNX model of %s, which is not exported as one", m.Architecture)
	}
	net := models.Stages{Rows: func(s nn.Scope, x *graph.Node) (*graph.Node, []*graph.Node) { return m.Layer(s, x), nil }}
	return taskOf(exportedHead{h}, net, m.Input, m.Classes), nil
}
