package cpu

import (
	"runtime/debug"
	"slices"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// foldLimit is the largest result, in bytes, that is computed before the steps are emitted. Larger ones, such as scaled weights, are computed
// when what reads them is emitted, and let go after it, so that they are not all there at once.
const foldLimit = 1 << 16

// A rewriter makes the graph h.
type rewriter struct {
	h     *graph.Graph
	of    map[*graph.Node]*graph.Node // nodes of h, by those of the graph that is rewritten
	fixed constants
}

// rewrite returns g with composite ops taken apart, fills kept symbolic, and what depends on constants alone computed where it is small. Inputs
// and outputs stay as they are.
func rewrite(g *graph.Graph) (*graph.Graph, error) {
	return graph.Trace(func(h *graph.Graph) {
		r := rewriter{h, map[*graph.Node]*graph.Node{}, constants{}}
		for _, n := range g.Live() {
			h.Within(n.Path(), func() { r.of[n] = r.node(n) })
		}
		for _, o := range g.Outputs() {
			if o.Updates >= 0 {
				h.Update(r.of[g.Inputs()[o.Updates]], r.of[o.Node])
			} else {
				h.Output(o.Name, r.of[o.Node])
			}
		}
	})
}

// node returns the node of h that stands for n.
func (r *rewriter) node(n *graph.Node) *graph.Node {
	h := r.h
	switch o := n.Op().(type) {
	case graph.InputOp:
		return h.Input(o.Label, o.Typ)
	case graph.ConstOp:
		return h.Const(o.Value)
	case graph.FillOp:
		return h.Fill(o.Typ, o.Value)
	}
	in := make([]*graph.Node, len(n.Ins()))
	for i, a := range n.Ins() {
		in[i] = r.of[a]
	}
	if f, ok := in[0].Op().(graph.FillOp); ok && keepsFill(n.Op()) {
		return h.Fill(n.Type(), f.Value)
	}
	if out := r.foldBatchNorm(n, in); out != nil {
		return out
	}
	if d, ok := n.Op().(op.Decomposer); ok {
		if out := d.Decompose(in); out != nil {
			return out
		}
	}
	if t := fold(n, in); t != nil {
		return h.Const(t)
	}
	return graph.Apply(n.Op(), in...)
}

// keepsFill reports whether o only moves elements about, so that a tensor of equal elements stays one.
func keepsFill(o graph.Op) bool {
	switch o.Name() {
	case "Expand", "Reshape", "Flatten", "Transpose", "Slice":
		return true
	}
	return false
}

// constants remembers which nodes depend on constants alone.
type constants map[*graph.Node]bool

func (k constants) has(n *graph.Node) bool {
	fixed, known := k[n]
	if !known {
		_, input := n.Op().(graph.InputOp)
		fixed = !input && !slices.ContainsFunc(n.Ins(), func(in *graph.Node) bool { return !k.has(in) })
		k[n] = fixed
	}
	return fixed
}

// fold returns the value of n if it is small and depends on small constants alone, else nil.
func fold(n *graph.Node, in []*graph.Node) *tensor.Tensor {
	if n.Type().Bytes() > foldLimit {
		return nil
	}
	args := make([]*tensor.Tensor, len(in))
	for i, a := range in {
		switch o := a.Op().(type) {
		case graph.ConstOp:
			args[i] = o.Value
		case graph.FillOp:
			args[i] = tensor.New(o.Typ.DType, o.Typ.Shape)
			o.Eval(args[i], nil)
		default:
			return nil
		}
	}
	out := tensor.New(n.DType(), n.Shape())
	n.Op().Eval(out, args)
	return out
}

// foldBatchNorm returns the batch normalisation n of a convolution, all of constant parameters, as a convolution with scaled weights
// and a bias; nil if n is something else.
func (r *rewriter) foldBatchNorm(n *graph.Node, in []*graph.Node) *graph.Node {
	o, ok := n.Op().(op.BatchNormOp)
	if !ok {
		return nil
	}
	conv, ok := in[0].Op().(op.Conv2DOp)
	if !ok {
		return nil
	}
	if slices.ContainsFunc(append(in[1:], in[0].In(1)), func(p *graph.Node) bool { return !r.fixed.has(p) }) {
		return nil
	}
	w, scale, bias, mean, variance := in[0].In(1), in[1], in[2], in[3], in[4]
	factor := op.Div(scale, op.Sqrt(op.Add(variance, in[0].Graph().Scalar(float64(o.Eps)))))
	shift := op.Sub(bias, op.Mul(mean, factor))
	channels := factor.Shape().Size()
	y := op.Conv2D(in[0].In(0), op.Mul(w, op.Reshape(factor, channels, 1, 1, 1)), conv.ConvAttrs)
	return op.Add(y, op.Reshape(shift, 1, channels, 1, 1))
}

// constantStep reports whether s reads nothing but constants, and writes nothing that belongs to the caller.
func (c *compiler) constantStep(s *step) bool {
	for _, v := range s.in {
		if !v.constant() {
			return false
		}
	}
	for _, v := range s.out {
		if v.root().place != inArena {
			return false
		}
	}
	return len(s.after) == 0
}

// collectAfter is how many bytes of constants are let go before their memory is given back, so that compilation does not hold the weights and all that
// is made from them at once. To collect it would not do: what is packed is larger than the gaps that weights leave.
const collectAfter = 8 << 20

// forgetInputs lets go of constants that n was the last to read and that no step reads: weights that have been packed.
func (c *compiler) forgetInputs(n *graph.Node) {
	for _, in := range n.Ins() {
		if v := c.of[in]; v != nil && v.place == inConst && !c.needs(in, v) {
			c.forgotten += len(v.data)
			v.data = nil
			in.DropConstant()
		}
	}
	if c.forgotten >= collectAfter {
		c.forgotten = 0
		debug.FreeOSMemory()
	}
}

// emitted reports whether the steps of n, or of the group that it is in, have been emitted.
func (c *compiler) emitted(n *graph.Node) bool {
	if g := c.groups[n]; g != nil {
		n = g.last
	}
	return c.of[n] != nil
}

// needs reports whether something reads, or will read, the constant v of n.
func (c *compiler) needs(n *graph.Node, v *value) bool {
	return c.output[n] ||
		slices.ContainsFunc(c.uses[n], func(u *graph.Node) bool { return !c.emitted(u) }) ||
		slices.ContainsFunc(c.values, func(w *value) bool { return w != v && w.root() == v }) ||
		slices.ContainsFunc(c.steps, func(s *step) bool { return slices.Contains(s.in, v) })
}

// precompute runs s, which reads constants alone, and makes its results constants: weights are packed once, not in every run.
func (c *compiler) precompute(s *step) {
	for _, v := range s.out {
		v = v.root()
		v.place, v.data = inConst, tensor.Bytes(v.typ.Bytes())
	}
	r := (&Program{pool: c.pool, values: c.values, evals: c.evals}).newRun()
	if len(c.scratch) < s.scratch {
		c.scratch = tensor.View[float32](tensor.Bytes(4 * s.scratch))
	}
	for t := range s.tasks {
		s.run(r, t, c.scratch[:s.scratch])
	}
}
