package onnx

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() { register("DeformConv", 19, deformConv) }

// deformConv is a convolution whose taps are moved by offsets and weighted by a mask (Zhu et al. 2018, "Deformable ConvNets v2", equation 1). For each tap the image is
// read at its places, which gives channels for a convolution with a kernel of 1x1.
func deformConv(c *call) []value {
	x, w, offset := c.float(0), c.float(1), c.float(2)
	if x.Shape().Rank() != 4 || w.Shape().Rank() != 4 || offset.Shape().Rank() != 4 {
		c.refuse("other than two spatial dimensions")
	}
	win := c.window(x.Shape(), w.Shape().Dims()[2:])
	n, channels := x.Shape().Dim(0), x.Shape().Dim(1)
	oh, ow := offset.Shape().Dim(2), offset.Shape().Dim(3)
	groups, taps := c.attrInt("offset_group", 1), win.kernel[0]*win.kernel[1]
	if groups < 1 || channels%groups != 0 || offset.Shape().Dim(1) != 2*groups*taps {
		c.fail("offsets of shape %v for %d groups of %d channels and a kernel of %d", offset.Shape(), groups, channels, taps)
	}
	if groups*taps > maxTaps {
		c.refuse("%d groups of offsets for %d taps, more than %d in all", groups, taps, maxTaps)
	}
	p := interpolation{mode: "linear", padding: "zeros"}
	var columns, filters []*graph.Node
	for k := range taps {
		at := [2]int{k / win.kernel[1], k % win.kernel[1]}
		var parts []*graph.Node
		for g := range groups {
			axes := make([][]tap, 2)
			for d := range 2 {
				i := (g*taps+k)*2 + d
				moved := op.Add(op.Reshape(op.Slice(offset, 1, i, i+1, 1), n, oh, ow), c.places(win, d, at[d], [2]int{oh, ow}))
				axes[d] = p.taps(moved, x.Shape().Dim(2+d))
			}
			size := channels / groups
			part := c.sampled(op.Slice(x, 1, g*size, (g+1)*size, 1), axes, c.count(n, 2))
			if c.has(4) {
				i := g*taps + k
				part = op.Mul(part, op.Slice(c.float(4), 1, i, i+1, 1))
			}
			parts = append(parts, part)
		}
		columns = append(columns, op.Concat(1, parts...))
		filters = append(filters, op.Slice(op.Slice(w, 2, at[0], at[0]+1, 1), 3, at[1], at[1]+1, 1))
	}
	var y *graph.Node
	for i, column := range columns {
		part := op.Conv2D(column, filters[i], op.ConvAttrs{Groups: c.attrInt("group", 1)})
		if y == nil {
			y = part
		} else {
			y = op.Add(y, part)
		}
	}
	if c.has(3) {
		y = op.Add(y, perChannel(c.float(3), 4))
	}
	return c.one(y)
}

// places returns where a tap reads along dimension d without offsets, in a shape that broadcasts to [N H W].
func (c *call) places(w window, d, tap int, out [2]int) *graph.Node {
	t := c.tensor(tensor.F32, append([]int{out[d]}, ones(1-d)...)...)
	for i := range t.F32() {
		t.F32()[i] = float32(i*w.stride[d] - w.low[d] + tap*w.dilation[d])
	}
	return c.constant(t)
}
