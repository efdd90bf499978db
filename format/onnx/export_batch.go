package onnx

import (
	"bytes"
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

// Graphs are static, files are for any batch size. So a program is traced for two sizes of the batch: the two graphs must be the same ops on the same
// inputs, with the same attributes, and each dimension must either be the same in both or have the same multiple of the batch size. The
// operators that are written then compute both; and none of what is written depends on the batch size, but through the shape of the input.

// traceBatches are the two sizes. They are not 1, which would broadcast, and have no common factor.
var traceBatches = [2]int{2, 3}

// A size is that of a dimension.
type size struct {
	n        int
	perImage bool // n times the batch size
}

// dim returns the size as files state it.
func (s size) dim() Dim {
	switch {
	case !s.perImage:
		return Dim{Size: s.n}
	case s.n == 1:
		return Dim{Size: -1, Name: "N"}
	}
	return Dim{Size: -1, Name: fmt.Sprintf("%d*N", s.n)}
}

// batchSizes returns the sizes of the dimensions of g's nodes, where g and other are traces for the two batch sizes.
func batchSizes(g, other *graph.Graph) (map[*graph.Node][]size, error) {
	a, b := g.Live(), other.Live()
	if len(a) != len(b) {
		return nil, fmt.Errorf("the program is not the same for all batch sizes: %d nodes for batches of %d, %d for batches of %d",
			len(a), traceBatches[0], len(b), traceBatches[1])
	}
	sizes, twin := map[*graph.Node][]size{}, map[*graph.Node]*graph.Node{}
	for i, n := range a {
		twin[n] = b[i]
		if !sameNode(n, b[i], twin) {
			return nil, fmt.Errorf("%s: the program is not the same for all batch sizes", place(n))
		}
		s, err := sizesOf(n, b[i])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", place(n), err)
		}
		sizes[n] = s
	}
	for i, o := range g.Outputs() {
		if p := other.Outputs()[i]; p.Name != o.Name || p.Node != twin[o.Node] {
			return nil, fmt.Errorf("output %s is not the same for all batch sizes", o.Name)
		}
	}
	return sizes, nil
}

// sameNode reports whether two nodes compute the same, but for the size of the batch.
func sameNode(n, m *graph.Node, twin map[*graph.Node]*graph.Node) bool {
	if n.DType() != m.DType() || len(n.Ins()) != len(m.Ins()) {
		return false
	}
	for i, in := range n.Ins() {
		if twin[in] != m.In(i) {
			return false
		}
	}
	switch o := n.Op().(type) {
	case graph.InputOp:
		p, ok := m.Op().(graph.InputOp)
		return ok && o.Label == p.Label
	case graph.FillOp:
		p, ok := m.Op().(graph.FillOp)
		return ok && o.Value == p.Value
	case graph.ConstOp:
		p, ok := m.Op().(graph.ConstOp)
		return ok && bytes.Equal(o.Value.Bytes(), p.Value.Bytes())
	case op.ReshapeOp, graph.ExpandOp: // their shapes are those of the results
		return n.Op().Name() == m.Op().Name()
	}
	return n.Op() == m.Op()
}

// sizesOf returns the sizes of the dimensions of the same node for the two batch sizes.
func sizesOf(n, m *graph.Node) ([]size, error) {
	s, t := n.Shape(), m.Shape()
	bad := s.Rank() != t.Rank()
	var list []size
	for i, d := range s.All() {
		switch {
		case bad:
		case d == t.Dim(i):
			list = append(list, size{d, false})
		case d*traceBatches[1] == t.Dim(i)*traceBatches[0]:
			list = append(list, size{d / traceBatches[0], true})
		default:
			bad = true
		}
	}
	if bad {
		return nil, fmt.Errorf("shape %v for batches of %d and %v for batches of %d: no dimension may depend on the batch size other than as a multiple",
			s, traceBatches[0], t, traceBatches[1])
	}
	return list, nil
}
