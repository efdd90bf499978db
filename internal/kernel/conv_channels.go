package kernel

import "unsafe"

// A channelConv is a direct convolution, or the input gradient of one, whose input is read with the channels of a position side by
// side. A register tile is some neighbouring positions of a row of the output by a panel of its channels; it sums over the
// channels at each tap. Unless the input lies so already and needs no border, it is copied a band of rows at a time, which stays in the
// second-level cache, as does the panel of weights.
type channelConv struct {
	set             *Set
	images          int
	in, out         featureMap
	kh, kw          int
	grad            bool   // weights are [in,out,kh,kw]
	step            [2]int // rows and columns of the copy from one output of a phase to the next
	pick            [2]int // rows and columns of the input from one of the copy to the next
	phases          []phase
	units           int  // rows of outputs of an image, a phase's stride of them each
	top, left       int  // zeros before the input
	below           int  // rows of the copy that a unit reads beyond its first
	pitch, position int  // values of the copy from row to row, and from one position to the next
	packed          int  // rows of a panel of weights
	band            int  // units of a band, of one image or several
	bare            bool // the input is its own copy
	holes           bool // a phase has no taps
}

// A phase is the share of the outputs whose taps lie alike: all of a forward convolution, or one phase of the stride of an input
// gradient: outputs y + i*stride[0], x + j*stride[1] for i < rows and j < cols.
type phase struct {
	y, x, rows, cols int
	stride           [2]int
	taps             []convTap
	blocks           []tapBlock
}

// A convTap reads the input dy rows and dx columns from the first place of an output, and is number index of the window.
type convTap struct{ dy, dx, index int }

// A tapBlock is a part of the sum: at each of the byte offsets off, k values; its weights begin at row first of the panel.
type tapBlock struct {
	off      []int64
	k, first int
}

// bandRoom is about the number of values of a band's input and output, which stay in the second-level cache beside those of the next
// band. Many weights, which each band reads again, are worth more room.
const bandRoom = 48 << 10

// room returns the number of values of a band.
func (c *channelConv) room() int {
	switch {
	case c.PackedSize() > 10*bandRoom:
		return 3 * bandRoom
	case c.PackedSize() > bandRoom:
		return 2 * bandRoom
	}
	return bandRoom
}

// newChannelConv plans the forward direction or the input gradient of shape.
func newChannelConv(s *Set, shape ConvShape, grad bool) *channelConv {
	c := &channelConv{set: s, images: shape.N, in: shape.input(), out: shape.output(), kh: shape.KH, kw: shape.KW, grad: grad,
		step: [2]int{shape.StrideH, shape.StrideW}, pick: [2]int{1, 1}}
	if grad {
		c.in, c.out = c.out, c.in
		c.step = [2]int{1, 1}
		c.phases = shape.gradPhases()
		c.units = ceilDiv(c.out.h, shape.StrideH)
	} else {
		c.phases = []phase{shape.forwardPhase()}
		c.units = c.out.h
	}
	c.layout()
	for i := range c.phases {
		c.planTaps(&c.phases[i])
		c.holes = c.holes || len(c.phases[i].taps) == 0
	}
	all := c.images * c.units
	values := c.step[0] * c.pitch
	if c.out.last {
		values += c.out.w * c.out.channels * c.phases[0].stride[0]
	}
	bands := ceilDiv(all*values, c.room())
	c.band = ceilDiv(all, min(bands, all))
	return c
}

// forwardPhase returns the only phase of the outputs of s.
func (s ConvShape) forwardPhase() phase {
	p := phase{rows: s.OutH(), cols: s.OutW(), stride: [2]int{1, 1}}
	for i := range s.KH {
		for j := range s.KW {
			p.taps = append(p.taps, convTap{i*s.DilH - s.PadT, j*s.DilW - s.PadL, i*s.KW + j})
		}
	}
	return p
}

// gradPhases returns the phases of the inputs of s, as outputs of its input gradient.
func (s ConvShape) gradPhases() []phase {
	var list []phase
	for a := range min(s.StrideH, s.H) {
		for b := range min(s.StrideW, s.W) {
			p := phase{y: a, x: b, rows: ceilDiv(s.H-a, s.StrideH), cols: ceilDiv(s.W-b, s.StrideW), stride: [2]int{s.StrideH, s.StrideW}}
			for i := range s.KH {
				y, ok := tapShift(a, s.PadT, i, s.DilH, s.StrideH)
				for j := range s.KW {
					x, ok2 := tapShift(b, s.PadL, j, s.DilW, s.StrideW)
					if ok && ok2 {
						p.taps = append(p.taps, convTap{y, x, i*s.KW + j})
					}
				}
			}
			list = append(list, p)
		}
	}
	return list
}

// layout sizes the copy of the input. Positions are an odd number of cache lines apart, so that those of a register tile do not meet in
// one set of the cache; few channels are packed densely, so that the taps of a row become one run.
func (c *channelConv) layout() {
	right := 0
	for _, p := range c.phases {
		for _, t := range p.taps {
			c.top, c.left = max(c.top, -t.dy), max(c.left, -t.dx)
			c.below = max(c.below, t.dy)
			right = max(right, (p.cols-1)*c.step[1]+t.dx)
		}
	}
	if c.in.last && c.top == 0 && c.left == 0 {
		if c.kh == 1 {
			c.step[0], c.pick[0] = c.pick[0], c.step[0]
		}
		if c.kw == 1 {
			c.step[1], c.pick[1] = c.pick[1], c.step[1]
			right /= c.pick[1]
		}
	}
	c.below += c.top
	cols, k := c.left+right+1, c.in.channels
	whole := c.top == 0 && c.left == 0 && cols <= c.in.w && (c.units-1)*c.step[0]+c.below < c.in.h && c.pick == [2]int{1, 1}
	if c.in.last && whole && k*c.step[1] <= maxBareStep {
		c.bare, c.position, c.pitch = true, k, c.in.w*k
		return
	}
	c.position = k
	if k >= alignment {
		c.position = (ceilDiv(k, alignment) | 1) * alignment
	}
	c.pitch = cols * c.position
}

// maxBareStep is how many values apart the rows of a register tile may be in the input itself: more, and too many of them meet in one set
// of the first-level cache.
const maxBareStep = 256

// planTaps makes the blocks of a phase: runs of memory of at most blockK values, as many of equal length at a time as make up blockK.
func (c *channelConv) planTaps(p *phase) {
	type run struct{ at, n int }
	var runs []run
	k := c.in.channels
	for _, t := range p.taps {
		at := (t.dy+c.top)*c.pitch + (t.dx+c.left)*c.position
		if last := len(runs) - 1; last >= 0 && runs[last].at+runs[last].n == at && runs[last].n+k <= blockK {
			runs[last].n += k
			continue
		}
		n := blocksOf(k)
		for i := range n {
			runs = append(runs, run{at + k*i/n, k*(i+1)/n - k*i/n})
		}
	}
	for _, r := range runs {
		last := len(p.blocks) - 1
		if last < 0 || p.blocks[last].k != r.n || (len(p.blocks[last].off)+1)*r.n > blockK {
			p.blocks = append(p.blocks, tapBlock{k: r.n, first: c.packed})
			last++
		}
		p.blocks[last].off = append(p.blocks[last].off, int64(4*r.at))
		c.packed += r.n
	}
}

// flat reports whether the rows of outputs of all images follow each other in the copy of the input without a gap.
func (c *channelConv) flat() bool {
	return len(c.phases) == 1 && c.step == [2]int{1, 1} && c.below == 0 && c.pitch == c.out.w*c.position && (!c.bare || c.in.h == c.out.h)
}

func (c *channelConv) PackedSize() int { return c.packed * c.set.roundUp(c.out.channels) }

func (c *channelConv) Panels() int { return ceilDiv(c.out.channels, c.set.nr()) }

func (c *channelConv) Channel(p int) int { return min(p*c.set.nr(), c.out.channels) }

func (c *channelConv) Bands() int { return c.images * c.units }

func (c *channelConv) Row(b int) int { return rowOf(b, c.units, c.phases[0].stride[0], c.out.h) }

func (c *channelConv) Step() int { return c.band }

func (c *channelConv) panelWidth(p int) int { return c.set.roundUp(c.Channel(p+1) - c.Channel(p)) }

// copyRows returns the rows of the copy that so many units of an image read.
func (c *channelConv) copyRows(units int) int { return (units-1)*c.step[0] + c.below + 1 }

func (c *channelConv) Scratch() int {
	in, out := c.buffers()
	return max(in+out, c.chunk()*c.kh*c.kw*c.set.nr()) + 2*alignment
}

// buffers returns the lengths of the copy of a band and of the outputs of a panel.
func (c *channelConv) buffers() (in, out int) {
	if !c.bare {
		last := (c.band - 2 + c.units) / c.units // images that a band reaches into beyond the first
		in = c.segment(c.band, last)*c.pitch + c.copyRows(1)*c.pitch + alignment
	}
	return in, c.band * c.phases[0].stride[0] * c.out.w * c.set.nr()
}

// segment returns the row of the copy at which the share of an image begins, after so many units of so many images.
func (c *channelConv) segment(units, images int) int {
	return units*c.step[0] + images*max(0, c.below+1-c.step[0])
}

// channelRun is one call of Run, and the band that it is at.
type channelRun struct {
	*channelConv
	dst, x, packed, copied, sums []float32
	b0, b1                       int
	fetch                        fetcher
}

// Run makes each value a sum over (kh, kw, c) in blocks of at most 256, each from zero in order, the blocks added in order.
func (c *channelConv) Run(dst, x, packed []float32, p0, p1, b0, b1 int, ahead Ahead, scratch []float32) {
	mustHold("dst", dst, c.images*c.out.size())
	mustHold("x", x, c.images*c.in.size())
	mustHold("packed weights", packed, c.PackedSize())
	in, out := c.buffers()
	take := taker(aligned(scratch))
	r := channelRun{channelConv: c, dst: dst, x: x, packed: packed, copied: take.next(in), sums: aligned(take)[:out]}
	for r.b0 = b0; r.b0 < b1; r.b0 = r.b1 {
		r.b1 = min(r.b0+c.band, b1)
		if !c.bare {
			r.eachImage(r.copyIn)
		}
		r.fetchNext(ahead)
		for p := p0; p < p1; p++ {
			r.panel(p)
		}
	}
}

// fetchNext has what is ahead fetched, then the input and the places of the outputs of the band that follows.
func (r *channelRun) fetchNext(ahead Ahead) {
	r.fetch = fetcher{none: unsafe.SliceData(r.packed)}
	end := min(r.b1+r.band, r.Bands())
	r.fetch.add(r.out.rows(r.dst, r.Row(r.b1), r.Row(end)))
	r.fetch.add(r.in.rows(r.x, r.inputRow(r.b1), r.inputRow(end)))
	r.fetch.addAll(ahead)
}

// inputRow returns about the first row of the input, those of all images, that band b reads.
func (c *channelConv) inputRow(b int) int {
	return rowOf(b, c.units, c.step[0]*c.pick[0], c.in.h)
}

// panel computes the band's outputs of panel p.
func (r *channelRun) panel(p int) {
	o := r.target(p)
	if r.holes {
		r.clear(o)
	}
	for i := range r.phases {
		ph := &r.phases[i]
		for b := range ph.blocks {
			if r.flat() {
				r.rows(ph, b, o, r.at(r.b0/r.units, r.b0%r.units, 0, 0), o.at(r, r.b0, 0, ph), 1, (r.b1-r.b0)*ph.cols)
				continue
			}
			r.eachImage(func(image, u0, u1, done, index int) {
				rows := u1 - u0
				if len(r.phases) > 1 {
					rows = min(rows, ph.rows-u0)
				}
				r.rows(ph, b, o, r.at(image, u0, done, index), o.at(r, image*r.units+u0, done, ph), rows, ph.cols)
			})
		}
	}
	if !o.direct {
		r.eachImage(func(image, u0, u1, done, _ int) {
			from := r.sums[done*r.phases[0].stride[0]*r.out.w*o.width:]
			first := r.Row(image * r.units)
			r.out.store(r.set, r.dst, image, r.Channel(p), r.Channel(p+1), r.Row(image*r.units+u0)-first, min(u1*r.phases[0].stride[0], r.out.h), from, o.width)
		})
	}
}

// A panelTarget is where the outputs of a panel go: to their places, if these hold whole vectors, or into a buffer.
type panelTarget struct {
	dst      []float32
	direct   bool
	width    int // of the panel, whole vectors
	position int // values from one position to the next
	weights  []float32
}

func (r *channelRun) target(p int) panelTarget {
	c, width := r.Channel(p), r.panelWidth(p)
	o := panelTarget{dst: r.sums, width: width, position: width, weights: r.packed[r.channelConv.packed*c:]}
	if r.out.last && r.Channel(p+1)-c == width {
		o.direct, o.dst, o.position = true, r.dst[c:], r.out.channels
	}
	return o
}

// at returns the place of the first output of phase ph in band b, which is done units into the run's band.
func (o *panelTarget) at(r *channelRun, b, done int, ph *phase) int {
	row := done * ph.stride[0]
	if o.direct {
		row = r.Row(b)
	}
	return ((row+ph.y)*r.out.w + ph.x) * o.position
}

// at returns the input of unit u of an image, done units into the band and index images into it.
func (r *channelRun) at(image, u, done, index int) []float32 {
	if r.bare {
		return r.x[(image*r.in.h+u*r.step[0])*r.pitch:]
	}
	return r.copied[r.segment(done, index)*r.pitch:]
}

// clear clears the band's outputs of a panel.
func (r *channelRun) clear(o panelTarget) {
	if !o.direct {
		clear(o.dst[:(r.b1-r.b0)*r.phases[0].stride[0]*r.out.w*o.width])
		return
	}
	for i := r.Row(r.b0) * r.out.w; i < r.Row(r.b1)*r.out.w; i++ {
		clear(o.dst[i*o.position:][:o.width])
	}
}

// eachImage calls f for the units u0 to u1 of each image that the band takes part of; done is the number of units before, index that of
// images.
func (r *channelRun) eachImage(f func(image, u0, u1, done, index int)) {
	first := r.b0 / r.units
	for b := r.b0; b < r.b1; {
		image, u0 := b/r.units, b%r.units
		u1 := min(r.units, u0+r.b1-b)
		f(image, u0, u1, b-r.b0, image-first)
		b += u1 - u0
	}
}

// copyIn copies what units u0 to u1 of an image read.
func (r *channelRun) copyIn(image, u0, u1, done, index int) {
	copied := r.copied[r.segment(done, index)*r.pitch:]
	n, first := r.copyRows(u1-u0), u0*r.step[0]-r.top
	if r.left == 0 && r.pitch == r.in.w*r.position && r.step[0] == 1 && r.pick == [2]int{1, 1} && first >= 0 && first+n <= r.in.h {
		r.in.row(r.set, copied, r.position, r.x, image, 0, r.in.channels, first, n*r.in.w, 1) // rows follow each other
		return
	}
	cols := min(ceilDiv(r.in.w, r.pick[1]), r.pitch/r.position-r.left)
	for i := range n {
		row := copied[i*r.pitch : (i+1)*r.pitch]
		if y := (first + i) * r.pick[0]; y < 0 || y >= r.in.h {
			clear(row)
		} else if i%r.step[0] <= r.below {
			clear(row[:r.left*r.position])
			r.in.row(r.set, row[r.left*r.position:], r.position, r.x, image, 0, r.in.channels, y, cols, r.pick[1])
			clear(row[(r.left+cols)*r.position:])
		}
	}
}

// rows adds block b of the sums of rows rows of cols outputs of a phase, or begins them.
func (r *channelRun) rows(ph *phase, b int, o panelTarget, in []float32, at, rows, cols int) {
	s, block, flags := r.set, &ph.blocks[b], 0
	if b > 0 {
		flags = flagAccumulate
	}
	tiles := s.rows[o.width/s.lanes]
	panels, _ := s.Panels(cols, 0)
	w := &o.weights[block.first*o.width]
	lda, ldc := r.step[1]*r.position, ph.stride[1]*o.position
	for i := range rows {
		x, y := in[i*r.step[0]*r.pitch:], o.dst[at+i*ph.stride[0]*r.out.w*o.position:]
		for q := range panels {
			j, end := s.RowPanel(q, cols), s.RowPanel(q+1, cols)
			ahead, pace := r.fetch.next(len(block.off) * block.k)
			tiles[end-j-1](&x[j*lda], w, &y[j*ldc], &block.off[0], len(block.off), block.k, 4*lda, 4*ldc, flags, ahead, pace)
		}
	}
}

// chunk returns the number of input channels whose weights are transposed at a time: about blockK rows.
func (c *channelConv) chunk() int { return max(1, blockK/(c.kh*c.kw)) }

// Pack writes the weights of each panel as rows of its channels, in the order in which the phases read them.
func (c *channelConv) Pack(dst, w []float32, p0, p1 int, scratch []float32) {
	window := c.kh * c.kw
	chunk := aligned(scratch)[:c.chunk()*window*c.set.nr()]
	for p := p0; p < p1; p++ {
		width, first, channels := c.panelWidth(p), c.Channel(p), c.Channel(p+1)-c.Channel(p)
		panel := dst[c.packed*first:][:c.packed*width]
		if channels < width {
			clear(panel)
		}
		for k := 0; k < c.in.channels; k += c.chunk() {
			n := min(c.chunk(), c.in.channels-k)
			c.transposeWeights(chunk, width, w, first, channels, k, n)
			at := panel
			for _, ph := range c.phases {
				for _, t := range ph.taps {
					c.set.CopyMatrix(at[k*width:], width, chunk[t.index*width:], window*width, n, channels)
					at = at[c.in.channels*width:]
				}
			}
		}
	}
}

// transposeWeights writes the windows of input channels k to k+n as rows, tap by tap, of the result's channels from first on.
func (c *channelConv) transposeWeights(dst []float32, width int, w []float32, first, channels, k, n int) {
	window := c.kh * c.kw
	if !c.grad {
		c.set.Transpose(dst, width, w[(first*c.in.channels+k)*window:], c.in.channels*window, channels, n*window)
		return
	}
	if window == 1 {
		c.set.CopyMatrix(dst, width, w[k*c.out.channels+first:], c.out.channels, n, channels)
		return
	}
	for i := range n {
		c.set.Transpose(dst[i*window*width:], width, w[((k+i)*c.out.channels+first)*window:], window, channels, window)
	}
}
