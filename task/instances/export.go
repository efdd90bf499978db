package instances

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/tensor"
)

// The inputs, beside the features, and the output of the program of [Task.ExportMasks].
const (
	Boxes = "boxes" // in: f32 [K, 4], in pixels of the network's input
	Masks = "masks" // out: f32 [K, 28, 28], how sure the network is of each cell of the box
)

// Prediction returns the first program: that of the detector.
func (t Task) Prediction(n int) (*graph.Graph, error) { return t.Detect.Prediction(n) }

// Export returns that program for other runtimes. Its features are what [Task.ExportMasks] takes.
func (t Task) Export(n int, x task.Exchange) (*graph.Graph, error) { return t.Detect.Export(n, x) }

// ExportMasks returns the second program for other runtimes: the masks of k boxes in one image.
func (t Task) ExportMasks(k int) (*graph.Graph, error) {
	return graph.Trace(func(g *graph.Graph) {
		in := models.BoxesIn{Boxes: g.Input(Boxes, graph.F32(k, 4)), Features: t.Detect.FeaturesIn(g, 1)}
		for range in.Features {
			in.Images = append(in.Images, g.Fill(graph.TypeOf(tensor.I32, k), 0))
		}
		g.Output(Masks, t.masks(nn.NewScope(g, nn.Eval), in))
	})
}
