package nn

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

// Dropout sets each element to 0 with probability rate and divides the others by 1 - rate, in training only (Srivastava et al.,
// JMLR 2014). It draws from [Scope.Random].
func Dropout(rate float32) Layer {
	return func(s Scope, x *graph.Node) *graph.Node {
		if !(rate >= 0 && rate < 1) {
			graph.Fail("Dropout", fmt.Errorf("rate %v, 0 <= rate < 1 expected", rate), x)
		}
		if !s.Training() || rate == 0 {
			return x
		}
		key, counter := s.Random()
		return op.Dropout(x, key, counter, rate)
	}
}
