package nn

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

// Concat applies each branch to x, in the scope itself, and joins the results along their channels: [N, C1, H, W] and [N, C2, H, W]
// become [N, C1+C2, H, W].
func Concat(branches ...Layer) Layer {
	return func(s Scope, x *graph.Node) *graph.Node {
		ys := make([]*graph.Node, len(branches))
		for i, b := range branches {
			ys[i] = b(s, x)
		}
		return op.Concat(1, ys...)
	}
}
