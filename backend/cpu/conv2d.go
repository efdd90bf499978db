package cpu

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() { lowerings["Conv2D"] = lowerConv2D }

// A convolution is cut by image (by a few of them, where they are small), by group, and, where that makes too few tasks, by output
// channels.
type conv struct {
	*kernel.Conv
	images, groups, blocks int // runs of images, and blocks of output channels in a group
	x, w, y                int // floats of a run's group of x, of a block's weights, of a block's result
}

// convOf plans the kernel for the convolution of x with w, each group in so many blocks of output channels.
func (c *compiler) convOf(a op.ConvAttrs, x, w tensor.Shape, blocks int) conv {
	oh, ow := a.OutSize(x.Dim(2), x.Dim(3), w.Dim(2), w.Dim(3))
	shape := kernel.ConvShape{
		N: 1, C: w.Dim(1), H: x.Dim(2), W: x.Dim(3), O: w.Dim(0) / a.Groups / blocks, KH: w.Dim(2), KW: w.Dim(3),
		StrideH: a.Stride[0], StrideW: a.Stride[1], PadT: a.Pad[0], PadL: a.Pad[1], PadB: a.Pad[2], PadR: a.Pad[3],
		DilH: a.Dilation[0], DilW: a.Dilation[1],
	}
	if a.Groups*blocks == 1 {
		shape.N = imagesAtOnce(x.Dim(0), oh*ow)
	}
	k, err := c.kernel.NewConv(shape)
	if err != nil {
		panic(fmt.Sprintf("cpu: Conv2D of %v with %v: %v", x, w, err)) // the op's own check would have failed
	}
	n := shape.N
	return conv{k, x.Dim(0) / n, a.Groups, blocks, n * shape.C * shape.H * shape.W, shape.O * k.K(), n * shape.O * oh * ow}
}

// imagesAtOnce returns how many images of so many outputs are convolved together: enough to fill register tiles, few enough to
// make work for several threads.
func imagesAtOnce(images, outputs int) int {
	best := 1
	for n := 2; n*outputs <= 1024 && images/n >= 8; n++ {
		if images%n == 0 {
			best = n
		}
	}
	return best
}

// channelBlocks returns into how many blocks the output channels of a group are cut: few images must still make work for
// several threads.
func channelBlocks(images, channels int) int {
	blocks := 1
	for images*blocks < 8 && channels%(2*blocks) == 0 && channels/(2*blocks) >= 16 {
		blocks *= 2
	}
	return blocks
}

func lowerConv2D(c *compiler, n *graph.Node, dst *value, then tail) {
	a := n.Op().(op.Conv2DOp).ConvAttrs
	x, w := n.In(0).Shape(), n.In(1).Shape()
	k := c.convOf(a, x, w, channelBlocks(x.Dim(0)*a.Groups, w.Dim(0)/a.Groups))
	in := c.in(n)
	packed := c.packWeights(n, in[1], k.groups*k.blocks, k.w, k.PackedSize(), k.Pack)
	s := &step{name: "Conv2D", nodes: []*graph.Node{n}, in: []*value{in[0], packed}, out: []*value{dst}, scratch: k.ForwardScratch(), tasks: k.images * k.groups * k.blocks}
	s.attach(then)
	s.run = func(r *run, task int, scratch []float32) {
		block := task % (k.groups * k.blocks)
		xs := r.f32(in[0])[task/k.blocks*k.x:][:k.x]
		ys := r.f32(dst)[task*k.y:][:k.y]
		k.Forward(ys, xs, r.f32(packed)[block*k.PackedSize():][:k.PackedSize()], kernel.Epilogue{}, scratch)
		then.run(r, task*k.y, (task+1)*k.y, scratch)
	}
	c.add(s)
}

// packWeights emits the step that packs each of n blocks of w, of size floats each.
func (c *compiler) packWeights(node *graph.Node, w *value, n, size, packedSize int, pack func(dst, w []float32)) *value {
	packed := c.newValue(graph.F32(n * packedSize))
	c.add(&step{name: "pack", part: true, nodes: []*graph.Node{node}, in: []*value{w}, out: []*value{packed}, tasks: n, run: func(r *run, task int, _ []float32) {
		pack(r.f32(packed)[task*packedSize:][:packedSize], r.f32(w)[task*size:][:size])
	}})
	return packed
}
