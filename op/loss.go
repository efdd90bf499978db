package op

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// loss is the type rule and the cost of a BinaryFunc that compares x with a target. It does not broadcast: a target of
// another shape is a mistake more often than a wish.
type loss struct{ pointwise }

func (loss) Infer(in []graph.Type) (graph.Type, error) {
	if err := takes(in, tensor.F32, tensor.F32); err != nil {
		return graph.Type{}, err
	}
	if in[0] != in[1] {
		return graph.Type{}, fmt.Errorf("the target has shape %v, that of x, %v, expected", in[1].Shape, in[0].Shape)
	}
	return in[0], nil
}
