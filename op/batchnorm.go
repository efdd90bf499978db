package op

import (
	"fmt"
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// BatchNormOp normalises each channel with a given mean and variance.
type BatchNormOp struct{ Eps float32 }

// BatchNorm returns (x - mean) / sqrt(variance + eps) * scale + bias, where x is [N C] or [N C H W] and the others are one value
// for each channel, [C]: batch normalisation at inference (Ioffe & Szegedy 2015, Algorithm 2, line 11), where mean and variance are
// running statistics, which do not depend on x.
func BatchNorm(x, scale, bias, mean, variance *graph.Node, eps float32) *graph.Node {
	return graph.Apply(BatchNormOp{eps}, x, scale, bias, mean, variance)
}

// Name returns "BatchNorm".
func (BatchNormOp) Name() string { return "BatchNorm" }

// Infer returns x's type.
func (o BatchNormOp) Infer(in []graph.Type) (graph.Type, error) { return inferBatchNorm(in, o.Eps) }

func inferBatchNorm(in []graph.Type, eps float32) (graph.Type, error) {
	if err := expectChannels(in, "scale", "bias", "mean", "variance"); err != nil {
		return graph.Type{}, err
	}
	return in[0], checkEps(eps)
}

func checkEps(eps float32) error {
	if !(eps >= 0) {
		return fmt.Errorf("eps %v, 0 or more expected", eps)
	}
	return nil
}

// Eval computes in float64.
func (o BatchNormOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) { evalBatchNorm(out, in, o.Eps) }

func evalBatchNorm(out *tensor.Tensor, in []*tensor.Tensor, eps float32) {
	x, scale, bias, y := in[0].F32(), in[1].F32(), in[2].F32(), out.F32()
	normalised := normaliser(in[3], in[4], eps)
	eachChannel(out.Shape(), func(i, c int) {
		y[i] = float32(normalised(x[i], c)*float64(scale[c]) + float64(bias[c]))
	})
}

// normaliser returns the function that computes (x - mean) / sqrt(variance + eps) for an x of channel c.
func normaliser(mean, variance *tensor.Tensor, eps float32) func(x float32, c int) float64 {
	m, v := mean.F32(), variance.F32()
	return func(x float32, c int) float64 {
		return (float64(x) - float64(m[c])) / math.Sqrt(float64(v[c])+float64(eps))
	}
}

// inverseStd returns 1 / sqrt(variance + eps).
func inverseStd(variance *graph.Node, eps float32) *graph.Node {
	return Reciprocal(Sqrt(Add(variance, scalar(variance, float64(eps)))))
}

// centre returns x - mean.
func centre(x, mean *graph.Node) *graph.Node { return Sub(x, spread(mean, x)) }

// Decompose emits x * factor + shift, two values for each channel: factor = scale / sqrt(variance + eps), shift = bias - mean * factor.
func (o BatchNormOp) Decompose(in []*graph.Node) *graph.Node { return decomposeBatchNorm(in, o.Eps) }

func decomposeBatchNorm(in []*graph.Node, eps float32) *graph.Node {
	x, scale, bias, mean, variance := in[0], in[1], in[2], in[3], in[4]
	factor := Mul(scale, inverseStd(variance, eps))
	return Add(Mul(x, spread(factor, x)), spread(Sub(bias, Mul(mean, factor)), x))
}

// Grad differentiates by all five inputs, mean and variance taken as independent of x.
func (o BatchNormOp) Grad(n, dy *graph.Node) []*graph.Node {
	x, scale, mean, variance := n.In(0), n.In(1), n.In(3), n.In(4)
	inv := inverseStd(variance, o.Eps)
	factor := Mul(scale, inv)
	dscale := Mul(collect(Mul(dy, centre(x, mean))), inv)
	dbias := collect(dy)
	dvariance := Mul(Mul(Mul(dscale, factor), inv), scalar(x, -0.5))
	return []*graph.Node{Mul(dy, spread(factor, x)), dscale, dbias, Neg(Mul(dbias, factor)), dvariance}
}

// FLOPs returns a multiply-add per element, since all else can be folded into one factor and one term for each channel.
func (BatchNormOp) FLOPs(_ []graph.Type, out graph.Type) int64 { return 2 * int64(out.Size()) }
