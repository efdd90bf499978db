package classify

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/task"
)

// Logits is the name of the output of [Task.Export].
const Logits = "logits"

// Export returns the program that computes the logits f32 [N, outputs] of n images for other runtimes, and Probabilities if x says so.
func (t Task) Export(n int, x task.Exchange) (*graph.Graph, error) {
	return graph.Trace(func(g *graph.Graph) {
		y := t.network(nn.NewScope(g, nn.Eval), x.Input(g, n, t.Input))
		g.Output(Logits, y)
		if x.Probabilities {
			g.Output(Probabilities, t.probabilities(t.scaled(y)))
		}
	})
}
