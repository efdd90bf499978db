package op

import "github.com/lince-ml/lince/graph"

// Add returns a + b, broadcast to a common shape; float32, i32, i64 and u32. It is package graph's, where
// differentiation needs it, and stands here beside the others.
func Add(a, b *graph.Node) *graph.Node { return graph.Add(a, b) }
