package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/philox"
	"github.com/lince-ml/lince/tensor"
)

// RandomUniformOp is a tensor of random numbers.
type RandomUniformOp struct{ Shape tensor.Shape }

// RandomUniform returns float32 numbers uniform in [0, 1), multiples of 2^-24: the top 24 bits of each word of [RandomBits].
func RandomUniform(key, counter *graph.Node, dims ...int) *graph.Node {
	return graph.Apply(RandomUniformOp{tensor.ShapeOf(dims...)}, key, counter)
}

// Name returns "RandomUniform".
func (RandomUniformOp) Name() string { return "RandomUniform" }

// Infer checks the types of key and counter.
func (o RandomUniformOp) Infer(in []graph.Type) (graph.Type, error) {
	return graph.Type{DType: tensor.F32, Shape: o.Shape}, expectKey(in)
}

// Eval computes the reference value.
func (RandomUniformOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	y := out.F32()
	words(in[0], in[1], len(y), func(i int, word uint32) { y[i] = philox.Uniform(word) })
}

// Grad returns nil: random numbers depend on nothing.
func (RandomUniformOp) Grad(_, _ *graph.Node) []*graph.Node { return nil }

// FLOPs returns one operation per element.
func (RandomUniformOp) FLOPs(_ []graph.Type, out graph.Type) int64 { return int64(out.Size()) }
