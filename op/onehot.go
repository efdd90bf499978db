package op

import (
	"fmt"
	"slices"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// OneHotOp is 1 at each index and 0 elsewhere, along a new last dimension of size Depth.
type OneHotOp struct{ Depth int }

// OneHot returns a float32 tensor with the sizes of indices, i32 or i64, and a last one of depth: 1 at the index, 0
// elsewhere. An index outside 0..depth-1 gives zeros.
func OneHot(indices *graph.Node, depth int) *graph.Node {
	return graph.Apply(OneHotOp{depth}, indices)
}

// Name returns "OneHot".
func (OneHotOp) Name() string { return "OneHot" }

// Infer appends Depth to the sizes.
func (o OneHotOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := takes(in, anyType); err != nil {
		return graph.Type{}, err
	}
	if err := takesIndices(in[0]); err != nil {
		return graph.Type{}, err
	}
	if o.Depth < 0 {
		return graph.Type{}, fmt.Errorf("depth %d, 0 or more expected", o.Depth)
	}
	if in[0].Shape.Rank() == tensor.MaxRank {
		return graph.Type{}, fmt.Errorf("indices of %d dimensions, fewer expected", tensor.MaxRank)
	}
	return graph.F32(slices.Concat(in[0].Shape.Dims(), []int{o.Depth})...), nil
}

// Eval computes the reference value.
func (o OneHotOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	y := out.F32()
	clear(y)
	for i := range in[0].Size() {
		if index := integerAt(in[0], i); 0 <= index && index < int64(o.Depth) {
			y[i*o.Depth+int(index)] = 1
		}
	}
}

// Grad returns nil: an index has no derivative.
func (OneHotOp) Grad(_, _ *graph.Node) []*graph.Node { return nil }

// FLOPs returns 0.
func (OneHotOp) FLOPs([]graph.Type, graph.Type) int64 { return 0 }
