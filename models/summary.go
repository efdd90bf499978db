package models

import (
	"strings"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
)

// A Summary says what a network consists of.
type Summary struct {
	Layers     []LayerSummary
	Parameters int   // trainable numbers
	Auxiliary  int   // trainable numbers of the heads that the network has in training only; not part of Parameters
	FLOPs      int64 // of one run in evaluation mode; a multiply-add counts as two
	// MultiplyAdds are those of convolutions and matrix products: what papers and torchvision give as the cost of a network.
	MultiplyAdds int64
}

// A LayerSummary is what the nodes of one path do.
type LayerSummary struct {
	Path       string // such as "layer1.0.conv1"
	Op         string // the op that most of the arithmetic belongs to, such as "Conv2D"
	Output     graph.Type
	Parameters int
	FLOPs      int64
}

// Variables returns all variables that the network has for images [N, C, H, W] of the given type: those that it takes in training,
// with the parameters of auxiliary heads.
func Variables(net nn.Layer, input graph.Type) ([]nn.Variable, error) {
	const batch = 2 // the least that batch normalisation can be trained with
	dims := input.Shape.Dims()
	dims[0] = batch
	var vars []nn.Variable
	_, err := graph.Trace(func(g *graph.Graph) {
		s := nn.NewScope(g, nn.Train)
		net(s, g.Input("x", graph.TypeOf(input.DType, dims...)))
		vars = s.Variables()
	})
	return vars, err
}

// Summarize traces the network in evaluation mode on an input of the given type and returns what it consists of, layers in the
// order in which they run.
func Summarize(net nn.Layer, input graph.Type) (Summary, error) {
	var vars []nn.Variable
	g, err := graph.Trace(func(g *graph.Graph) {
		s := nn.NewScope(g, nn.Eval)
		g.Output("logits", net(s, g.Input("x", input)))
		vars = s.Variables()
	})
	if err != nil {
		return Summary{}, err
	}
	var sum Summary
	index := map[string]int{}  // of a path's layer
	most := map[string]int64{} // the cost of the op shown for it
	for _, n := range g.Live() {
		if len(n.Ins()) == 0 {
			continue // an input or a constant
		}
		i, known := index[n.Path()]
		if !known {
			i = len(sum.Layers)
			index[n.Path()] = i
			sum.Layers = append(sum.Layers, LayerSummary{Path: n.Path()})
		}
		l, cost := &sum.Layers[i], n.FLOPs()
		if l.Op == "" || cost > most[l.Path] {
			l.Op, most[l.Path] = n.Op().Name(), cost
		}
		l.Output = n.Type()
		l.FLOPs += cost
		sum.FLOPs += cost
		switch n.Op().(type) {
		case op.Conv2DOp, op.Conv2DInputGradOp, op.MatMulOp:
			sum.MultiplyAdds += cost / 2
		}
	}
	all, err := Variables(net, input)
	if err != nil {
		return Summary{}, err
	}
	sum.Parameters = size(nn.Trainable(vars))
	sum.Auxiliary = size(nn.Trainable(all)) - sum.Parameters
	for _, v := range nn.Trainable(vars) {
		if i, ok := index[v.Name[:max(0, strings.LastIndexByte(v.Name, '.'))]]; ok {
			sum.Layers[i].Parameters += v.Node.Shape().Size()
		}
	}
	return sum, nil
}

// size returns how many numbers vars have together.
func size(vars []nn.Variable) int {
	n := 0
	for _, v := range vars {
		n += v.Node.Shape().Size()
	}
	return n
}
