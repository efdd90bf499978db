package cpu

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

func init() { lowerings["Conv2DInputGrad"] = lowerConv2DInputGrad }

func lowerConv2DInputGrad(c *compiler, n *graph.Node, dst *value, then tail) {
	o := n.Op().(op.Conv2DInputGradOp)
	k := c.convOf(o.ConvAttrs, n.Shape(), n.In(1).Shape(), 1)
	in := c.in(n)
	panels, _ := c.kernel.Panels(k.C, 0)
	packed := c.packWeights(n, in[1], k.groups, k.w, k.PackedGradSize(), panels, k.PackGradPanels)
	parts, plane := k.parts(k.C, panels), k.H*k.W
	s := &step{name: "Conv2DInputGrad", nodes: []*graph.Node{n}, in: []*value{in[0], packed}, out: []*value{dst}, scratch: k.InputGradScratch(), tasks: k.runs * k.groups * parts}
	s.attach(then)
	s.run = func(r *run, task int, scratch []float32) {
		at, part := task/parts, task%parts
		p0, p1 := panels*part/parts, panels*(part+1)/parts
		w := r.f32(packed)[at%k.groups*k.PackedGradSize():][:k.PackedGradSize()]
		k.InputGradPanels(r.f32(dst)[at*k.x:][:k.x], r.f32(in[0])[at*k.y:][:k.y], w, p0, p1, scratch)
		for i := range k.N {
			first := at*k.x + i*k.C*plane
			then.run(r, first+c.kernel.RowPanel(p0, k.C)*plane, first+c.kernel.RowPanel(p1, k.C)*plane, scratch)
		}
	}
	c.add(s)
}
