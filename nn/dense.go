package nn

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

type dense struct {
	out     int
	weights weights
}

// Dense maps [N, features] to [N, out] linearly: x Wᵀ + b, with the parameters "weight" [out, features] and "bias" [out].
func Dense(out int, options ...DenseOption) Layer {
	d := dense{out: out}
	for _, o := range options {
		o.dense(&d)
	}
	return d.apply
}

func (d dense) apply(s Scope, x *graph.Node) *graph.Node {
	if x.Shape().Rank() != 2 {
		graph.Fail("Dense", fmt.Errorf("x has shape %v, [N features] expected: put a Flatten before it", x.Shape()), x)
	}
	if d.out <= 0 {
		graph.Fail("Dense", fmt.Errorf("%d outputs, at least 1 expected", d.out), x)
	}
	weight, bias := d.weights.declare(s, tensor.ShapeOf(d.out, x.Shape().Dim(1)), d.out)
	y := op.MatMul(x, weight, op.MatMulAttrs{TransB: true})
	if bias != nil {
		y = op.Add(y, bias)
	}
	return y
}
