package cpu

import (
	"fmt"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() { lowerings["Conv2D"] = lowerConv2D }

// A convolution whose result lies in planes is cut into runs of images (several in each where they are small, to fill register tiles), by
// group, and, where that makes too few tasks, by panels of channels.
type conv struct {
	*kernel.Conv
	runs, groups int
	x, w, y      int // floats of a run's group of x, of a group's weights, of a run's group of the result
	plane        int // of the result
}

const (
	minTasks = 8  // tasks that a convolution makes at least, if its parts then have minChannels
	fewTasks = 4  // tasks that it makes even so, if it can
	maxTasks = 64 // that it is worth to be cut into for as many cores
	// taskFLOPs and taskPositions are what a task has at least where there are more than minTasks.
	taskFLOPs     = 16 << 20
	taskPositions = 256
	// minChannels is how many channels are worth a part: each pads the image and gathers its taps anew.
	minChannels = 128
)

// convOf plans the kernel for the convolution of x with w, which may be constant, of the given layouts, in at least so many runs of images; 0 for
// all of them at once.
func (c *compiler) convOf(a op.ConvAttrs, x, w tensor.Shape, constant bool, xl, yl layout, runs int, grad bool) conv {
	oh, ow := a.OutSize(x.Dim(2), x.Dim(3), w.Dim(2), w.Dim(3))
	shape := convShape(a, x, w)
	shape.Constant = constant
	shape.XLast, shape.YLast = xl == channelsLast, yl == channelsLast
	switch {
	case a.Groups > 1:
		shape.N = 1
	case runs > 0:
		shape.N = imagesAtOnce(x.Dim(0), oh*ow, runs)
	}
	if n, pays := c.kernel.ImagesInLanes(shape, grad); runs == 1 && pays && x.Dim(0)%n == 0 && x.Dim(0)/n >= minTasks {
		shape.N = n
	}
	k, err := c.kernel.NewConv(shape)
	if err != nil {
		panic(fmt.Sprintf("cpu: Conv2D of %v with %v: %v", x, w, err)) // the op's own check would have failed
	}
	n := shape.N
	return conv{k, x.Dim(0) / n, a.Groups, n * shape.C * shape.H * shape.W, shape.O * k.K(), n * shape.O * oh * ow, oh * ow}
}

// convShape returns the convolution of one group of all images x with w.
func convShape(a op.ConvAttrs, x, w tensor.Shape) kernel.ConvShape {
	return kernel.ConvShape{
		N: x.Dim(0), C: w.Dim(1), H: x.Dim(2), W: x.Dim(3), O: w.Dim(0) / a.Groups, KH: w.Dim(2), KW: w.Dim(3),
		StrideH: a.Stride[0], StrideW: a.Stride[1], PadT: a.Pad[0], PadL: a.Pad[1], PadB: a.Pad[2], PadR: a.Pad[3],
		DilH: a.Dilation[0], DilW: a.Dilation[1],
	}
}

// imagesAtOnce returns how many images of so many outputs are convolved together, if there are to be that many runs at least.
func imagesAtOnce(images, outputs, runs int) int {
	best := 1
	for n := 2; n*outputs <= 1024 && images/n >= runs; n++ {
		if images%n == 0 {
			best = n
		}
	}
	return best
}

// parts returns into how many parts the channels, or else the rows, of a direction are cut. Sums over planes need whole planes. Rows are
// cut where copying the input, which each part of the channels does, costs more than reading the weights.
func (k conv) parts(d kernel.Direction, channels, plane int, then tail) (panels, bands int) {
	cut := k.runs * k.groups
	want := max(min((minTasks+cut-1)/cut, channels/minChannels), (fewTasks+cut-1)/cut)
	if k.N == 1 && len(then.sums) == 0 && 4*plane > channels && d.Bands() >= want {
		return 1, want
	}
	return min(d.Panels(), want), 1
}

func lowerConv2D(c *compiler, n *graph.Node, dst *value, then tail) {
	a := n.Op().(op.Conv2DOp).ConvAttrs
	if c.depthwise(a, n.In(1).Shape()) {
		k := c.depthwiseOf(a, n.In(0).Shape(), n.In(1).Shape())
		c.depthwiseRows(n, k, k.Forward, dst, then)
		return
	}
	x := c.convInput(a, n.In(0))
	if dst.layout == channelsLast {
		k := c.convOf(a, n.In(0).Shape(), n.In(1).Shape(), c.of[n.In(1)].constant(), x.layout, dst.layout, 0, false)
		c.lastDirection(n, k, k.Forward, x, dst, then)
		return
	}
	k := c.convOf(a, n.In(0).Shape(), n.In(1).Shape(), c.of[n.In(1)].constant(), x.layout, dst.layout, 1, false)
	c.direction(n, k, k.Forward, x, k.x, k.y, k.plane, dst, then)
}

// convInput returns the value of what a convolution reads, in either layout if it has one group.
func (c *compiler) convInput(a op.ConvAttrs, n *graph.Node) *value {
	if a.Groups > 1 {
		return c.as(n, rowMajor)
	}
	return c.of[n]
}

// imageGroups returns into how many groups the rows of so many images are cut where n groups are worth while: between minTasks and maxTasks,
// and groups of whole images, or so many for each image, if that can be.
func imageGroups(images, n int) int {
	n = max(minTasks, min(n, maxTasks))
	if images < n {
		return n - n%images
	}
	return kernel.EvenCut(images, n)
}

// lastDirection emits the steps of a convolution's output or input gradient whose channels are to lie side by side. It is cut into groups
// of rows, those of all images, and, where these are few beside the channels, by panels of channels.
func (c *compiler) lastDirection(n *graph.Node, k conv, d kernel.Direction, x, dst *value, then tail) {
	packed := c.packWeights(n, c.as(n.In(1), rowMajor), k, d)
	s := dst.typ.Shape
	channels, width, bands, panels := s.Dim(1), s.Dim(3), d.Bands(), d.Panels()
	groups := min(bands, imageGroups(s.Dim(0), min(int(n.FLOPs())/taskFLOPs, s.Dim(0)*s.Dim(2)*width/taskPositions)))
	if 4*s.Dim(0)*s.Dim(2)*width <= channels {
		groups = 1
	}
	parts := min(panels, (minTasks+groups-1)/groups, max(1, channels/minChannels))
	cut := cut{channels: channels}
	for g := range groups + 1 {
		cut.starts = append(cut.starts, d.Row(bands*g/groups)*width)
	}
	st := &step{name: n.Op().Name(), nodes: []*graph.Node{n}, in: []*value{x, packed}, out: []*value{dst}, scratch: d.Scratch(), tasks: groups * parts}
	if bands%s.Dim(0) == 0 {
		st.shares, st.local = shares(s.Dim(0), groups), []*value{x}
	}
	then.cut(c, cut)
	st.attach(then)
	st.run = func(r *run, task int, scratch []float32) {
		group, part := task/parts, task%parts
		p0, p1, end := panels*part/parts, panels*(part+1)/parts, bands*(group+1)/groups
		for b := bands * group / groups; b < end; b += d.Step() {
			last := min(b+d.Step(), end)
			p := piece{group, cut.starts[group], d.Row(b) * width, d.Row(last) * width, d.Channel(p0), d.Channel(p1), channels}
			ahead := then.ahead(r, p)
			d.Run(r.f32(dst), r.f32(x), r.f32(packed), p0, p1, b, last, ahead, scratch)
			then.rows(r, p, scratch)
		}
	}
	c.add(st)
}

// direction emits the steps of a convolution's output or input gradient in planes: inputs of size x and results of size y for each run and
// group, planes of size plane.
func (c *compiler) direction(n *graph.Node, k conv, d kernel.Direction, from *value, x, y, plane int, dst *value, then tail) {
	panels, size := d.Panels(), d.PackedSize()
	packed := c.packWeights(n, c.as(n.In(1), rowMajor), k, d)
	channels := d.Channel(panels)
	parts, bands := k.parts(d, channels, plane, then)
	s := &step{name: n.Op().Name(), nodes: []*graph.Node{n}, in: []*value{from, packed}, out: []*value{dst}, scratch: d.Scratch(), tasks: k.runs * k.groups * parts * bands, shares: k.runs, local: []*value{from}}
	s.attach(then)
	s.run = func(r *run, task int, scratch []float32) {
		at, part, band := task/parts/bands, task/bands%parts, task%bands
		p0, p1 := panels*part/parts, panels*(part+1)/parts
		b0, b1 := d.Bands()*band/bands, d.Bands()*(band+1)/bands
		d.Run(r.f32(dst)[at*y:][:y], r.f32(from)[at*x:][:x], r.f32(packed)[at%k.groups*size:][:size], p0, p1, b0, b1, kernel.Ahead{}, scratch)
		if bands > 1 {
			width, first := plane/d.Row(d.Bands()), at*y
			for ch := range channels {
				then.run(r, first+ch*plane+d.Row(b0)*width, first+ch*plane+d.Row(b1)*width, scratch)
			}
			return
		}
		for i := range k.N {
			first := at*y + i*channels*plane
			then.run(r, first+d.Channel(p0)*plane, first+d.Channel(p1)*plane, scratch)
		}
	}
	c.add(s)
}

// packWeights emits the step that packs each group's weights for a direction.
func (c *compiler) packWeights(n *graph.Node, w *value, k conv, d kernel.Direction) *value {
	size, panels := d.PackedSize(), d.Panels()
	packed := c.newValue(graph.F32(k.groups * size))
	parts := min(panels, 1+k.w/packWork)
	c.add(&step{name: "pack", part: true, nodes: []*graph.Node{n}, in: []*value{w}, out: []*value{packed}, scratch: d.Scratch(), tasks: k.groups * parts, run: func(r *run, task int, scratch []float32) {
		group, part := task/parts, task%parts
		d.Pack(r.f32(packed)[group*size:][:size], r.f32(w)[group*k.w:][:k.w], panels*part/parts, panels*(part+1)/parts, scratch)
	}})
	return packed
}
