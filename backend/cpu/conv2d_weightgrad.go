package cpu

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/op"
)

func init() { lowerings["Conv2DWeightGrad"] = lowerConv2DWeightGrad }

// maxPartial is how many floats the partial sums of a weight gradient may take, beyond one of them.
const maxPartial = 4 << 20

func lowerConv2DWeightGrad(c *compiler, n *graph.Node, dst *value, _ tail) {
	a := n.Op().(op.Conv2DWeightGradOp).ConvAttrs
	if c.depthwise(a, n.Shape()) {
		c.depthwiseWeightGrad(n, a, dst)
		return
	}
	x, dy := c.convInput(a, n.In(0)), c.convInput(a, n.In(1))
	if x.layout == channelsLast {
		dy = c.as(n.In(1), channelsLast)
	}
	shape := convShape(a, n.In(0).Shape(), n.Shape())
	shape.XLast, shape.YLast = x.layout == channelsLast, dy.layout == channelsLast
	if a.Groups == 1 {
		if g := c.kernel.NewWinogradGrad(shape); g != nil {
			c.wholeWeightGrad(n, g, x, dy, dst, shares(shape.N, g.Chunks()))
			return
		}
		if shape.XLast {
			c.wholeWeightGrad(n, c.kernel.NewChannelWeightGrad(shape), x, dy, dst, 0)
			return
		}
	}
	c.chunkedWeightGrad(n, a, x, dy, dst)
}

// wholeWeightGrad emits the steps of a weight gradient whose parts each go through the whole batch, or large chunks of it, which are so
// many equal shares of the images, if not 0.
func (c *compiler) wholeWeightGrad(n *graph.Node, g kernel.WeightGrad, x, dy, dst *value, shares int) {
	parts, chunks, size := g.Parts(), g.Chunks(), n.Shape().Size()
	partial := dst
	if chunks > 1 {
		partial = c.newValue(graph.F32(chunks * size))
	}
	c.add(&step{name: "Conv2DWeightGrad", nodes: []*graph.Node{n}, in: []*value{x, dy}, out: []*value{partial}, scratch: g.Scratch(), tasks: parts * chunks, shares: shares, local: []*value{x, dy},
		run: func(r *run, task int, scratch []float32) {
			part, chunk := task%parts, task/parts
			g.Run(r.f32(partial)[chunk*size:][:size], r.f32(x), r.f32(dy), part, chunk, scratch)
		}})
	if chunks > 1 {
		c.sumPartialInto(n, partial, dst, chunks, size)
	}
}

// chunkedWeightGrad sums chunks of the images apart, then the chunks in order. Large weights are cut by output channels instead:
// partial sums of them would cost too much memory. Both numbers depend on the shapes alone.
func (c *compiler) chunkedWeightGrad(n *graph.Node, a op.ConvAttrs, x, dy, dst *value) {
	images, w := n.In(0).Shape(), n.Shape()
	chunks := min(kernel.EvenCut(images.Dim(0), convShape(a, images, w).GradChunks(a.Groups)), max(1, maxPartial/w.Size()))
	k := c.convOf(a, images, w, false, x.layout, dy.layout, chunks, false)
	chunks = min(chunks, k.runs)
	size, panels := k.WeightGradSize(), k.ChannelPanels()
	parts := min(panels, (minTasks+chunks*k.groups-1)/(chunks*k.groups))
	partial := c.newValue(graph.F32(chunks * k.groups * size))
	c.add(&step{name: "Conv2DWeightGrad", nodes: []*graph.Node{n}, in: []*value{x, dy}, out: []*value{partial}, scratch: k.WeightGradScratch(), tasks: chunks * k.groups * parts, shares: shares(k.runs, chunks), local: []*value{x, dy},
		run: func(r *run, task int, scratch []float32) {
			at, part := task/parts, task%parts
			chunk, group := at/k.groups, at%k.groups
			q0, q1 := panels*part/parts, panels*(part+1)/parts
			acc := r.f32(partial)[at*size:][:size]
			k.ClearWeightGrad(acc, q0, q1)
			for i := k.runs * chunk / chunks; i < k.runs*(chunk+1)/chunks; i++ {
				from := i*k.groups + group
				k.WeightGradPanels(acc, r.f32(x)[from*k.x:][:k.x], r.f32(dy)[from*k.y:][:k.y], q0, q1, scratch)
			}
		}})
	sum := c.sumPartial(n, partial, chunks, k.groups*size)
	c.storeWeightGrad(n, k, sum, dst)
}

// storeBlock is how many output channels' gradients a task brings into the layout of the weights.
const storeBlock = 64

// storeWeightGrad emits the step that transposes the accumulated gradients, [taps][channels] in each group, into dst.
func (c *compiler) storeWeightGrad(n *graph.Node, k conv, sum, dst *value) {
	size, blocks := k.WeightGradSize(), (k.O+storeBlock-1)/storeBlock
	c.add(&step{name: "store", part: true, nodes: []*graph.Node{n}, in: []*value{sum}, out: []*value{dst}, tasks: k.groups * blocks, run: func(r *run, task int, _ []float32) {
		group, from := task/blocks, task%blocks*storeBlock
		k.StoreWeightGrad(r.f32(dst)[group*k.w:][:k.w], r.f32(sum)[group*size:][:size], from, min(from+storeBlock, k.O))
	}})
}

// sumPartial returns the sum of n vectors of size floats each.
func (c *compiler) sumPartial(node *graph.Node, partial *value, n, size int) *value {
	if n == 1 {
		return partial
	}
	sum := c.newValue(graph.F32(size))
	c.sumPartialInto(node, partial, sum, n, size)
	return sum
}

// sumPartialInto emits the step that sums n > 1 vectors of size floats each, in order, into sum.
func (c *compiler) sumPartialInto(node *graph.Node, partial, sum *value, n, size int) {
	c.add(&step{name: "sum", part: true, nodes: []*graph.Node{node}, in: []*value{partial}, out: []*value{sum}, tasks: (size + taskSize - 1) / taskSize,
		run: func(r *run, task int, _ []float32) {
			lo, hi := task*taskSize, min((task+1)*taskSize, size)
			dst, p := r.f32(sum)[lo:hi], r.f32(partial)
			copy(dst, p[lo:hi])
			for i := 1; i < n; i++ {
				c.kernel.Add(dst, dst, p[i*size+lo:i*size+hi])
			}
		}})
}
