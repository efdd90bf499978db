package cpu

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// A group is a set of elementwise nodes of one shape that are computed together, block by block, without their
// intermediate results ever leaving the first-level cache.
type group struct {
	nodes []*graph.Node // in order
	last  *graph.Node   // the only one that is read from outside the group
	feed  *graph.Node   // a convolution or the like that the group is computed right behind of; may be nil
}

// maxGroup bounds a group, so that its blocks stay in the first-level cache.
const maxGroup = 16

// fuse finds the groups. Going backwards, a node joins the group of its readers if all of them are in one: nothing outside
// can then depend on the node, and computing it late cannot make a cycle. What depends on constants alone is computed once, and so
// keeps out of groups that are run again and again.
func (c *compiler) fuse() {
	c.groups = map[*graph.Node]*group{}
	for i := len(c.live) - 1; i >= 0; i-- {
		n := c.live[i]
		if !elementwise(n) {
			continue
		}
		g := c.readers(n)
		if g == nil || g.last.Shape() != n.Shape() || len(g.nodes) >= maxGroup || c.fixed.has(n) && !c.fixed.has(g.last) {
			g = &group{last: n}
		}
		g.nodes = append([]*graph.Node{n}, g.nodes...)
		c.groups[n] = g
	}
	for _, n := range c.live {
		g := c.readers(n)
		if g != nil && c.groups[n] == nil && feeds(n) && !c.output[n] && n.Type() == g.last.Type() && !c.updates(g) {
			g.feed = n
		}
	}
}

// readers returns the one group that all readers of n are in, or nil.
func (c *compiler) readers(n *graph.Node) *group {
	var g *group
	for i, u := range c.uses[n] {
		h := c.groups[u]
		if isView(u) { // it reads other elements than the one that is computed at a time
			return nil
		}
		if h == nil || i > 0 && h != g {
			return nil
		}
		g = h
	}
	return g
}

// updates reports whether g makes the next value of an input: such a group is better run by itself, over the input.
func (c *compiler) updates(g *group) bool {
	for _, o := range c.g.Outputs() {
		if o.Updates >= 0 && c.groups[o.Node] == g {
			return true
		}
	}
	return false
}

// feeds reports whether n's lowering can run a group on each part of the result it has just computed.
func feeds(n *graph.Node) bool {
	switch n.Op().Name() {
	case "Conv2D", "Conv2DInputGrad", "MatMul", "MaxPool", "MaxPoolGrad", "AvgPool", "AvgPoolGrad", "Concat", "Pad", "Resize", "ResizeGrad":
		return n.DType() == tensor.F32 && n.Type().Size() > 0
	}
	return false
}

// deferred reports whether n is emitted together with the group that it feeds.
func (c *compiler) deferred(n *graph.Node) bool {
	if c.groups[n] != nil {
		return false
	}
	g := c.readers(n)
	return g != nil && g.feed == n
}

// alias gives n the memory of its input, if it is but another shape of it.
func (c *compiler) alias(n *graph.Node) bool {
	switch n.Op().Name() {
	case "Reshape", "Flatten":
	default:
		return false
	}
	v := c.newValue(n.Type())
	v.alias = c.as(n.In(0), rowMajor)
	c.of[n] = v
	return true
}
