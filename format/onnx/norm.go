package onnx

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

func init() {
	register("BatchNormalization", 1, batchNormalization)
	register("InstanceNormalization", 1, instanceNormalization)
	register("LayerNormalization", 17, layerNormalization)
	register("RMSNormalization", 23, rmsNormalization)
	register("GroupNormalization", 18, groupNormalization)
	register("MeanVarianceNormalization", 1, meanVarianceNormalization) // experimental before 9
	register("LpNormalization", 1, lpNormalization)
	register("LRN", 1, lrn)
}

// batchNormalization uses the given statistics, or, with training_mode, those of the batch, and then returns the next running ones too.
func batchNormalization(c *call) []value {
	x, eps := c.float(0), c.attrFloat("epsilon", 1e-5)
	scale, bias, mean, variance := c.float(1), c.float(2), c.float(3), c.float(4)
	switch {
	case x.Shape().Rank() == 0:
		c.fail("x is a scalar, [N C ...] expected")
	case c.opset < 9 && c.attrInt("spatial", 1) == 0:
		c.refuse("attribute spatial = 0")
	case c.opset < 7 && c.attrInt("is_test", 0) == 0, c.opset >= 7 && c.opset < 14 && c.wants(1):
		c.refuse("training")
	case c.attrBool("training_mode"):
		return c.trainBatchNorm(x, scale, bias, mean, variance, eps)
	}
	y := batchNorm(x, scale, bias, mean, variance, eps)
	return append(c.one(y), c.in[3], c.in[4])
}

// batchNorm normalises x [N C ...].
func batchNorm(x, scale, bias, mean, variance *graph.Node, eps float32) *graph.Node {
	s := x.Shape()
	switch {
	case s.Rank() == 1: // one channel
		y := op.BatchNorm(op.Reshape(x, s.Dim(0), 1), scale, bias, mean, variance, eps)
		return op.Reshape(y, s.Dim(0))
	case s.Rank() == 2 || s.Rank() == 4:
		return op.BatchNorm(x, scale, bias, mean, variance, eps)
	}
	y := op.BatchNorm(op.Reshape(x, s.Dim(0), s.Dim(1), s.Size()/max(1, s.Dim(0)*s.Dim(1)), 1), scale, bias, mean, variance, eps)
	return op.Reshape(y, s.Dims()...)
}

func (c *call) trainBatchNorm(x, scale, bias, mean, variance *graph.Node, eps float32) []value {
	rank := x.Shape().Rank()
	if rank < 2 {
		c.fail("x has shape %v, [N C ...] expected", x.Shape())
	}
	axes := append([]int{0}, identity(rank)[2:]...)
	now, deviation := moments(x, false, axes...)
	momentum := float64(c.attrFloat("momentum", 0.9))
	next := func(running, now *graph.Node) *graph.Node {
		return op.Add(op.Mul(running, c.scalar(momentum)), op.Mul(now, c.scalar(1-momentum)))
	}
	y := batchNorm(x, scale, bias, now, deviation, eps)
	return []value{c.x(0).with(y), c.x(3).with(next(mean, now)), c.x(4).with(next(variance, deviation))}
}

// moments returns mean and variance over axes.
func moments(x *graph.Node, keep bool, axes ...int) (mean, variance *graph.Node) {
	mean = op.ReduceMean(x, true, axes...)
	d := op.Sub(x, mean)
	variance = op.ReduceMean(op.Mul(d, d), keep, axes...)
	if !keep {
		mean = op.Reshape(mean, variance.Shape().Dims()...)
	}
	return mean, variance
}

// standardise returns (x - mean) / sqrt(variance + eps) over axes, and the mean and the factor.
func standardise(x *graph.Node, eps float32, axes ...int) (y, mean, factor *graph.Node) {
	mean, variance := moments(x, true, axes...)
	factor = op.Reciprocal(op.Sqrt(op.Add(variance, x.Graph().Scalar(float64(eps)))))
	return op.Mul(op.Sub(x, mean), factor), mean, factor
}

func instanceNormalization(c *call) []value {
	x := c.float(0)
	y, _, _ := standardise(x, c.attrFloat("epsilon", 1e-5), c.imageAxes(x)...)
	rank := x.Shape().Rank()
	return c.one(op.Add(op.Mul(y, perChannel(c.float(1), rank)), perChannel(c.float(2), rank)))
}

// trailing returns the dimensions from the attribute axis on.
func (c *call) trailing(x *graph.Node) []int {
	rank := x.Shape().Rank()
	return identity(rank)[c.axis(c.attrInt("axis", -1), rank):]
}

func layerNormalization(c *call) []value {
	x := c.float(0)
	y, mean, factor := standardise(x, c.attrFloat("epsilon", 1e-5), c.trailing(x)...)
	y = op.Mul(y, c.float(1))
	if c.has(2) {
		y = op.Add(y, c.float(2))
	}
	return []value{c.x(0).with(y), {n: mean, t: Float}, {n: factor, t: Float}}
}

// rmsNormalization divides by the root of the mean square.
func rmsNormalization(c *call) []value {
	x := c.float(0)
	square := op.ReduceMean(op.Mul(x, x), true, c.trailing(x)...)
	factor := op.Reciprocal(op.Sqrt(op.Add(square, c.scalar(float64(c.attrFloat("epsilon", 1e-5))))))
	return c.one(op.Mul(op.Mul(x, factor), c.float(1)))
}

// groupNormalization has one scale and bias for each group in operator sets 18 to 20, and one for each channel after that.
func groupNormalization(c *call) []value {
	x, groups := c.float(0), c.attrInt("num_groups", 0)
	s := x.Shape()
	if s.Rank() < 2 || groups < 1 || s.Dim(1)%groups != 0 {
		c.fail("%d groups of the channels of shape %v", groups, s)
	}
	y, _, _ := standardise(op.Reshape(x, s.Dim(0), groups, -1), c.attrFloat("epsilon", 1e-5), 2)
	scale, bias := c.float(1), c.float(2)
	if c.opset < 21 && scale.Shape().Size() == groups {
		y = op.Add(op.Mul(y, perChannel(scale, 3)), perChannel(bias, 3))
		return c.one(op.Reshape(y, s.Dims()...))
	}
	y = op.Reshape(y, s.Dims()...)
	return c.one(op.Add(op.Mul(y, perChannel(scale, s.Rank())), perChannel(bias, s.Rank())))
}

// meanVarianceNormalization adds 1e-9 to the deviation, as its definition as a function does.
func meanVarianceNormalization(c *call) []value {
	x := c.float(0)
	axes := c.attrInts("axes")
	if axes == nil {
		axes = []int{0, 2, 3}
		if c.opset < 9 && c.attrInt("across_channels", 0) != 0 {
			axes = []int{0, 1, 2, 3}
		}
	}
	mean, variance := moments(x, true, c.axes(axes, x.Shape().Rank())...)
	return c.one(op.Div(op.Sub(x, mean), op.Add(op.Sqrt(variance), c.scalar(1e-9))))
}

// lpNormalization divides by the norm, and leaves what is 0.
func lpNormalization(c *call) []value {
	x := c.float(0)
	order := float64(c.attrInt("p", 2))
	norm := root(op.ReduceSum(absPow(x, order), true, c.axis(c.attrInt("axis", -1), x.Shape().Rank())), order)
	return c.one(op.Div(x, op.Where(op.Equal(norm, c.scalar(0)), c.scalar(1), norm)))
}

// lrn divides by (bias + alpha/size times the sum of the squares over size neighbouring channels) to the power beta (Krizhevsky et al. 2012, section 3.3).
// The sum is a mean over a window along the channels.
func lrn(c *call) []value {
	x, size := c.float(0), c.attrInt("size", 0)
	s := x.Shape()
	if s.Rank() < 2 || size < 1 || size > 1<<24 {
		c.fail("size %d for shape %v, 1 or more and [N C ...] expected", size, s)
	}
	low, high := (size-1)/2, size/2
	squares := op.Reshape(op.Mul(x, x), s.Dim(0), 1, s.Dim(1), -1)
	mean := op.AvgPool(squares, op.PoolAttrs{Kernel: [2]int{size, 1}, Stride: [2]int{1, 1}, Pad: [4]int{low, 0, high, 0}, CountIncludePad: true})
	alpha, beta, bias := c.attrFloat("alpha", 0.0001), c.attrFloat("beta", 0.75), c.attrFloat("bias", 1)
	base := op.Add(c.scalar(float64(bias)), op.Mul(op.Reshape(mean, s.Dims()...), c.scalar(float64(alpha))))
	return c.one(op.Div(x, op.Pow(base, c.scalar(float64(beta)))))
}
