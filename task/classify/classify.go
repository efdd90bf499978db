// Package classify is the task of saying which of several classes an image belongs to: what is trained and measured, from the
// bytes of the images to the loss and the probabilities.
package classify

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// Name is the name of the task in model files and results.
const Name = "classify"

// The names of the programs' inputs and outputs.
const (
	Images        = "images"        // in: u8 [N, C, H, W]
	Labels        = "labels"        // in: i32 [N]
	Loss          = "loss"          // out: f32, the mean over the batch when training, [N] when evaluating
	Correct       = "correct"       // out: f32, how many of the batch are classified rightly
	Probabilities = "probabilities" // out: f32 [N, classes]
)

// A Task is the classification of images by a network.
type Task struct {
	Net     nn.Layer // [N, C, H, W] to logits [N, Classes]
	Input   modelfile.Input
	Classes int
}

// Of returns the task that m has learned.
func Of(m *modelfile.Model) (Task, error) {
	net, err := m.Network()
	return Task{net, m.Input, len(m.Classes)}, err
}

// Training emits what is special to classification in a training step on a batch of n images: the mean loss, cross-entropy with the given
// label smoothing (see nn.CrossEntropy) plus those of auxiliary heads by their weights, and the number of images whose largest logit is that of their label.
func (t Task) Training(s nn.Scope, g *graph.Graph, n int, smoothing float32) (loss, correct *graph.Node) {
	logits, labels := t.logits(s, g, n), t.labels(g, n)
	right := op.Equal(op.ArgMax(logits, 1, false), op.Cast(labels, tensor.I64))
	loss = nn.CrossEntropy(logits, labels, smoothing)
	for _, head := range s.Auxiliaries() {
		loss = op.Add(loss, op.Mul(nn.CrossEntropy(head.Node, labels, smoothing), g.Scalar(float64(head.Weight))))
	}
	return loss, op.ReduceSum(op.Cast(right, tensor.F32), false)
}

// Evaluation returns the program that computes the probabilities and the loss, without smoothing, of each of n images with labels.
func (t Task) Evaluation(n int) (*graph.Graph, error) {
	return graph.Trace(func(g *graph.Graph) {
		logits := t.logits(nn.NewScope(g, nn.Eval), g, n)
		g.Output(Probabilities, op.Softmax(logits, 1))
		g.Output(Loss, op.SoftmaxCrossEntropy(logits, t.labels(g, n), 0))
	})
}

// Prediction returns the program that computes the probabilities of n images.
func (t Task) Prediction(n int) (*graph.Graph, error) {
	return graph.Trace(func(g *graph.Graph) {
		g.Output(Probabilities, op.Softmax(t.logits(nn.NewScope(g, nn.Eval), g, n), 1))
	})
}

func (t Task) labels(g *graph.Graph, n int) *graph.Node {
	return g.Input(Labels, graph.TypeOf(tensor.I32, n))
}

// logits emits the network, from bytes on.
func (t Task) logits(s nn.Scope, g *graph.Graph, n int) *graph.Node {
	bytes := g.Input(Images, graph.TypeOf(tensor.U8, n, t.Input.Channels, t.Input.Height, t.Input.Width))
	return t.network(s, normalize(bytes, t.Input))
}

// network emits the network, for images that have been normalised.
func (t Task) network(s nn.Scope, images *graph.Node) *graph.Node {
	y := t.Net(s, images)
	if want := graph.F32(images.Shape().Dim(0), t.Classes); y.Type() != want {
		graph.Fail("classify", fmt.Errorf("the network returns %v, expected %v: one logit per class", y.Type(), want), y)
	}
	return y
}

// normalize returns (x/255 - mean)/std by channel, as one multiplication and one addition.
func normalize(x *graph.Node, in modelfile.Input) *graph.Node {
	g := x.Graph()
	factor, offset := make([]float32, in.Channels), make([]float32, in.Channels)
	for c := range in.Channels {
		mean, std := float64(in.Mean[c]), float64(in.Std[c])
		factor[c], offset[c] = float32(1/(255*std)), float32(-mean/std)
	}
	perChannel := tensor.ShapeOf(1, in.Channels, 1, 1)
	scaled := op.Mul(op.Cast(x, tensor.F32), g.Const(tensor.Of(perChannel, factor...)))
	return op.Add(scaled, g.Const(tensor.Of(perChannel, offset...)))
}
