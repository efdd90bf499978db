// Package localize is the task of saying which of several classes the thing in an image belongs to, and where it is: one class and one box from one network,
// which is any architecture for classification with four outputs more.
package localize

import (
	"errors"
	"fmt"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/task"
)

// Name is the name of the task in model files and results.
const Name = "localize"

// The names of the programs' outputs.
const (
	Logits        = "logits"        // f32 [N, classes], of Export
	Probabilities = "probabilities" // f32 [N, classes]
	Boxes         = "boxes"         // f32 [N, 4]: x0, y0, x1, y1 as shares of width and height
)

// A Task is the localisation of one thing per image by a network.
type Task struct {
	Net     nn.Layer // [N, C, H, W] to [N, classes + 4]: logits, then numbers whose sigmoids are the middle x, y, the width and the height of the box, as shares of the image's
	Input   modelfile.Input
	Classes []string
	corners bool // Net has the corners of the box in place of these numbers: an ONNX model that lince has exported
}

// Of returns the task that m has learned.
func Of(m *modelfile.Model) (Task, error) {
	if m.Task != Name {
		return Task{}, fmt.Errorf("a model for the task %s, expected one for %s", m.Task, Name)
	}
	net, err := m.Network()
	return Task{net, m.Input, m.Classes, m.Layer != nil}, err
}

// Prediction returns the program that computes the probabilities of the classes and the box of n images.
func (t Task) Prediction(n int) (*graph.Graph, error) {
	return graph.Trace(func(g *graph.Graph) {
		logits, boxes := t.network(nn.NewScope(g, nn.Eval), g, n)
		g.Output(Probabilities, op.Softmax(logits, 1))
		g.Output(Boxes, boxes)
	})
}

// Export returns the program that computes Logits and Boxes of n images for other runtimes, and Probabilities if x says so.
func (t Task) Export(n int, x task.Exchange) (*graph.Graph, error) {
	return graph.Trace(func(g *graph.Graph) {
		logits, boxes := t.split(t.Net(nn.NewScope(g, nn.Eval), x.Input(g, n, t.Input)))
		g.Output(Logits, logits)
		g.Output(Boxes, boxes)
		if x.Probabilities {
			g.Output(Probabilities, op.Softmax(logits, 1))
		}
	})
}

// network emits the network, from bytes on.
func (t Task) network(s nn.Scope, g *graph.Graph, n int) (logits, boxes *graph.Node) {
	return t.split(t.Net(s, task.Input(g, n, t.Input)))
}

// split takes the output y of the network apart.
func (t Task) split(y *graph.Node) (logits, boxes *graph.Node) {
	n, classes := y.Shape().Dim(0), len(t.Classes)
	if want := graph.F32(n, classes+4); y.Type() != want {
		graph.Fail("localize", fmt.Errorf("the network returns %v, expected %v: a logit per class and four numbers for the box", y.Type(), want), y)
	}
	if boxes = op.Slice(y, 1, classes, classes+4, 1); !t.corners {
		boxes = nn.BoxCorners(op.Sigmoid(boxes))
	}
	return op.Slice(y, 1, 0, classes, 1), boxes
}

// truth returns what is right for s: the class, -1 if nobody has said, and the box, nil if a transform has moved it out of the image.
func truth(s data.Sample) (class int, box *data.Box, err error) {
	switch {
	case len(s.Boxes) > 1:
		return 0, nil, fmt.Errorf("%d boxes, expected one: finding several things is the task detect", len(s.Boxes))
	case s.Boxes == nil:
		return 0, nil, errors.New("no box, expected one")
	case len(s.Boxes) == 0:
		return s.Label, nil, nil
	case s.Label < 0:
		return s.Boxes[0].Class, &s.Boxes[0], nil
	}
	return s.Label, &s.Boxes[0], nil
}
