// Package nn builds neural networks: layers, the scopes from which they take their parameters, initialisers and losses.
//
// A layer is a function that adds nodes to a graph, so a network is a value made of functions:
//
//	net := nn.Seq(
//		nn.Conv(6, 5, nn.Pad(2)), nn.Tanh, nn.AvgPool(2),
//		nn.Flatten, nn.Dense(10))
//
// It has no sizes of its own until it is applied inside [graph.Trace] to a node, and it holds no parameters: applying it
// declares them as inputs of the program, under the names that torchvision gives them. Semantics are PyTorch's
// unless said otherwise; images are [N, C, H, W].
package nn

import "github.com/lince-ml/lince/graph"

// A Layer adds its nodes to the graph of x and takes its parameters from s. One layer value may be applied to several
// graphs, but only once to each scope. A misuse ends the trace with a *graph.Error.
type Layer func(s Scope, x *graph.Node) *graph.Node

// Named returns the layer that applies l in the sub-scope called name: the parameters of l have names that begin with
// "name.", and its nodes have that path.
func Named(name string, l Layer) Layer {
	return func(s Scope, x *graph.Node) (y *graph.Node) {
		x.Graph().Within(name, func() { y = l(s.Sub(name), x) })
		return y
	}
}
