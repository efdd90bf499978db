package cpu

import (
	"sync"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
)

func init() {
	lowerings["RoiAlign"] = lowerRoIAlign
	lowerings["RoiAlignGrad"] = lowerRoIAlignGrad
}

// roiTaps keeps room for the taps of a box.
var roiTaps = sync.Pool{New: func() any { return new([]op.RoITap) }}

// lowerRoIAlign makes the cells of one box in each task: its taps serve all channels.
func lowerRoIAlign(c *compiler, n *graph.Node, dst *value, _ tail) {
	o := n.Op().(op.RoIAlignOp)
	in, s := c.in(n), n.In(0).Shape()
	images, channels, h, w := s.Dim(0), s.Dim(1), s.Dim(2), s.Dim(3)
	cells := o.Height * o.Width
	st := &step{name: "RoiAlign", nodes: []*graph.Node{n}, in: in, out: []*value{dst}, tasks: n.Shape().Dim(0)}
	st.run = func(r *run, k int, _ []float32) {
		y := r.f32(dst)[k*channels*cells:][:channels*cells]
		image := int(r.i32(in[2])[k])
		if image < 0 || image >= images {
			clear(y)
			return
		}
		room := roiTaps.Get().(*[]op.RoITap)
		defer roiTaps.Put(room)
		taps, per := o.Taps((*room)[:0], r.f32(in[1])[4*k:4*k+4], h, w)
		*room = taps
		for channel := range channels {
			plane := r.f32(in[0])[(image*channels+channel)*h*w:][:h*w]
			for cell := range cells {
				sum := float32(0)
				for _, t := range taps[cell*per : (cell+1)*per] {
					sum += t.Weight * plane[t.At]
				}
				y[channel*cells+cell] = sum
			}
		}
	}
	c.add(st)
}

// lowerRoIAlignGrad adds up some planes of one image in each task, box by box.
func lowerRoIAlignGrad(c *compiler, n *graph.Node, dst *value, _ tail) {
	o := n.Op().(op.RoIAlignGradOp)
	in, channels := c.in(n), n.Shape().Dim(1)
	plane, cells := o.Rows*o.Columns, o.Height*o.Width
	const per = 16 // planes of a task, which share the taps
	parts := (channels + per - 1) / per
	st := &step{name: "RoiAlignGrad", nodes: []*graph.Node{n}, in: in, out: []*value{dst}, tasks: o.Images * parts}
	st.run = func(r *run, task int, _ []float32) {
		image, first := task/parts, task%parts*per
		last := min(first+per, channels)
		dx := r.f32(dst)[(image*channels+first)*plane : (image*channels+last)*plane]
		clear(dx)
		room := roiTaps.Get().(*[]op.RoITap)
		defer roiTaps.Put(room)
		for k, of := range r.i32(in[2]) {
			if int(of) != image || plane == 0 {
				continue
			}
			taps, size := o.Taps((*room)[:0], r.f32(in[1])[4*k:4*k+4], o.Rows, o.Columns)
			*room = taps
			for channel := first; channel < last; channel++ {
				to := dx[(channel-first)*plane:][:plane]
				dy := r.f32(in[0])[(k*channels+channel)*cells:][:cells]
				for cell, v := range dy {
					for _, t := range taps[cell*size : (cell+1)*size] {
						to[t.At] += t.Weight * v
					}
				}
			}
		}
	}
	c.add(st)
}
