// Package classify is the task of saying which of several classes an image belongs to: what is trained and measured, from the
// bytes of the images to the loss and the probabilities.
package classify

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/tensor"
)

// Name is the name of the task in model files and results.
const Name = "classify"

// The names of the programs' inputs and outputs.
const (
	Images        = task.Images     // in: u8 [N, C, H, W]
	Labels        = task.Labels     // in: i32 [N], unless Targets are
	Targets       = task.Targets    // in: f32 [N, classes], how much of each class an image is: where it may have several, and for mixtures
	Loss          = "loss"          // out: f32 [N]
	Probabilities = "probabilities" // out: f32 [N, classes]
)

// A Task is the classification of images by a network.
type Task struct {
	Net         nn.Layer // [N, C, H, W] to logits [N, Kind.Outputs(Classes)]
	Input       modelfile.Input
	Classes     int
	Kind        modelfile.Kind
	Temperature float64   // what the logits are divided by outside of training; 0 stands for 1
	Thresholds  []float32 // of several labels: the probability from which on an image has the class; nil stands for 0.5
}

// Of returns the task that m has learned.
func Of(m *modelfile.Model) (Task, error) {
	if m.Task != Name {
		return Task{}, fmt.Errorf("a model for the task %s, expected one for %s", m.Task, Name)
	}
	net, err := m.Network()
	return Task{net, m.Input, len(m.Classes), m.Kind, m.Temperature, m.Thresholds}, err
}

// answers are what is right for a batch: one of both.
type answers struct {
	labels  *graph.Node // i32 [N]
	targets *graph.Node // f32 [N, classes]
}

func (t Task) answers(g *graph.Graph, n int, mixed bool) answers {
	if t.Kind == modelfile.Multilabel || mixed {
		return answers{targets: g.Input(Targets, graph.F32(n, t.Classes))}
	}
	return answers{labels: g.Input(Labels, graph.TypeOf(tensor.I32, n))}
}

// Training emits what is special to classification in a training step on a batch of n images: the mean loss, plus those of auxiliary
// heads by their weights, and the number of images that are classified rightly: of mixtures, as the larger part; of images with several labels,
// as those with half of the probability.
func (t Task) Training(s nn.Scope, g *graph.Graph, n int, l Objective) (loss, correct *graph.Node) {
	logits, y := t.logits(s, g, n), t.answers(g, n, l.Mixed)
	loss = t.loss(logits, y, l)
	for _, head := range s.Auxiliaries() {
		loss = op.Add(loss, op.Mul(t.loss(head.Node, y, l), g.Scalar(float64(head.Weight))))
	}
	return loss, op.ReduceSum(op.Cast(t.right(logits, y), tensor.F32), false)
}

// right emits which images are classified rightly, bool [N].
func (t Task) right(logits *graph.Node, y answers) *graph.Node {
	g := logits.Graph()
	if t.Kind == modelfile.Multiclass {
		want := y.targets
		if want != nil {
			want = op.ArgMax(want, 1, false)
		} else {
			want = op.Cast(y.labels, tensor.I64)
		}
		return op.Equal(op.ArgMax(logits, 1, false), want)
	}
	said := op.Cast(op.Greater(logits, g.Scalar(0)), tensor.F32)
	has := op.Cast(op.Greater(t.sigmoidTarget(y), g.Scalar(0.5)), tensor.F32)
	wrong := op.ReduceSum(op.Abs(op.Sub(said, has)), false, 1)
	return op.Equal(wrong, g.Fill(wrong.Type(), 0))
}

// Evaluation returns the program that computes the probabilities and the loss, without smoothing or weights, of each of n images with
// labels. The loss of several labels is the mean of theirs.
func (t Task) Evaluation(n int) (*graph.Graph, error) {
	return graph.Trace(func(g *graph.Graph) {
		logits, y := t.scaled(t.logits(nn.NewScope(g, nn.Eval), g, n)), t.answers(g, n, false)
		g.Output(Probabilities, t.probabilities(logits))
		if t.Kind == modelfile.Multiclass {
			g.Output(Loss, op.SoftmaxCrossEntropy(logits, y.labels, 0))
			return
		}
		g.Output(Loss, op.ReduceMean(op.BCEWithLogits(logits, t.sigmoidTarget(y)), false, 1))
	})
}

// Prediction returns the program that computes the probabilities of n images.
func (t Task) Prediction(n int) (*graph.Graph, error) {
	return graph.Trace(func(g *graph.Graph) {
		g.Output(Probabilities, t.probabilities(t.scaled(t.logits(nn.NewScope(g, nn.Eval), g, n))))
	})
}

// scaled divides logits by the temperature.
func (t Task) scaled(logits *graph.Node) *graph.Node {
	if t.Temperature == 0 || t.Temperature == 1 {
		return logits
	}
	return op.Mul(logits, logits.Graph().Scalar(1/t.Temperature))
}

// probabilities returns those of all classes, [N, classes].
func (t Task) probabilities(logits *graph.Node) *graph.Node {
	switch t.Kind {
	case modelfile.Binary:
		return op.Concat(1, op.Sigmoid(op.Neg(logits)), op.Sigmoid(logits))
	case modelfile.Multilabel:
		return op.Sigmoid(logits)
	}
	return op.Softmax(logits, 1)
}

// logits emits the network, from bytes on.
func (t Task) logits(s nn.Scope, g *graph.Graph, n int) *graph.Node {
	return t.network(s, task.Input(g, n, t.Input))
}

// network emits the network, for images that have been normalised.
func (t Task) network(s nn.Scope, images *graph.Node) *graph.Node {
	y := t.Net(s, images)
	if want := graph.F32(images.Shape().Dim(0), t.Kind.Outputs(t.Classes)); y.Type() != want {
		graph.Fail("classify", fmt.Errorf("the network returns %v, expected %v: one logit per class", y.Type(), want), y)
	}
	return y
}
