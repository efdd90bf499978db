package nn

import (
	"strconv"

	"github.com/lince-ml/lince/graph"
)

// Seq applies layers one after the other, each in a sub-scope named by its place: "0", "1", ... (torch.nn.Sequential).
func Seq(layers ...Layer) Layer {
	return func(s Scope, x *graph.Node) *graph.Node {
		for i, l := range layers {
			x = Named(strconv.Itoa(i), l)(s, x)
		}
		return x
	}
}

// Chain applies layers one after the other in the scope itself: for layers that have names of their own or no parameters.
func Chain(layers ...Layer) Layer {
	return func(s Scope, x *graph.Node) *graph.Node {
		for _, l := range layers {
			x = l(s, x)
		}
		return x
	}
}
