package op

import "github.com/lince-ml/lince/graph"

// A Decomposer is an op that is also a small graph of simpler ones. A backend without a kernel of its own for the op
// may take it in parts, to fuse them with their neighbours.
type Decomposer interface {
	graph.Op
	// Decompose emits the parts on the given inputs and returns the result.
	Decompose(in []*graph.Node) *graph.Node
}
