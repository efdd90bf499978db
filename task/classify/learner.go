package classify

import (
	"context"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/tensor"
)

// A Learner is a Task with what its training makes small. It implements task.Learner.
type Learner struct {
	Task
	Objective Objective
}

// Name returns the name of the task.
func (l Learner) Name() string { return Name }

// Answers returns none: Labels and Targets say it all.
func (l Learner) Answers(int) []task.Answer { return nil }

// Encode does nothing.
func (l Learner) Encode(data.Sample, int, []*tensor.Tensor) error { return nil }

// Training is that of Task. The part counts the images that are classified rightly.
func (l Learner) Training(s nn.Scope, g *graph.Graph, n int) task.Losses {
	loss, correct := l.Task.Training(s, g, n, l.Objective)
	return task.Losses{Total: loss, Parts: []task.Part{{Name: "accuracy", Node: correct, Count: true}}}
}

// Measurer returns a Classifier.
func (l Learner) Measurer(b backend.Backend, weights map[string]*tensor.Tensor, live bool) task.Measurer {
	if live {
		return measurer{Live(b, l.Task, weights)}
	}
	return measurer{New(b, l.Task, weights)}
}

type measurer struct{ *Classifier }

func (m measurer) Evaluate(ctx context.Context, d data.Dataset, workers int) (task.Report, error) {
	r, err := m.Classifier.Evaluate(ctx, d, workers)
	if err != nil {
		return nil, err
	}
	return r, nil
}
