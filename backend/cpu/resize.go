package cpu

import (
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/kernel"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

func init() {
	lowerings["Resize"] = func(c *compiler, n *graph.Node, dst *value, then tail) {
		r := c.resizing(n.Op().(op.ResizeOp).ResizeAttrs, n.In(0).Shape())
		c.resize(n, dst, then, r.w, r.planeRow, r.channelRow)
	}
	lowerings["ResizeGrad"] = func(c *compiler, n *graph.Node, dst *value, then tail) {
		r := c.resizing(n.Op().(op.ResizeGradOp).ResizeAttrs, n.Shape())
		c.resize(n, dst, then, r.newW, r.planeRowGrad, r.channelRowGrad)
	}
}

// A resizing makes rows of width w from rows of newW, and the other way round. Rows are mixed first, as vectors; then their elements, of which a plane's are
// done one by one, and channels that lie side by side together.
type resizing struct {
	kernel     *kernel.Set
	w, newW    int
	channels   int
	top, left  []int     // of each new row and column, the first of the two old ones
	down, side []float32 // the share of the second
	readers    [][]int   // of each old row, the new ones that it is part of
}

func (c *compiler) resizing(a op.ResizeAttrs, x tensor.Shape) *resizing {
	r := &resizing{kernel: c.kernel, w: x.Dim(3), newW: a.W, channels: x.Dim(1), readers: make([][]int, x.Dim(2)+1)}
	r.top, r.down = a.Taps(x.Dim(2), a.H)
	r.left, r.side = a.Taps(x.Dim(3), a.W)
	for y, first := range r.top {
		r.readers[first] = append(r.readers[first], y)
		r.readers[first+1] = append(r.readers[first+1], y)
	}
	return r
}

// resize emits a step in which row makes one row of the result from an image: of a plane, or with all channels side by side. Its scratch are the values of
// a row of width pixels.
func (c *compiler) resize(n *graph.Node, dst *value, then tail, width int, plane, channels func(y []float32, x []float32, row int, scratch []float32)) {
	x := c.as(n.In(0), dst.layout)
	rowOf := func(s tensor.Shape) int { return s.Dim(2) * s.Dim(3) }
	in, out, w := rowOf(n.In(0).Shape()), rowOf(n.Shape()), n.Shape().Dim(3)
	if dst.layout == channelsLast {
		each := n.Shape().Dim(1)
		c.imageRows(n, []*value{x}, nil, dst, then, width*each, func(r *run, image, y0, y1 int, scratch []float32) {
			from, to := imageOf(r, x, image), imageOf(r, dst, image)
			for y := y0; y < y1; y++ {
				channels(to[y*w*each:][:w*each], from, y, scratch)
			}
		})
		return
	}
	c.planes(n, []*value{x}, dst, then, width, func(r *run, p planeRange, scratch []float32) {
		from, to := p.of(r, x), p.of(r, dst)
		for i := range p.count() {
			for y := range out / w {
				plane(to[i*out+y*w:][:w], from[i*in:][:in], y, scratch)
			}
		}
	})
}

// mixed returns the mean of the two old rows, of so many values, that new row y lies between. It may be one of them.
func (r *resizing) mixed(x []float32, y, size int, scratch []float32) []float32 {
	first, share := x[r.top[y]*size:][:size], r.down[y]
	if share == 0 {
		return first
	}
	r.kernel.Blend(scratch[:size], first, x[(r.top[y]+1)*size:][:size], 1-share, share, 0)
	return scratch[:size]
}

func (r *resizing) planeRow(y, x []float32, row int, scratch []float32) {
	from := r.mixed(x, row, r.w, scratch)
	left, side := r.left[:len(y)], r.side[:len(y)]
	for i := range y {
		a := from[left[i]]
		if s := side[i]; s != 0 {
			a += s * (from[left[i]+1] - a)
		}
		y[i] = a
	}
}

func (r *resizing) channelRow(y, x []float32, row int, scratch []float32) {
	n := r.channels
	from := r.mixed(x, row, r.w*n, scratch)
	for i, first := range r.left {
		a, to := from[first*n:][:n], y[i*n:][:n]
		if s := r.side[i]; s != 0 {
			r.kernel.Blend(to, a, from[(first+1)*n:][:n], 1-s, s, 0)
		} else {
			copy(to, a)
		}
	}
}

// gathered adds up the new rows, of so many values, that old row x is part of.
func (r *resizing) gathered(dy []float32, x, size int, scratch []float32) []float32 {
	sum := scratch[:size]
	clear(sum)
	for _, y := range r.readers[x] {
		share := r.down[y]
		if r.top[y] == x {
			share = 1 - share
		}
		if share != 0 {
			r.kernel.Axpy(sum, dy[y*size:][:size], share)
		}
	}
	return sum
}

func (r *resizing) planeRowGrad(dx, dy []float32, row int, scratch []float32) {
	clear(dx)
	for i, d := range r.gathered(dy, row, r.newW, scratch) {
		first, s := r.left[i], r.side[i]
		dx[first] += (1 - s) * d
		if s != 0 {
			dx[first+1] += s * d
		}
	}
}

func (r *resizing) channelRowGrad(dx, dy []float32, row int, scratch []float32) {
	n := r.channels
	clear(dx)
	sum := r.gathered(dy, row, r.newW*n, scratch)
	for i, first := range r.left {
		d, s := sum[i*n:][:n], r.side[i]
		r.kernel.Axpy(dx[first*n:][:n], d, 1-s)
		if s != 0 {
			r.kernel.Axpy(dx[(first+1)*n:][:n], d, s)
		}
	}
}
