package onnx

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// What depends on constants alone is computed while the graph is made: sizes that one operator computes for another, and weights that are
// stored otherwise than they are used.

const (
	foldSize  = 1 << 20 // bytes that a result may always have
	foldRatio = 4       // how many times larger than the constants it is made of a larger one may be
	foldFLOPs = 1 << 28
	foldTotal = 1 << 34 // bytes that are computed in all
	foldVisit = 1 << 10 // bytes that looking at a node counts as
	foldKept  = 1 << 28 // bytes of results that become constants, besides foldRatio times those of the weights
)

// A folder knows which nodes are constant.
type folder struct {
	constant map[*graph.Node]bool
	spent    int // of foldTotal
	left     int // of foldKept
}

// isConstant reports whether n depends on no input.
func (f *folder) isConstant(n *graph.Node) bool {
	if c, ok := f.constant[n]; ok {
		return c
	}
	c := true
	if _, ok := n.Op().(graph.InputOp); ok {
		c = false
	}
	for _, in := range n.Ins() {
		c = c && f.isConstant(in)
	}
	f.constant[n] = c
	return c
}

// inputs returns the names of the inputs that n depends on.
func (f *folder) inputs(n *graph.Node) []string {
	var names []string
	seen := map[*graph.Node]bool{}
	var visit func(n *graph.Node)
	visit = func(n *graph.Node) {
		if seen[n] || f.isConstant(n) {
			return
		}
		seen[n] = true
		if in, ok := n.Op().(graph.InputOp); ok {
			names = append(names, in.Label)
		}
		for _, in := range n.Ins() {
			visit(in)
		}
	}
	visit(n)
	return names
}

// value returns the value of n, or nil if it depends on an input or would cost too much.
func (f *folder) value(n *graph.Node) *tensor.Tensor {
	if !f.isConstant(n) {
		return nil
	}
	limit := max(16*foldSize, 2*foldRatio*f.sources(n))
	e := evaluation{f, map[*graph.Node]*tensor.Tensor{}, limit, 4 * limit}
	return e.eval(n)
}

// An evaluation computes a value out of results of at most limit bytes each.
type evaluation struct {
	*folder
	known map[*graph.Node]*tensor.Tensor
	limit int
	left  int // bytes of all results
}

func (e *evaluation) eval(n *graph.Node) *tensor.Tensor {
	if o, ok := n.Op().(graph.ConstOp); ok {
		return o.Value
	}
	if t, ok := e.known[n]; ok {
		return t
	}
	bytes := n.Type().Bytes()
	if bytes > min(e.limit, e.left) || n.FLOPs() > foldFLOPs || e.spent > foldTotal {
		return nil
	}
	e.left -= bytes
	e.spent += foldVisit + bytes + 4*int(n.FLOPs()) // each operation as a float32
	in := make([]*tensor.Tensor, len(n.Ins()))
	for i, a := range n.Ins() {
		if in[i] = e.eval(a); in[i] == nil {
			return nil
		}
	}
	t := tensor.New(n.DType(), n.Shape())
	if bytes > 0 { // some ops would loop over the other dimensions
		n.Op().Eval(t, in)
	}
	e.known[n] = t
	return t
}

// fold returns n as a constant, if it is one and not much larger than what it is made of; else n.
func (f *folder) fold(n *graph.Node) *graph.Node {
	switch n.Op().(type) {
	case graph.ConstOp, graph.FillOp, graph.InputOp:
		return n
	}
	bytes := n.Type().Bytes()
	if !f.isConstant(n) || bytes > f.left || bytes > max(foldSize, foldRatio*f.sources(n)) {
		return n
	}
	t := f.value(n)
	if t == nil {
		return n
	}
	f.left -= bytes
	c := n.Graph().Const(t)
	f.constant[c] = true
	return c
}

// sources returns the bytes of the constants that n is made of.
func (f *folder) sources(n *graph.Node) int {
	size := 0
	seen := map[*graph.Node]bool{}
	var visit func(n *graph.Node)
	visit = func(n *graph.Node) {
		if seen[n] || f.spent > foldTotal {
			return
		}
		seen[n] = true
		f.spent += foldVisit
		if _, ok := n.Op().(graph.ConstOp); ok {
			size += n.Type().Bytes()
		}
		for _, in := range n.Ins() {
			visit(in)
		}
	}
	visit(n)
	return size
}
