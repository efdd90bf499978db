package cpu

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// depthwise reports whether a convolution with w is one of each channel by itself, of enough channels to keep them side by side: a vector
// then holds channels, whose windows lie alike. Half as many as elsewhere are enough, since there are no products to be had in planes.
func (c *compiler) depthwise(a op.ConvAttrs, w tensor.Shape) bool {
	return a.Groups > 1 && 2*a.Groups >= c.minLast && w.Dim(0) == a.Groups && w.Dim(1) == 1
}

// depthwiseOf plans the kernel for the convolution of x with w.
func (c *compiler) depthwiseOf(a op.ConvAttrs, x, w tensor.Shape) *kernel.DepthwiseConv {
	shape := convShape(a, x, w)
	shape.C, shape.O = a.Groups, a.Groups
	k, err := c.kernel.NewDepthwiseConv(shape)
	if err != nil {
		panic(fmt.Sprintf("cpu: Conv2D of %v with %v: %v", x, w, err)) // the op's own check would have failed
	}
	return k
}

// depthwiseRows emits the steps of an output or input gradient, of which do makes some rows.
func (c *compiler) depthwiseRows(n *graph.Node, k *kernel.DepthwiseConv, do func(y, x, packed []float32, y0, y1 int), dst *value, then tail) {
	w := c.as(n.In(1), rowMajor)
	packed := c.newValue(graph.F32(k.PackedSize()))
	c.add(&step{name: "pack", part: true, nodes: []*graph.Node{n}, in: []*value{w}, out: []*value{packed}, tasks: 1, run: func(r *run, _ int, _ []float32) {
		k.Pack(r.f32(packed), r.f32(w))
	}})
	x := c.as(n.In(0), channelsLast)
	c.imageRows(n, []*value{x}, []*value{packed}, dst, then, 0, func(r *run, image, y0, y1 int, _ []float32) {
		do(imageOf(r, dst, image), imageOf(r, x, image), r.f32(packed), y0, y1)
	})
}

// depthwiseWeightGrad sums ranges of the images apart, then the ranges in order.
func (c *compiler) depthwiseWeightGrad(n *graph.Node, a op.ConvAttrs, dst *value) {
	x, dy := c.as(n.In(0), channelsLast), c.as(n.In(1), channelsLast)
	k := c.depthwiseOf(a, n.In(0).Shape(), n.Shape())
	images, size := n.In(0).Shape().Dim(0), k.PackedSize()
	ranges := min(images, poolTasks)
	partial := c.newValue(graph.F32(ranges * size))
	c.add(&step{name: n.Op().Name(), nodes: []*graph.Node{n}, in: []*value{x, dy}, out: []*value{partial}, tasks: ranges, run: func(r *run, task int, _ []float32) {
		k.WeightGrad(r.f32(partial)[task*size:][:size], r.f32(x), r.f32(dy), images*task/ranges, images*(task+1)/ranges)
	}})
	sum := c.sumPartial(n, partial, ranges, size)
	c.add(&step{name: "store", part: true, nodes: []*graph.Node{n}, in: []*value{sum}, out: []*value{dst}, tasks: 1, run: func(r *run, _ int, _ []float32) {
		k.Unpack(r.f32(dst), r.f32(sum))
	}})
}
