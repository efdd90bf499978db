package op_test

import (
	"math"
	"strings"
	"testing"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// TestErrorsNN is TestErrors for the ops of neural networks.
func TestErrorsNN(t *testing.T) {
	nan := float32(math.NaN())
	f32 := func(g *graph.Graph, dims ...int) *graph.Node { return g.Fill(graph.F32(dims...), 0) }
	of := func(g *graph.Graph, d tensor.DType, dims ...int) *graph.Node {
		return g.Fill(graph.TypeOf(d, dims...), 0)
	}
	kernel := func(k int) op.PoolAttrs { return op.PoolAttrs{Kernel: [2]int{k, k}} }
	for _, c := range []struct {
		build func(g *graph.Graph)
		want  string
	}{
		{func(g *graph.Graph) { op.MatMul(f32(g, 3), f32(g, 3, 2), op.MatMulAttrs{}) },
			"MatMul: a is f32[3], two dimensions or more expected"},
		{func(g *graph.Graph) { op.MatMul(f32(g, 2, 3), of(g, tensor.I32, 3, 2), op.MatMulAttrs{}) },
			"MatMul: input 1 has element type i32, f32 expected"},
		{func(g *graph.Graph) { op.MatMul(f32(g, 2, 3), f32(g, 2, 3), op.MatMulAttrs{}) },
			"MatMul: a is 2 x 3, b is 2 x 3: the inner sizes 3 and 2 differ (inputs f32[2 3], f32[2 3])"},
		{func(g *graph.Graph) {
			op.MatMul(f32(g, 2, 3), f32(g, 3, 4), op.MatMulAttrs{TransA: true, TransB: true})
		},
			"MatMul: a transposed is 3 x 2, b transposed is 4 x 3: the inner sizes 2 and 4 differ"},
		{func(g *graph.Graph) { op.MatMul(f32(g, 5, 2, 3), f32(g, 4, 3, 2), op.MatMulAttrs{}) },
			"MatMul: batch shapes [5] and [4] do not broadcast"},

		{func(g *graph.Graph) { op.Conv2D(f32(g, 8, 3, 28, 28), f32(g, 6, 1, 5, 5), op.ConvAttrs{Groups: 2}) },
			"Conv2D: x has 3 channels, the weights take 1 x 2 groups (inputs f32[8 3 28 28], f32[6 1 5 5])"},
		{func(g *graph.Graph) { op.Conv2D(f32(g, 8, 3, 28, 28), f32(g, 6, 1, 5, 5), op.ConvAttrs{}) },
			"Conv2D: x has 3 channels, the weights take 1 ("},
		{func(g *graph.Graph) { op.Conv2D(f32(g, 1, 4, 9, 9), f32(g, 3, 2, 3, 3), op.ConvAttrs{Groups: 2}) },
			"Conv2D: 3 filters do not divide into 2 groups"},
		{func(g *graph.Graph) {
			op.Conv2D(f32(g, 1, 1, 4, 4), f32(g, 1, 1, 3, 3), op.ConvAttrs{Pad: [4]int{0, 0, 0, 1}, Dilation: [2]int{2, 3}})
		},
			"Conv2D: the kernel spans 5 x 7, more than the padded image's 4 x 5"},
		{func(g *graph.Graph) {
			op.Conv2D(f32(g, 1, 1, 4, 4), f32(g, 1, 1, 3, 3), op.ConvAttrs{Stride: [2]int{1, -1}})
		},
			"Conv2D: stride [1 -1], from 1 to 16777216 expected"},
		{func(g *graph.Graph) { op.Conv2D(f32(g, 1, 1, 4, 4), f32(g, 1, 1, 3, 3), op.ConvAttrs{Pad: [4]int{-1}}) },
			"Conv2D: padding [-1 0 0 0], from 0 to"},
		{func(g *graph.Graph) { op.Conv2D(f32(g, 1, 1, 4, 4), f32(g, 1, 1, 0, 3), op.ConvAttrs{}) },
			"Conv2D: kernel [0 3], from 1 to"},
		{func(g *graph.Graph) { op.Conv2D(f32(g, 4, 4), f32(g, 1, 1, 3, 3), op.ConvAttrs{}) },
			"Conv2D: x is f32[4 4], f32[N C H W] expected"},
		{func(g *graph.Graph) { op.Conv2D(f32(g, 1, 1, 4, 4), f32(g, 3, 3), op.ConvAttrs{}) },
			"Conv2D: w is f32[3 3], f32[O C/Groups KH KW] expected"},
		{func(g *graph.Graph) { op.Conv2DInputGrad(f32(g, 1, 1, 3, 3), f32(g, 1, 1, 3, 3), op.ConvAttrs{}, 4, 4) },
			"Conv2DInputGrad: dy is f32[1 1 3 3], f32[1 1 2 2] expected"},
		{func(g *graph.Graph) { op.Conv2DInputGrad(f32(g, 1, 1, 3, 3), f32(g, 1, 1, 3, 3), op.ConvAttrs{}, 0, 4) },
			"Conv2DInputGrad: image [0 4], from 1 to"},
		{func(g *graph.Graph) {
			op.Conv2DWeightGrad(f32(g, 1, 1, 4, 4), f32(g, 2, 1, 2, 2), op.ConvAttrs{}, 3, 3)
		},
			"Conv2DWeightGrad: dy is f32[2 1 2 2], f32[1 1 2 2] expected"},
		{func(g *graph.Graph) {
			op.Conv2DWeightGrad(f32(g, 1, 3, 4, 4), f32(g, 1, 2, 2, 2), op.ConvAttrs{Groups: 2}, 3, 3)
		},
			"Conv2DWeightGrad: 3 channels do not divide into 2 groups"},

		{func(g *graph.Graph) { op.MaxPool(f32(g, 1, 1, 2, 5), kernel(3)) },
			"MaxPool: the window is 3 x 3, more than the padded image's 2 x 5"},
		{func(g *graph.Graph) { op.MaxPool(f32(g, 1, 1, 5, 5), op.PoolAttrs{}) },
			"MaxPool: kernel [0 0], from 1 to 16777216 expected"},
		{func(g *graph.Graph) {
			op.AvgPool(f32(g, 1, 1, 5, 5), op.PoolAttrs{Kernel: [2]int{2, 3}, Pad: [4]int{0, 2, 2, 0}})
		},
			"AvgPool: padding [0 2 2 0] with kernel [2 3]: 0 or more and less than the kernel expected"},
		{func(g *graph.Graph) { op.MaxPoolGrad(f32(g, 1, 1, 3, 3), f32(g, 1, 1, 4, 4), kernel(2)) },
			"MaxPoolGrad: dy is f32[1 1 3 3], f32[1 1 2 2] expected"},
		{func(g *graph.Graph) { op.AvgPoolGrad(f32(g, 1, 1, 3, 3), kernel(2), 4, 4) },
			"AvgPoolGrad: dy is f32[1 1 3 3], f32[1 1 2 2] expected"},
		{func(g *graph.Graph) { op.GlobalAvgPool(f32(g, 2, 3)) },
			"GlobalAvgPool: x is f32[2 3], f32[N C H W] expected"},
		{func(g *graph.Graph) { op.GlobalAvgPool(f32(g, 2, 3, 0, 4)) },
			"GlobalAvgPool: x is f32[2 3 0 4], an image that is not empty expected"},

		{func(g *graph.Graph) { op.Resize(f32(g, 2, 3, 0, 4), op.ResizeAttrs{H: 2, W: 2}) },
			"Resize: x has no pixels: its images are 0 x 4"},
		{func(g *graph.Graph) { op.Resize(f32(g, 2, 3, 4, 4), op.ResizeAttrs{H: 2}) },
			"Resize: size [2 0], from 1 to 16777216 expected"},
		{func(g *graph.Graph) { op.ResizeGrad(f32(g, 2, 3, 4, 4), op.ResizeAttrs{H: 4, W: 5}, 2, 2) },
			"ResizeGrad: dy is f32[2 3 4 4], f32[2 3 4 5] expected"},

		{func(g *graph.Graph) { op.BatchMean(f32(g, 2, 3, 4)) },
			"BatchMean: x is f32[2 3 4], f32[N C] or f32[N C H W] expected"},
		{func(g *graph.Graph) { op.BatchMean(f32(g, 0, 3)) },
			"BatchMean: x is f32[0 3], which has no elements"},
		{func(g *graph.Graph) { op.BatchVariance(f32(g, 2, 3), f32(g, 2)) },
			"BatchVariance: mean is f32[2], f32[3] expected"},
		{func(g *graph.Graph) { v := f32(g, 3); op.BatchNorm(f32(g, 2, 3), v, v, v, v, -1) },
			"BatchNorm: eps -1, 0 or more expected"},
		{func(g *graph.Graph) { v := f32(g, 3); op.BatchNormTraining(f32(g, 2, 3), v, f32(g, 1, 3), v, v, 0) },
			"BatchNormTraining: bias is f32[1 3], f32[3] expected"},
		{func(g *graph.Graph) { v := f32(g, 3); op.BatchNormGradScale(f32(g, 3, 3), f32(g, 2, 3), v, v, 0) },
			"BatchNormGradScale: dy is f32[3 3], f32[2 3] expected"},

		{func(g *graph.Graph) { op.RandomBits(of(g, tensor.U32, 4), of(g, tensor.U32, 4), 7) },
			"RandomBits: key is u32[4], u32[2] expected"},
		{func(g *graph.Graph) { op.RandomUniform(of(g, tensor.U32, 2), of(g, tensor.I64, 2), 7) },
			"RandomUniform: counter is i64[2], u32[4] expected"},
		{func(g *graph.Graph) { op.Dropout(f32(g, 5), of(g, tensor.U32, 2), of(g, tensor.U32, 4), 1) },
			"Dropout: rate 1, 0 <= rate < 1 expected"},
		{func(g *graph.Graph) { op.Dropout(f32(g, 5), of(g, tensor.U32, 2), of(g, tensor.U32, 4), nan) },
			"Dropout: rate NaN, 0 <= rate < 1 expected"},

		{func(g *graph.Graph) { op.SoftmaxCrossEntropy(f32(g, 5, 10), of(g, tensor.I32, 4), 0) },
			"SoftmaxCrossEntropy: labels is i32[4], i32[5] expected"},
		{func(g *graph.Graph) { op.SoftmaxCrossEntropy(f32(g, 5, 10), of(g, tensor.I64, 5), 0) },
			"SoftmaxCrossEntropy: labels is i64[5], i32[N] expected"},
		{func(g *graph.Graph) { op.SoftmaxCrossEntropy(f32(g, 5, 10), of(g, tensor.I32, 5), 1.5) },
			"SoftmaxCrossEntropy: smoothing 1.5, 0 to 1 expected"},
		{func(g *graph.Graph) { op.SoftmaxCrossEntropySoft(f32(g, 5, 10), f32(g, 5, 9)) },
			"SoftmaxCrossEntropySoft: target is f32[5 9], f32[5 10] expected"},
		{func(g *graph.Graph) { op.SoftmaxCrossEntropyGrad(f32(g, 4), f32(g, 5, 10), of(g, tensor.I32, 5), 0) },
			"SoftmaxCrossEntropyGrad: dy is f32[4], f32[5] expected"},
		{func(g *graph.Graph) { op.SquaredError(f32(g, 5), f32(g, 5, 1)) },
			"SquaredError: the target has shape [5 1], that of x, [5], expected"},
		{func(g *graph.Graph) { op.BCEWithLogits(f32(g, 5), of(g, tensor.Bool, 5)) },
			"BCEWithLogits: input 1 has element type bool, f32 expected"},
		{func(g *graph.Graph) { op.SmoothL1(f32(g, 5), f32(g, 5), -1) },
			"SmoothL1: beta -1, 0 or more expected"},
	} {
		_, err := graph.Trace(c.build)
		if err == nil {
			t.Errorf("no error, %q expected", c.want)
		} else if !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %q, %q expected", err, c.want)
		}
	}
}
