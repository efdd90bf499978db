package op

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// GlobalAvgPoolOp is the mean of each channel of each image.
type GlobalAvgPoolOp struct{}

// GlobalAvgPool returns the mean over H and W of x [N C H W]: [N C 1 1] (Lin, Chen & Yan 2013, "Network in network", section 3.2).
func GlobalAvgPool(x *graph.Node) *graph.Node { return graph.Apply(GlobalAvgPoolOp{}, x) }

// Name returns "GlobalAvgPool".
func (GlobalAvgPoolOp) Name() string { return "GlobalAvgPool" }

// Infer checks that x is a batch of images that are not empty.
func (GlobalAvgPoolOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := expect(in, "x f32[N C H W]"); err != nil {
		return graph.Type{}, err
	}
	x := in[0]
	if x.Shape.Dim(2)*x.Shape.Dim(3) == 0 {
		return x, fmt.Errorf("x is %v, an image that is not empty expected", x)
	}
	return graph.F32(x.Shape.Dim(0), x.Shape.Dim(1), 1, 1), nil
}

// Eval sums in float64.
func (GlobalAvgPoolOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	plane := in[0].Shape().Dim(2) * in[0].Shape().Dim(3)
	for i := range out.F32() {
		sum := 0.0
		for _, v := range in[0].F32()[i*plane : (i+1)*plane] {
			sum += float64(v)
		}
		out.F32()[i] = float32(sum / float64(plane))
	}
}

// Grad gives each pixel an equal share of dy.
func (GlobalAvgPoolOp) Grad(n, dy *graph.Node) []*graph.Node {
	x := n.In(0).Shape()
	share := Mul(dy, scalar(dy, 1/float64(x.Dim(2)*x.Dim(3))))
	return []*graph.Node{graph.Expand(share, x)}
}

// FLOPs returns one addition for each element of x.
func (GlobalAvgPoolOp) FLOPs(in []graph.Type, _ graph.Type) int64 { return int64(in[0].Size()) }
