package op

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// BatchNormGradInputOp is the gradient of batch normalisation with respect to x, paths through the batch's statistics included.
type BatchNormGradInputOp struct{ Eps float32 }

// BatchNormGradInput returns
//
//	scale / sqrt(variance + eps) * (dy - dbias/n - xhat*dscale/n)
//
// where xhat = (x - mean) / sqrt(variance + eps) and n is the number of elements in a channel: the gradient of batch
// normalisation with respect to x, if mean and variance are x's own, dscale is the sum of dy*xhat and dbias that of dy. dy and x are
// [N C] or [N C H W], the others [C].
func BatchNormGradInput(dy, x, scale, mean, variance, dscale, dbias *graph.Node, eps float32) *graph.Node {
	return graph.Apply(BatchNormGradInputOp{eps}, dy, x, scale, mean, variance, dscale, dbias)
}

// Name returns "BatchNormGradInput".
func (BatchNormGradInputOp) Name() string { return "BatchNormGradInput" }

// Infer returns x's type.
func (o BatchNormGradInputOp) Infer(in []graph.Type) (graph.Type, error) {
	return inferBatchNormGrad(in, o.Eps, "scale", "mean", "variance", "dscale", "dbias")
}

// Eval computes in float64.
func (o BatchNormGradInputOp) Eval(out *tensor.Tensor, in []*tensor.Tensor) {
	dy, x, scale, variance, dscale, dbias := in[0].F32(), in[1].F32(), in[2].F32(), in[4].F32(), in[5].F32(), in[6].F32()
	dx, m := out.F32(), float64(perChannel(out.Shape()))
	normalised := normaliser(in[3], in[4], o.Eps)
	eachChannel(out.Shape(), func(i, c int) {
		factor := float64(scale[c]) / math.Sqrt(float64(variance[c])+float64(o.Eps))
		dx[i] = float32(factor * (float64(dy[i]) - float64(dbias[c])/m - normalised(x[i], c)*float64(dscale[c])/m))
	})
}

// Decompose emits dy * factor + x * slope + shift, three values for each channel.
func (o BatchNormGradInputOp) Decompose(in []*graph.Node) *graph.Node {
	dy, x, scale, mean, variance, dscale, dbias := in[0], in[1], in[2], in[3], in[4], in[5], in[6]
	inv, share := inverseStd(variance, o.Eps), scalar(x, 1/float64(perChannel(x.Shape())))
	factor := Mul(scale, inv)
	slope := Neg(Mul(Mul(Mul(factor, inv), dscale), share))
	shift := Neg(Add(Mul(Mul(factor, dbias), share), Mul(slope, mean)))
	return Add(Add(Mul(dy, spread(factor, x)), Mul(x, spread(slope, x))), spread(shift, x))
}

// Grad differentiates by all seven inputs as by independent ones.
func (o BatchNormGradInputOp) Grad(n, d *graph.Node) []*graph.Node {
	dy, x, scale, mean, variance, dscale, dbias := n.In(0), n.In(1), n.In(2), n.In(3), n.In(4), n.In(5), n.In(6)
	inv, share := inverseStd(variance, o.Eps), scalar(x, 1/float64(perChannel(x.Shape())))
	factor := Mul(scale, inv)
	slope := Mul(dscale, share) // of the term with xhat
	term := Mul(dbias, share)

	// The sums over each channel of d, d*xhat and d*(dy - dbias/n - xhat*dscale/n).
	sum, sumHat := collect(d), Mul(collect(Mul(d, centre(x, mean))), inv)
	sumInner := Sub(Sub(collect(Mul(d, dy)), Mul(term, sum)), Mul(slope, sumHat))

	ddy := Mul(d, spread(factor, x))
	falling := Mul(Mul(factor, inv), slope) // minus the derivative of dx by x
	dinv := Mul(scale, Sub(sumInner, Mul(slope, sumHat)))
	dvariance := Mul(Mul(Mul(Mul(inv, inv), inv), dinv), scalar(x, -0.5))
	shared := Neg(Mul(factor, share))
	return []*graph.Node{
		ddy,
		Neg(Mul(d, spread(falling, x))),
		Mul(sumInner, inv),
		Mul(falling, sum),
		dvariance,
		Mul(shared, sumHat),
		Mul(shared, sum),
	}
}

// FLOPs returns four operations per element: a factor for dy, one for x and a term for each channel.
func (BatchNormGradInputOp) FLOPs(_ []graph.Type, out graph.Type) int64 { return 4 * int64(out.Size()) }
