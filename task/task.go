// Package task says what a task of vision is to those who train and measure it without knowing which one it is. Each task is a package below this one.
package task

import (
	"context"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/tensor"
)

// The names of inputs that every training program may have beside its answers. A data.Loader fills them by itself, since mixing images mixes labels.
const (
	Images  = "images"  // u8 [N, C, H, W]
	Labels  = "labels"  // i32 [N]: data.Batch.Y
	Targets = "targets" // f32 [N, classes]: data.Batch.Targets
)

// An Answer is an input of the training program that says what is right for a batch of images.
type Answer struct {
	Name string
	Type graph.Type // its first dimension is the batch
}

// Losses are what a training program computes, all of them scalars.
type Losses struct {
	Total *graph.Node // what is made small, a mean over the batch
	Parts []Part      // what the log says beside it
}

// A Part is a number for the log of a training: a part of the loss, under the name NAME_loss, or, if Count is set, how many images of the batch
// are right, of which the log has the share.
type Part struct {
	Name  string
	Node  *graph.Node
	Count bool
}

// A Learner is a network with its task, as training sees it.
type Learner interface {
	Name() string // of the task, such as "localize"
	// Answers lists the inputs that Encode fills, for a batch of n images; none if Labels or Targets say it all.
	Answers(n int) []Answer
	// Encode writes what is right for sample s, which is of the size that the network takes, into row i of each tensor of answers, in the order of
	// Answers. Several goroutines call it at once, for different batches. It is a function of s alone.
	Encode(s data.Sample, i int, answers []*tensor.Tensor) error
	// Training emits the network and its losses for n images. It declares Images and all that says what is right, each as an input.
	Training(s nn.Scope, g *graph.Graph, n int) Losses
	// Measurer measures with these weights. A live one sees what training does to them; otherwise they must not change, which is faster.
	Measurer(b backend.Backend, weights map[string]*tensor.Tensor, live bool) Measurer
	// Prediction traces what the network says of n images; of a network in stages, the program that looks at images.
	Prediction(n int) (*graph.Graph, error)
	// Export traces the same for other runtimes. It is an error if what the network says takes more than programs.
	Export(n int, x Exchange) (*graph.Graph, error)
}

// A Measurer measures a network on the images of a dataset, which must be of the size that it takes, loaded by the given number of
// workers (0: one per CPU).
type Measurer interface {
	Evaluate(ctx context.Context, d data.Dataset, workers int) (Report, error)
}

// A Report is a measurement.
type Report interface {
	Loss() float64 // the mean over the images; NaN if the task has none outside of training, infinity if the weights have diverged
	// Quantities are for the log of each epoch, and so quick to compute: shares from 0 to 1, of which more is better. The first one chooses the best epoch.
	Quantities() []metric.Quantity
	// Summary is all that there is to say in numbers.
	Summary() Summary
}

// A Thresholder is a Report that knows from which score on a model is best believed, 0 if from none: modelfile.Model.Threshold.
type Thresholder interface{ Threshold() float32 }

// A Summary is what is measured once, at the end of a training or by lince eval, in the form in which it is JSON.
type Summary interface {
	Images() int                   // measured
	Quantities() []metric.Quantity // for people, the most important first
}

// A Table is rows of text as people read it, for the page of a run and for the terminal. All columns but the first are numbers.
type Table struct {
	Title, Note string
	Header      []string
	Rows        [][]string
}

// A Tabler is a Summary that has tables, such as one of the classes.
type Tabler interface{ Tables() []Table }
