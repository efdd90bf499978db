package nn

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

// Flatten keeps the first dimension and joins the others: [N, C, H, W] to [N, CHW].
func Flatten(_ Scope, x *graph.Node) *graph.Node { return op.Flatten(x, 1) }
