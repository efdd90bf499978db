package op

import (
	"fmt"
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// SmoothL1Op is the distance of x from a target, made quadratic where it is less than Beta.
type SmoothL1Op struct {
	loss
	Beta float32
}

// SmoothL1 returns, for each element and with d = |x - target|, d²/(2 beta) where d < beta and d - beta/2 elsewhere (Girshick 2015,
// "Fast R-CNN", equation 3, has beta 1); both tensors have one shape. With beta 0 it is the absolute error.
func SmoothL1(x, target *graph.Node, beta float32) *graph.Node {
	return graph.Apply(SmoothL1Op{Beta: beta}, x, target)
}

// Name returns "SmoothL1".
func (SmoothL1Op) Name() string { return "SmoothL1" }

// Infer checks beta and the shapes.
func (o SmoothL1Op) Infer(in []graph.Type) (graph.Type, error) {
	if !(o.Beta >= 0) {
		return graph.Type{}, fmt.Errorf("beta %v, 0 or more expected", o.Beta)
	}
	return o.loss.Infer(in)
}

// F returns the loss of one element.
func (o SmoothL1Op) F(x, t float32) float32 {
	d := float32(math.Abs(float64(x - t)))
	if d < o.Beta {
		return d * d / (2 * o.Beta)
	}
	return d - o.Beta/2
}

// Eval computes the reference value.
func (o SmoothL1Op) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalBinary(out, in, o.F) }

// Grad: the derivative by x is (x - target)/beta limited to -1..1, that by the target its negative.
func (o SmoothL1Op) Grad(n, dy *graph.Node) []*graph.Node {
	slope := Sub(n.In(0), n.In(1))
	if o.Beta > 0 {
		slope = Clip(Mul(slope, scalar(dy, 1/float64(o.Beta))), -1, 1)
	} else {
		slope = Sign(slope)
	}
	dx := Mul(dy, slope)
	return []*graph.Node{dx, Neg(dx)}
}
