package cpu

import (
	"math"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

func init() { lowerings["SoftmaxCrossEntropy"] = lowerSoftmaxCrossEntropy }

func lowerSoftmaxCrossEntropy(c *compiler, n *graph.Node, dst *value, _ tail) {
	smoothing := n.Op().(op.SoftmaxCrossEntropyOp).Smoothing
	in := c.in(n)
	samples, classes := n.In(0).Shape().Dim(0), n.In(0).Shape().Dim(1)
	per := max(1, taskSize/4/classes)
	c.add(&step{name: "SoftmaxCrossEntropy", nodes: []*graph.Node{n}, in: in, out: []*value{dst}, tasks: (samples + per - 1) / per, scratch: classes,
		run: func(r *run, task int, scratch []float32) {
			for i := task * per; i < min((task+1)*per, samples); i++ {
				r.f32(dst)[i] = c.crossEntropy(row(r, in[0], i, classes), r.i32(in[1])[i], smoothing, scratch[:classes])
			}
		}})
}

// crossEntropy returns the loss of one sample, NaN for a label that is no class.
func (c *compiler) crossEntropy(x []float32, label int32, smoothing float32, scratch []float32) float32 {
	if label < 0 || int(label) >= len(x) {
		return float32(math.NaN())
	}
	largest, sum := expRow(c.kernel, scratch, x)
	logSum := math.Log(float64(sum))
	loss := (1 - float64(smoothing)) * (logSum - float64(x[label]-largest))
	if smoothing > 0 {
		c.kernel.AddScalar(scratch, x, -largest)
		loss += float64(smoothing) * (logSum - float64(c.kernel.Sum(scratch))/float64(len(x)))
	}
	return float32(loss)
}
