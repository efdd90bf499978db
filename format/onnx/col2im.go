package onnx

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() { register("Col2Im", 18, col2Im) }

// col2Im adds the blocks of x [N C*block L] up to an image, each at the place of a window.
func col2Im(c *call) []value {
	x := c.x(0)
	image, block := c.ints(1, "the image's shape"), c.ints(2, "the block's shape")
	if x.rank() != 3 || len(image) != len(block) {
		c.fail("blocks %v in shape %v for an image of shape %v", block, x.shape(), image)
	}
	w := c.window(c.shapeOf(append([]int{1, 1}, image...)), block)
	counts, padded := make([]int, len(block)), make([]int, len(block))
	for i := range block {
		padded[i] = image[i] + w.low[i] + w.high[i]
		counts[i] = windowsIn(padded[i], w.extent(i), w.stride[i])
	}
	windows, taps := c.shapeOf(counts), c.shapeOf(block)
	n, channels := x.dim(0), x.dim(1)/max(taps.Size(), 1)
	if x.dim(1) != channels*taps.Size() || x.dim(2) != windows.Size() {
		c.fail("shape %v for %d blocks of shape %v", x.shape(), windows.Size(), block)
	}
	whole := c.shapeOf(padded)
	places := c.tensor(tensor.I64, taps.Size()*windows.Size())
	strides := whole.Strides()
	graph.Walk(taps, func(i int, tap *[tensor.MaxRank]int) {
		graph.Walk(windows, func(j int, at *[tensor.MaxRank]int) {
			for d := range block {
				places.I64()[i*windows.Size()+j] += int64((at[d]*w.stride[d] + tap[d]*w.dilation[d]) * strides[d])
			}
		})
	})
	values := op.Transpose(op.Reshape(x.real(), n*channels, places.Size()))
	zeros := c.g.Fill(graph.F32(whole.Size(), n*channels), 0)
	y := op.Transpose(op.Scatter(zeros, c.constant(places), values, op.AddUp))
	y = op.Reshape(y, append([]int{n, channels}, padded...)...)
	for i := range block {
		y = op.Slice(y, 2+i, w.low[i], w.low[i]+image[i], 1)
	}
	return []value{fromReal(y, x.t)}
}

// windowsIn returns how many windows fit into a padded size.
func windowsIn(padded, extent, stride int) int {
	if padded < extent {
		return 0
	}
	return (padded-extent)/stride + 1
}
