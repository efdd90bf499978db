package op

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// ClipOp is x limited to Lo..Hi.
type ClipOp struct {
	unary
	Lo, Hi float32
}

// Clip returns x limited to lo..hi, which may be infinite. NaN stays NaN.
func Clip(x *graph.Node, lo, hi float32) *graph.Node {
	return graph.Apply(ClipOp{Lo: lo, Hi: hi}, x)
}

// Name returns "Clip".
func (ClipOp) Name() string { return "Clip" }

// Infer checks that Lo <= Hi.
func (o ClipOp) Infer(in []graph.Type) (graph.Type, error) {
	if !(o.Lo <= o.Hi) {
		return graph.Type{}, fmt.Errorf("limits %v and %v, the lower one first expected", o.Lo, o.Hi)
	}
	return o.unary.Infer(in)
}

// F returns Lo if x < Lo, Hi if x > Hi, else x.
func (o ClipOp) F(x float32) float32 {
	switch {
	case x < o.Lo:
		return o.Lo
	case x > o.Hi:
		return o.Hi
	}
	return x
}

// Eval computes the reference value.
func (o ClipOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalUnary(out, in, o.F) }

// Grad passes dy where x lies within the limits or on them.
func (o ClipOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{graph.Apply(ClipGradOp{Lo: o.Lo, Hi: o.Hi}, dy, n.In(0))}
}

// ClipGradOp is dy where Lo <= x <= Hi, else 0; its inputs are dy and x, the input of Clip.
type ClipGradOp struct {
	unaryGrad
	Lo, Hi float32
}

// Name returns "ClipGrad".
func (ClipGradOp) Name() string { return "ClipGrad" }

// F returns dy if Lo <= x <= Hi, else 0.
func (o ClipGradOp) F(dy, x float32) float32 {
	if o.Lo <= x && x <= o.Hi {
		return dy
	}
	return 0
}

// Eval computes the reference value.
func (o ClipGradOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalBinary(out, in, o.F) }

// Grad is linear in dy; x gets none (the derivative is 0 almost everywhere).
func (o ClipGradOp) Grad(n, ddy *graph.Node) []*graph.Node {
	return []*graph.Node{graph.Apply(o, ddy, n.In(1)), nil}
}
