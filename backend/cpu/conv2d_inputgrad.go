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
	packed := c.packWeights(n, in[1], k.groups, k.w, k.PackedGradSize(), k.PackGrad)
	s := &step{name: "Conv2DInputGrad", nodes: []*graph.Node{n}, in: []*value{in[0], packed}, out: []*value{dst}, scratch: k.InputGradScratch(), tasks: k.images * k.groups}
	s.attach(then)
	s.run = func(r *run, task int, scratch []float32) {
		group := task % k.groups
		k.InputGrad(r.f32(dst)[task*k.x:][:k.x], r.f32(in[0])[task*k.y:][:k.y], r.f32(packed)[group*k.PackedGradSize():][:k.PackedGradSize()], scratch)
		then.run(r, task*k.x, (task+1)*k.x, scratch)
	}
	c.add(s)
}
