package nn

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// Whiten is a first layer of fixed filters, kernel x kernel pixels each, whose outputs on the training images are uncorrelated and of variance 1: the
// principal components of their patches, and the same negated, 2 C kernel² channels in all. A bias for each is learned. (Jordan, "94% on CIFAR-10 in 3.29
// seconds on a single GPU", 2024, section 3.2; the filters are Page's.) The filters are the buffer "weight". What trains the network gives
// the variables marked Variable.Whitens their values.
func Whiten(kernel int) Layer {
	return func(s Scope, x *graph.Node) *graph.Node {
		c := x.Shape().Dim(1)
		shape := tensor.ShapeOf(2*c*kernel*kernel, c, kernel, kernel)
		weight := s.declare(Variable{Name: s.join("weight"), Init: KaimingNormal(0), NoDecay: true, Whitens: true}, shape)
		bias := s.Param("bias", tensor.ShapeOf(shape.Dim(0)), Zeros)
		return op.Add(op.Conv2D(x, weight, op.ConvAttrs{Groups: 1}), op.Reshape(bias, 1, shape.Dim(0), 1, 1))
	}
}
