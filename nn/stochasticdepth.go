package nn

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// StochasticDepth sets all of an image's values in x [N, ...] to 0 with probability rate and divides those of the others by 1 - rate, in
// training only. At the end of a residual branch it leaves the branch out (Huang, Sun, Liu, Sedra & Weinberger, "Deep networks with
// stochastic depth", ECCV 2016, for single images as in torchvision's mode "row"). It draws from [Scope.Random].
func StochasticDepth(rate float32) Layer {
	return func(s Scope, x *graph.Node) *graph.Node {
		if !(rate >= 0 && rate < 1) || x.Shape().Rank() == 0 {
			graph.Fail("StochasticDepth", fmt.Errorf("rate %v of x of shape %v, 0 <= rate < 1 and [N ...] expected", rate, x.Shape()), x)
		}
		if !s.Training() || rate == 0 {
			return x
		}
		dims := x.Shape().Dims()
		for i := range dims[1:] {
			dims[1+i] = 1
		}
		key, counter := s.Random()
		ones := x.Graph().Fill(graph.TypeOf(tensor.F32, dims...), 1)
		return op.Mul(x, op.Dropout(ones, key, counter, rate))
	}
}
