package segment

import (
	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/tensor"
)

// A Learner is a Task with what its training makes small. It implements task.Learner.
type Learner struct {
	Task
	Objective
}

// Name returns the name of the task.
func (l Learner) Name() string { return Name }

// Answers lists Pixels and Weights.
func (l Learner) Answers(n int) []task.Answer {
	return []task.Answer{{Name: Pixels, Type: l.pixels(n)}, {Name: Weights, Type: graph.F32(n, l.Input.Height, l.Input.Width)}}
}

// Encode writes the class of each pixel of s, and how much it counts.
func (l Learner) Encode(s data.Sample, i int, answers []*tensor.Tensor) error {
	size := l.Input.Height * l.Input.Width
	pixels := answers[0].I32()[i*size:][:size]
	if err := l.encode(s, pixels); err != nil {
		return err
	}
	l.pixelWeights(pixels, answers[1].F32()[i*size:][:size])
	return nil
}

// Training emits the loss, with those of auxiliary heads by their weights.
func (l Learner) Training(s nn.Scope, g *graph.Graph, n int) task.Losses {
	var in []*graph.Node
	for _, a := range l.Answers(n) {
		in = append(in, g.Input(a.Name, a.Type))
	}
	planes := l.planes(in[0])
	total := l.loss(l.logits(s, g, n), planes, in[1])
	for _, head := range s.Auxiliaries() {
		loss := l.loss(l.check(head.Node, n), planes, in[1])
		total = op.Add(total, op.Mul(loss, g.Scalar(float64(head.Weight))))
	}
	return task.Losses{Total: total}
}

// Measurer returns a Segmenter.
func (l Learner) Measurer(b backend.Backend, weights map[string]*tensor.Tensor, live bool) task.Measurer {
	return newSegmenter(b, l.Task, weights, live)
}
