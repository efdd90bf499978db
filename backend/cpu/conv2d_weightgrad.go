package cpu

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

func init() { lowerings["Conv2DWeightGrad"] = lowerConv2DWeightGrad }

// maxPartial is how many floats the partial sums of a weight gradient may take, beyond two of them.
const maxPartial = 4 << 20

// lowerConv2DWeightGrad sums chunks of the images apart, then the chunks in order: the number of chunks depends on the shapes
// alone.
func lowerConv2DWeightGrad(c *compiler, n *graph.Node, dst *value, _ tail) {
	o := n.Op().(op.Conv2DWeightGradOp)
	k := c.convOf(o.ConvAttrs, n.In(0).Shape(), n.Shape(), 1)
	in := c.in(n)
	size := k.WeightGradSize()
	chunks := min(k.images, 8, max(2, maxPartial/(size*k.groups)))
	partial := c.newValue(graph.F32(chunks * k.groups * size))
	c.add(&step{name: "Conv2DWeightGrad", nodes: []*graph.Node{n}, in: in, out: []*value{partial}, scratch: k.WeightGradScratch(), tasks: chunks * k.groups,
		run: func(r *run, task int, scratch []float32) {
			chunk, group := task/k.groups, task%k.groups
			acc := r.f32(partial)[task*size:][:size]
			clear(acc)
			for i := k.images * chunk / chunks; i < k.images*(chunk+1)/chunks; i++ {
				at := i*k.groups + group
				k.WeightGrad(acc, r.f32(in[0])[at*k.x:][:k.x], r.f32(in[1])[at*k.y:][:k.y], scratch)
			}
		}})
	sum := c.sumPartial(n, partial, chunks, k.groups*size)
	c.storeWeightGrad(n, k, sum, dst)
}

// storeBlock is how many output channels' gradients a task brings into the layout of the weights.
const storeBlock = 64

// storeWeightGrad emits the step that transposes the accumulated gradients, [taps][channels] in each group, into dst.
func (c *compiler) storeWeightGrad(n *graph.Node, k conv, sum, dst *value) {
	size, taps := k.WeightGradSize(), k.K()
	pitch, blocks := size/taps, (k.O+storeBlock-1)/storeBlock
	c.add(&step{name: "store", part: true, nodes: []*graph.Node{n}, in: []*value{sum}, out: []*value{dst}, tasks: k.groups * blocks, run: func(r *run, task int, _ []float32) {
		group, from := task/blocks, task%blocks*storeBlock
		channels := min(storeBlock, k.O-from)
		dw := r.f32(dst)[group*k.w+from*taps:][:channels*taps]
		c.kernel.Transpose(dw, taps, r.f32(sum)[group*size+from:(group+1)*size], pitch, taps, channels)
	}})
}

// sumPartial emits the step that sums n vectors of size floats each, in order.
func (c *compiler) sumPartial(node *graph.Node, partial *value, n, size int) *value {
	if n == 1 {
		return partial
	}
	sum := c.newValue(graph.F32(size))
	c.add(&step{name: "sum", part: true, nodes: []*graph.Node{node}, in: []*value{partial}, out: []*value{sum}, tasks: (size + taskSize - 1) / taskSize,
		run: func(r *run, task int, _ []float32) {
			lo, hi := task*taskSize, min((task+1)*taskSize, size)
			dst, p := r.f32(sum)[lo:hi], r.f32(partial)
			copy(dst, p[lo:hi])
			for i := 1; i < n; i++ {
				c.kernel.Add(dst, dst, p[i*size+lo:i*size+hi])
			}
		}})
	return sum
}
