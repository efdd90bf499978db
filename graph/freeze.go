package graph

import (
	"fmt"

	"github.com/lince-ml/lince/tensor"
)

// Freeze returns g with each input that values names replaced by that constant, so that a backend can compute all that depends on it
// once: fold batch normalisation into convolutions, pack weights. The tensors must not change afterwards. A value of another type
// than the input's, or for an input that the program updates, is an error; a name that is no input is ignored.
//
// The result is to be compiled once: a backend may let go of its constants, one after the other, when it has made what it needs of them.
func Freeze(g *Graph, values map[string]*tensor.Tensor) (*Graph, error) {
	return Trace(func(h *Graph) {
		h.frozen = true
		of := map[*Node]*Node{}
		for _, n := range g.Live() {
			h.Within(n.path, func() { of[n] = frozen(h, n, of, values) })
		}
		for _, o := range g.outputs {
			if o.Updates < 0 {
				h.Output(o.Name, of[o.Node])
				continue
			}
			in := of[g.inputs[o.Updates]]
			if _, constant := in.op.(ConstOp); constant {
				h.fail("Freeze", []*Node{in}, fmt.Errorf("the program updates input %q", o.Name))
			}
			h.Update(in, of[o.Node])
		}
	})
}

// Frozen reports whether Freeze has made g.
func (g *Graph) Frozen() bool { return g.frozen }

// frozen returns the node of h that stands for n.
func frozen(h *Graph, n *Node, of map[*Node]*Node, values map[string]*tensor.Tensor) *Node {
	if input, ok := n.op.(InputOp); ok {
		v := values[input.Label]
		if v == nil {
			return h.Input(input.Label, input.Typ)
		}
		c := h.Const(v)
		if c.typ != input.Typ {
			h.fail("Freeze", []*Node{c}, fmt.Errorf("input %q is %v, its value %v", input.Label, input.Typ, c.typ))
		}
		return c
	}
	in := make([]*Node, len(n.in))
	for i, a := range n.in {
		in[i] = of[a]
	}
	return h.apply(n.op, in)
}
