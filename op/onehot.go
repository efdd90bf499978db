package op

import (
	"fmt"
	"slices"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// OneHotOp is 1 at each index and 0 elsewhere, along a new dimension of size Depth that the last Inner ones of the indices follow.
type OneHotOp struct{ Depth, Inner int }

// OneHot returns a float32 tensor with the sizes of indices, i32 or i64, and a last one of depth: 1 at the index, 0
// elsewhere. An index outside 0..depth-1 gives zeros.
func OneHot(indices *graph.Node, depth int) *graph.Node { return OneHotAt(indices, depth, -1) }

// OneHotAt is [OneHot] with the new dimension at place axis of the result (negative: from the end): with axis 1, the classes of pixels, [N H W], become
// one plane for each class, [N depth H W].
func OneHotAt(indices *graph.Node, depth, axis int) *graph.Node {
	rank := indices.Shape().Rank()
	return graph.Apply(OneHotOp{depth, rank - fromEnd(axis, rank+1)}, indices)
}

// Name returns "OneHot".
func (OneHotOp) Name() string { return "OneHot" }

// Infer inserts Depth into the sizes.
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
	dims := in[0].Shape.Dims()
	if o.Inner < 0 || o.Inner > len(dims) {
		return graph.Type{}, fmt.Errorf("the classes at axis %d of a result of %d dimensions", len(dims)-o.Inner, len(dims)+1)
	}
	return graph.F32(slices.Insert(dims, len(dims)-o.Inner, o.Depth)...), nil
}

// Eval computes the reference value.
func (o OneHotOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	y := out.F32()
	clear(y)
	inner := 1
	for _, n := range in[0].Shape().Dims()[in[0].Shape().Rank()-o.Inner:] {
		inner *= n
	}
	for i := range in[0].Size() {
		if index := integerAt(in[0], i); 0 <= index && index < int64(o.Depth) {
			y[(i/inner*o.Depth+int(index))*inner+i%inner] = 1
		}
	}
}

// Grad returns nil: an index has no derivative.
func (OneHotOp) Grad(_, _ *graph.Node) []*graph.Node { return nil }

// FLOPs returns 0.
func (OneHotOp) FLOPs([]graph.Type, graph.Type) int64 { return 0 }
