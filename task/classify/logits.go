package classify

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/task"
)

// Logits is the name of the output of [Task.Logits].
const Logits = "logits"

// An Exchange says how a program for other runtimes takes images and returns results. The zero value is what models from PyTorch's torchvision
// do: images that have been normalised in, logits out.
type Exchange struct {
	Pixels        bool // the images are pixels, 0 to 255, which the program normalises
	Probabilities bool // there is a second output, Probabilities, f32 [N, classes]
}

// Logits returns the program that computes the logits f32 [N, outputs] of n images: the input Images is f32 [N, C, H, W], unlike
// that of the task's other programs.
func (t Task) Logits(n int, x Exchange) (*graph.Graph, error) {
	return graph.Trace(func(g *graph.Graph) {
		images := g.Input(Images, graph.F32(n, t.Input.Channels, t.Input.Height, t.Input.Width))
		if x.Pixels {
			images = task.Normalize(images, t.Input)
		}
		y := t.network(nn.NewScope(g, nn.Eval), images)
		g.Output(Logits, y)
		if x.Probabilities {
			g.Output(Probabilities, t.probabilities(t.scaled(y)))
		}
	})
}
