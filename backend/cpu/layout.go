package cpu

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// A layout is the order in which the elements of a value lie in memory.
type layout uint8

const (
	rowMajor     layout = iota
	channelsLast        // those of [N C H W] as if it were [N H W C]
)

func (l layout) String() string { return [...]string{"", "channels last"}[l] }

// minLast is the number of channels from which on a convolution keeps those of a position side by side, and with it all that follows; half
// of it for a depthwise one.
const minLast = 32

// order returns the dimensions of a shape from the outermost in memory to the innermost.
func (l layout) order(rank int) []int {
	if l == channelsLast {
		return []int{0, 2, 3, 1}
	}
	order := make([]int, rank)
	for i := range order {
		order[i] = i
	}
	return order
}

// strides returns the distances in memory of neighbours along each dimension.
func (l layout) strides(s tensor.Shape) [tensor.MaxRank]int {
	if l == rowMajor {
		return s.Strides()
	}
	c, h, w := s.Dim(1), s.Dim(2), s.Dim(3)
	return [tensor.MaxRank]int{c * h * w, 1, w * c, c}
}

// hasLayouts reports whether t can lie in both layouts, and these differ.
func hasLayouts(t graph.Type) bool {
	return t.DType == tensor.F32 && t.Shape.Rank() == 4 && t.Shape.Dim(1) > 1 && t.Shape.Dim(2)*t.Shape.Dim(3) > 1
}

// lies reports whether v is of layout l.
func (v *value) lies(l layout) bool { return v.layout == l || !hasLayouts(v.typ) }

// as returns n's value in layout l: itself, or a copy, which is made once.
func (c *compiler) as(n *graph.Node, l layout) *value {
	v := c.of[n]
	if v.lies(l) {
		return v
	}
	if w := c.reordered[n]; w != nil {
		return w
	}
	w := c.newValue(n.Type())
	w.layout = l
	c.reordered[n] = w
	c.reorder(n, v, w)
	return w
}

// reorderBlock is about how many values a task reorders.
const reorderBlock = 1 << 16

// reorder emits the step that copies v to w, which is of the other layout: for each image a matrix is transposed.
func (c *compiler) reorder(n *graph.Node, v, w *value) {
	s := n.Shape()
	rows, cols := s.Dim(1), s.Dim(2)*s.Dim(3)
	if v.layout == channelsLast {
		rows, cols = cols, rows
	}
	parts := min(rows, 1+rows*cols/reorderBlock)
	c.add(&step{name: "reorder", part: true, nodes: []*graph.Node{n}, in: []*value{v}, out: []*value{w}, tasks: s.Dim(0) * parts, shares: s.Dim(0), local: []*value{v}, run: func(r *run, task int, _ []float32) {
		first, part := task/parts*rows*cols, task%parts
		i, end := rows*part/parts, rows*(part+1)/parts
		c.kernel.Transpose(r.f32(w)[first+i:], rows, r.f32(v)[first+i*cols:], cols, end-i, cols)
	}})
}

// chooseLayout returns the layout in which the lowering of n is to make its result. Convolutions of many channels keep these side by
// side; what only passes elements on keeps the layout of its input.
func (c *compiler) chooseLayout(n *graph.Node) layout {
	switch n.Op().(type) {
	case op.MaxPoolOp, op.AvgPoolOp:
		return c.of[n.In(0)].layout
	}
	if !hasLayouts(n.Type()) {
		return rowMajor
	}
	switch o := n.Op().(type) {
	case op.Conv2DOp:
		return c.convLayout(o.ConvAttrs, n)
	case op.Conv2DInputGradOp:
		return c.convLayout(o.ConvAttrs, n)
	case op.AvgPoolGradOp, op.PadOp, op.ResizeOp, op.ResizeGradOp:
		return c.of[n.In(0)].layout
	case op.MaxPoolGradOp:
		return c.of[n.In(1)].layout
	case op.ResampleOp:
		if o.Axis != 1 {
			return c.of[n.In(0)].layout
		}
	case op.ConcatOp:
		if o.Axis != 1 {
			return rowMajor
		}
		for _, in := range n.Ins() {
			if v := c.of[in]; v.layout == channelsLast && hasLayouts(v.typ) {
				return channelsLast
			}
		}
	}
	return rowMajor
}

// inputLayout returns the layout of an input: row-major, or, in a part of a program, that in which convolutions like to read it.
func (c *compiler) inputLayout(n *graph.Node) layout {
	if !c.part || !hasLayouts(n.Type()) || n.Shape().Dim(1) < c.minLast {
		return rowMajor
	}
	for _, u := range c.uses[n] {
		switch u.Op().(type) {
		case op.Conv2DOp, op.Conv2DInputGradOp:
			if u.In(0) == n {
				return channelsLast
			}
		case op.Conv2DWeightGradOp:
			return channelsLast
		}
	}
	return rowMajor
}

// result returns the value of n in the layout of results.
func (c *compiler) result(n *graph.Node) *value {
	if c.part {
		return c.of[n]
	}
	return c.as(n, rowMajor)
}

// convLayout returns the layout of the result of n, a convolution or the input gradient of one.
func (c *compiler) convLayout(a op.ConvAttrs, n *graph.Node) layout {
	if a.Groups == 1 && n.Shape().Dim(1) >= c.minLast || c.depthwise(a, n.In(1).Shape()) {
		return channelsLast
	}
	return rowMajor
}

// groupLayout returns the layout of an elementwise group: that of what feeds it, or of most of what it reads.
func (c *compiler) groupLayout(g *group) layout {
	if g.feed != nil {
		return c.chooseLayout(g.feed)
	}
	if !hasLayouts(g.last.Type()) {
		return rowMajor
	}
	votes := 0
	for _, n := range g.nodes {
		for _, in := range n.Ins() {
			v := c.of[in]
			switch {
			case v == nil: // of the group itself, or a fill
			case in.Shape() == n.Shape() && in.DType() != tensor.F32:
				return rowMajor
			case !hasLayouts(v.typ):
			case v.layout == channelsLast:
				votes++
			default:
				votes--
			}
		}
	}
	if votes > 0 {
		return channelsLast
	}
	return rowMajor
}
