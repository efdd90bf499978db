package op

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/philox"
	"github.com/lince-ml/lince/tensor"
)

// DropoutOp sets a random choice of elements to 0.
type DropoutOp struct{ Rate float32 }

// Dropout sets each element of x to 0 with probability rate, and multiplies the others by 1/(1-rate), so that the expected value
// stays (Srivastava et al. 2014, section 10, "inverted" dropout). Element i is kept if element i of [RandomUniform] with the same
// key u32[2] and counter u32[4] is rate or more. It uses up ceil(size/4) values of the counter.
func Dropout(x, key, counter *graph.Node, rate float32) *graph.Node {
	return graph.Apply(DropoutOp{rate}, x, key, counter)
}

// Name returns "Dropout".
func (DropoutOp) Name() string { return "Dropout" }

// Infer checks the rate and the types of key and counter.
func (o DropoutOp) Infer(in []graph.Type) (graph.Type, error) {
	if !(o.Rate >= 0 && o.Rate < 1) {
		return graph.Type{}, fmt.Errorf("rate %v, 0 <= rate < 1 expected", o.Rate)
	}
	if err := takes(in, tensor.F32, tensor.U32, tensor.U32); err != nil {
		return graph.Type{}, err
	}
	return in[0], expectKey(in[1:])
}

// Scale returns what the elements that are kept are multiplied by.
func (o DropoutOp) Scale() float32 { return 1 / (1 - o.Rate) }

// Eval computes the reference value.
func (o DropoutOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	x, y := in[0].F32(), out.F32()
	words(in[1], in[2], len(y), func(i int, word uint32) {
		y[i] = 0
		if philox.Uniform(word) >= o.Rate {
			y[i] = x[i] * o.Scale()
		}
	})
}

// Grad drops the same elements of dy.
func (o DropoutOp) Grad(n, dy *graph.Node) []*graph.Node {
	return []*graph.Node{Dropout(dy, n.In(1), n.In(2), o.Rate), nil, nil}
}

// FLOPs returns one multiplication per element.
func (DropoutOp) FLOPs(_ []graph.Type, out graph.Type) int64 { return int64(out.Size()) }
