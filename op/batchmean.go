package op

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// BatchMeanOp is the mean of each channel.
type BatchMeanOp struct{}

// BatchMean returns the mean of each channel of x [N C] or [N C H W], over all the other dimensions: [C] (Ioffe & Szegedy 2015,
// "Batch normalization", Algorithm 1, line 1).
func BatchMean(x *graph.Node) *graph.Node { return graph.Apply(BatchMeanOp{}, x) }

// Name returns "BatchMean".
func (BatchMeanOp) Name() string { return "BatchMean" }

// Infer returns one value for each channel.
func (BatchMeanOp) Infer(in []graph.Type) (graph.Type, error) {
	if err := expectChannels(in); err != nil {
		return graph.Type{}, err
	}
	return channelType(in[0]), nil
}

// Eval sums in float64.
func (BatchMeanOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	x, sum, m := in[0].F32(), make([]float64, out.Size()), float64(perChannel(in[0].Shape()))
	eachChannel(in[0].Shape(), func(i, c int) { sum[c] += float64(x[i]) / m })
	round(out.F32(), sum)
}

// Grad gives each element an equal share.
func (BatchMeanOp) Grad(n, dy *graph.Node) []*graph.Node {
	x := n.In(0)
	share := Mul(dy, scalar(dy, 1/float64(perChannel(x.Shape()))))
	return []*graph.Node{graph.Expand(spread(share, x), x.Shape())}
}

// FLOPs returns one addition per element of x.
func (BatchMeanOp) FLOPs(in []graph.Type, _ graph.Type) int64 { return int64(in[0].Size()) }
