// Package segment is the task of saying which of several classes each pixel of an image belongs to.
package segment

import (
	"fmt"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/tensor"
)

// Name is the name of the task in model files and results.
const Name = "segment"

// The names of the programs' inputs and outputs, beside task.Images.
const (
	Pixels  = "pixels"  // in: i32 [N, H, W], the class of each pixel, -1 where it is not known
	Weights = "weights" // in: f32 [N, H, W], how much each pixel counts in training
	Logits  = "logits"  // out: f32 [N, classes, H, W]
	Sums    = "sums"    // out: f32 [N], the cross-entropy of each image's known pixels, added up

	Probabilities = "probabilities" // out, of Export: f32 [N, classes, H, W]
)

// A Task is the segmentation of images by a network.
type Task struct {
	Net     nn.Layer // [N, C, H, W] to logits [N, classes, H, W]
	Input   modelfile.Input
	Classes []string
}

// Of returns the task that m has learned.
func Of(m *modelfile.Model) (Task, error) {
	if m.Task != Name {
		return Task{}, fmt.Errorf("a model for the task %s, expected one for %s", m.Task, Name)
	}
	net, err := m.Network()
	return Task{net, m.Input, m.Classes}, err
}

// Prediction returns the program that computes the logits of n images.
func (t Task) Prediction(n int) (*graph.Graph, error) {
	return graph.Trace(func(g *graph.Graph) { g.Output(Logits, t.logits(nn.NewScope(g, nn.Eval), g, n)) })
}

// Export returns the program that computes Logits of n images for other runtimes, and Probabilities if x says so.
func (t Task) Export(n int, x task.Exchange) (*graph.Graph, error) {
	return graph.Trace(func(g *graph.Graph) {
		y := t.check(t.Net(nn.NewScope(g, nn.Eval), x.Input(g, n, t.Input)), n)
		g.Output(Logits, y)
		if x.Probabilities {
			g.Output(Probabilities, op.Softmax(y, 1))
		}
	})
}

// Evaluation returns the program that computes logits and Sums of n images.
func (t Task) Evaluation(n int) (*graph.Graph, error) {
	return graph.Trace(func(g *graph.Graph) {
		logits := t.logits(nn.NewScope(g, nn.Eval), g, n)
		pixels := g.Input(Pixels, t.pixels(n))
		g.Output(Logits, logits)
		g.Output(Sums, op.Neg(op.ReduceSum(truthLog(op.LogSoftmax(logits, 1), t.planes(pixels)), false, 1, 2)))
	})
}

// pixels returns the type of the input Pixels.
func (t Task) pixels(n int) graph.Type {
	return graph.TypeOf(tensor.I32, n, t.Input.Height, t.Input.Width)
}

// planes returns, for each class, where it is: 1 or 0, [N, classes, H, W].
func (t Task) planes(pixels *graph.Node) *graph.Node { return op.OneHotAt(pixels, len(t.Classes), 1) }

// logits emits the network, from bytes on.
func (t Task) logits(s nn.Scope, g *graph.Graph, n int) *graph.Node {
	return t.check(t.Net(s, task.Input(g, n, t.Input)), n)
}

// check returns y, if it is what the network should return.
func (t Task) check(y *graph.Node, n int) *graph.Node {
	if want := graph.F32(n, len(t.Classes), t.Input.Height, t.Input.Width); y.Type() != want {
		graph.Fail("segment", fmt.Errorf("the network returns %v, expected %v: a logit for each class and pixel", y.Type(), want), y)
	}
	return y
}

// encode writes the class of each pixel of s to dst, -1 where it is not known.
func (t Task) encode(s data.Sample, dst []int32) error {
	switch {
	case s.Mask == nil:
		return fmt.Errorf("no mask, expected a class for each pixel")
	case s.Mask.H != t.Input.Height || s.Mask.W != t.Input.Width:
		return fmt.Errorf("a mask of %dx%d pixels, expected %dx%d (height by width)", s.Mask.H, s.Mask.W, t.Input.Height, t.Input.Width)
	}
	for i, class := range s.Mask.Pix {
		switch {
		case class == data.Ignore:
			dst[i] = -1
		case int(class) < len(t.Classes):
			dst[i] = int32(class)
		default:
			return fmt.Errorf("pixel (%d, %d) of the mask is of class %d, expected 0 to %d, or %d for none", i/s.Mask.W, i%s.Mask.W, class, len(t.Classes)-1, data.Ignore)
		}
	}
	return nil
}
