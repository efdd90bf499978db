package task

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
)

// An Exchange says how a program for other runtimes takes images and returns results. The zero value is what models from PyTorch's torchvision
// do: images that have been normalised in, logits out.
type Exchange struct {
	Pixels        bool // the images are pixels, 0 to 255, which the program normalises
	Probabilities bool // there is an output of probabilities, too, where there is one of logits
}

// Input declares Images as f32 [N, C, H, W], unlike lince's own programs, and returns what the network sees of them.
func (x Exchange) Input(g *graph.Graph, n int, in modelfile.Input) *graph.Node {
	images := g.Input(Images, graph.F32(n, in.Channels, in.Height, in.Width))
	if x.Pixels {
		return Normalize(images, in)
	}
	return images
}
