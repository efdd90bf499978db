package onnx

import (
	"math"
	"strings"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// An affine is a convolution, or a product with a transposed matrix, of constant weights. It is not yet in the file, since a bias and a batch
// normalisation that follow become part of it.
type affine struct {
	node   *graph.Node
	weight *tensor.Tensor // [O ...]
	bias   []float32      // of each output; nil if there is none
	label  string         // of the weight
	of     string         // of the bias
}

// absorb sets the value of n to an affine, if it is one or can become part of the one that it reads.
func (e *exporter) absorb(n *graph.Node) bool {
	var l *affine
	switch o := n.Op().(type) {
	case op.Conv2DOp:
		l = e.affine(n)
	case op.MatMulOp:
		if !o.TransA && o.TransB && n.Shape().Rank() == 2 {
			l = e.affine(n)
		}
	case graph.AddOp:
		for i, in := range n.Ins() {
			if l == nil {
				l = e.biased(in, n.In(1-i))
			}
		}
	case op.BatchNormOp:
		l = e.normalised(n, o.Eps)
	}
	e.values[n].affine = l
	return l != nil
}

// affine returns the affine n, nil if its weights are not constant.
func (e *exporter) affine(n *graph.Node) *affine {
	w := e.values[n.In(1)]
	if w.constant == nil {
		return nil
	}
	return &affine{node: n, weight: w.constant, label: w.label}
}

// open returns the affine that in is, nil if it is none or something else reads it too.
func (e *exporter) open(in *graph.Node) *affine {
	if e.uses[in] != 1 {
		return nil
	}
	return e.values[in].affine
}

// biased returns in with a bias more, nil if in is no affine or bias is not one constant for each of its outputs.
func (e *exporter) biased(in, bias *graph.Node) *affine {
	l, b := e.open(in), e.values[bias]
	if l == nil || b.constant == nil || l.bias != nil {
		return nil
	}
	outputs, shape := l.weight.Shape().Dim(0), bias.Shape()
	axis := shape.Rank() - in.Shape().Rank() + 1
	if axis < 0 || shape.Size() != outputs || shape.Dim(axis) != outputs || shape.Rank() > in.Shape().Rank() {
		return nil
	}
	with := *l
	with.bias, with.of = b.constant.F32(), b.label
	return &with
}

// normalised returns the affine that the batch normalisation n of an affine is, nil if n is something else.
func (e *exporter) normalised(n *graph.Node, eps float32) *affine {
	l := e.open(n.In(0))
	var p [4][]float32
	for i := range p {
		v := e.values[n.In(1+i)].constant
		if v == nil || l == nil {
			return nil
		}
		p[i] = v.F32()
	}
	scale, shift, mean, variance := p[0], p[1], p[2], p[3]
	w := l.weight.Clone()
	bias := make([]float32, len(scale))
	each := len(w.F32()) / len(scale)
	for o := range scale {
		factor := float64(scale[o]) / math.Sqrt(float64(variance[o])+float64(eps))
		b := 0.0
		if l.bias != nil {
			b = float64(l.bias[o])
		}
		bias[o] = float32((b-float64(mean[o]))*factor + float64(shift[o]))
		for i := o * each; i < (o+1)*each; i++ {
			w.F32()[i] = float32(float64(w.F32()[i]) * factor)
		}
	}
	with := *l
	with.weight, with.bias = w, bias
	return &with
}

// emitAffine adds the node that computes n, which is l.
func (e *exporter) emitAffine(n *graph.Node, l *affine) {
	in := []string{e.ref(l.node.In(0)), e.initializer(l.weight, l.label)}
	if l.bias != nil {
		in = append(in, e.initializer(tensor.Of(tensor.ShapeOf(len(l.bias)), l.bias...), l.biasLabel()))
	}
	if conv, ok := l.node.Op().(op.Conv2DOp); ok {
		e.emitAt(l.node, n, "Conv", in, convAttributes(conv.ConvAttrs, l.weight.Shape())...)
		return
	}
	e.emitAt(l.node, n, "Gemm", in, attrInt("transB", 1))
}

// biasLabel returns the name of the bias: its own, or the one that would go with that of the weight.
func (l *affine) biasLabel() string {
	if l.of != "" || l.label == "" {
		return l.of
	}
	return strings.TrimSuffix(l.label, "weight") + "bias"
}
