package op_test

import (
	"testing"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

// TestDefaults checks that attributes left out mean what they say, so that they are the same node as those written out.
func TestDefaults(t *testing.T) {
	_, err := graph.Trace(func(g *graph.Graph) {
		x, w := g.Input("x", graph.F32(2, 4, 9, 9)), g.Input("w", graph.F32(6, 4, 3, 3))
		explicit := op.ConvAttrs{Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}
		y := op.Conv2D(x, w, op.ConvAttrs{})
		pool, full := op.PoolAttrs{Kernel: [2]int{2, 3}}, op.PoolAttrs{Kernel: [2]int{2, 3}, Stride: [2]int{2, 3}}
		p := op.AvgPool(x, pool)
		counting := full
		counting.CountIncludePad = true // makes no difference to a maximum
		for what, same := range map[string]bool{
			"Conv2D":           y == op.Conv2D(x, w, explicit),
			"Conv2DInputGrad":  op.Conv2DInputGrad(y, w, op.ConvAttrs{}, 9, 9) == op.Conv2DInputGrad(y, w, explicit, 9, 9),
			"Conv2DWeightGrad": op.Conv2DWeightGrad(x, y, op.ConvAttrs{}, 3, 3) == op.Conv2DWeightGrad(x, y, explicit, 3, 3),
			"AvgPool":          p == op.AvgPool(x, full),
			"AvgPoolGrad":      op.AvgPoolGrad(p, pool, 9, 9) == op.AvgPoolGrad(p, full, 9, 9),
			"MaxPool":          op.MaxPool(x, pool) == op.MaxPool(x, counting),
			"MaxPoolGrad":      op.MaxPoolGrad(p, x, pool) == op.MaxPoolGrad(p, x, counting),
		} {
			if !same {
				t.Errorf("%s: attributes left out and written out make two nodes", what)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestFLOPsNN counts by hand: a multiply-add is two, and taps on padding count.
func TestFLOPsNN(t *testing.T) {
	_, err := graph.Trace(func(g *graph.Graph) {
		x, w := g.Input("x", graph.F32(2, 4, 8, 8)), g.Input("w", graph.F32(6, 2, 3, 3))
		a := op.ConvAttrs{Pad: [4]int{1, 1, 1, 1}, Groups: 2}
		y := op.Conv2D(x, w, a)
		conv := int64(2 * (2 * 6 * 8 * 8) * (2 * 3 * 3))
		p := op.PoolAttrs{Kernel: [2]int{3, 3}, Stride: [2]int{2, 2}, Pad: [4]int{1, 1, 1, 1}}
		pooled := op.MaxPool(x, p)
		pool := int64((2 * 4 * 4 * 4) * 9)
		m := g.Input("m", graph.F32(5, 7, 3))
		for what, c := range map[string]struct{ got, want int64 }{
			"Conv2D":           {y.FLOPs(), conv},
			"Conv2DInputGrad":  {op.Conv2DInputGrad(y, w, a, 8, 8).FLOPs(), conv},
			"Conv2DWeightGrad": {op.Conv2DWeightGrad(x, y, a, 3, 3).FLOPs(), conv},
			"MaxPool":          {pooled.FLOPs(), pool},
			"MaxPoolGrad":      {op.MaxPoolGrad(pooled, x, p).FLOPs(), pool},
			"AvgPool":          {op.AvgPool(x, p).FLOPs(), pool},
			"AvgPoolGrad":      {op.AvgPoolGrad(pooled, p, 8, 8).FLOPs(), pool},
			"GlobalAvgPool":    {op.GlobalAvgPool(x).FLOPs(), 2 * 4 * 8 * 8},
			"Resize":           {op.Resize(x, op.ResizeAttrs{H: 3, W: 5}).FLOPs(), 9 * 2 * 4 * 3 * 5},
			"ResizeGrad":       {op.ResizeGrad(x, op.ResizeAttrs{H: 8, W: 8}, 3, 5).FLOPs(), 9 * 2 * 4 * 8 * 8},
			"MatMul":           {op.MatMul(m, m, op.MatMulAttrs{TransA: true}).FLOPs(), 5 * 2 * 3 * 7 * 3},
			"BatchMean":        {op.BatchMean(x).FLOPs(), 2 * 4 * 8 * 8},
		} {
			if c.got != c.want {
				t.Errorf("%s: %d operations, want %d", what, c.got, c.want)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestGradientsOfGradients checks that each family is closed: it gives gradients made of its own ops, as often as one likes.
func TestGradientsOfGradients(t *testing.T) {
	_, err := graph.Trace(func(g *graph.Graph) {
		x, w := g.Input("x", graph.F32(1, 2, 6, 6)), g.Input("w", graph.F32(2, 2, 3, 3))
		p := op.PoolAttrs{Kernel: [2]int{2, 2}}
		y := op.AvgPool(op.MaxPool(op.Conv2D(x, w, op.ConvAttrs{Pad: [4]int{1, 1, 1, 1}}), p), op.PoolAttrs{Kernel: [2]int{3, 3}})
		y = op.Resize(y, op.ResizeAttrs{H: 2, W: 3})
		y = op.SquaredError(y, op.Mul(y, g.Scalar(2)))
		for range 3 {
			grads := graph.Grad(op.ReduceSum(y, false), []*graph.Node{x, w})
			if _, zero := grads[1].Op().(graph.FillOp); zero {
				t.Error("the gradient ends in zeros")
			}
			y = op.Mul(grads[1], grads[1])
		}
	})
	if err != nil {
		t.Fatal(err)
	}
}
