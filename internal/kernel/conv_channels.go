package kernel

// A channelConv is a direct convolution, or the input gradient of one, on a copy of the input in which the channels of a position lie
// side by side. A register tile is some neighbouring positions of a row of the output by a panel of its channels; it sums over the
// channels at each tap. The copy is made a band of rows at a time, which stays in the second-level cache, as does the panel of weights.
type channelConv struct {
	set             *Set
	images, k, m    int // channels of the input and of the result
	h, w, ho, wo    int // input and output
	kh, kw          int
	grad            bool   // weights are [k,m,kh,kw]
	step            [2]int // rows and columns of the input from one output of a phase to the next
	phases          []phase
	units           int  // rows of outputs, a phase's stride of them each
	top, left       int  // zeros before the input
	below           int  // rows of the input that a unit reads beyond its first
	pitch, position int  // values of the copy from row to row, and from one position to the next
	packed          int  // rows of a panel of weights
	band            int  // units of a band
	joined          bool // bands go through all images
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

// bandRoom is about the number of values of a band's copy.
const bandRoom = 96 << 10

// newChannelConv plans the forward direction or the input gradient of shape.
func newChannelConv(s *Set, shape ConvShape, grad bool) *channelConv {
	c := &channelConv{set: s, images: shape.N, k: shape.C, m: shape.O, h: shape.H, w: shape.W, ho: shape.OutH(), wo: shape.OutW(),
		kh: shape.KH, kw: shape.KW, grad: grad, step: [2]int{shape.StrideH, shape.StrideW}}
	if grad {
		c.k, c.m, c.h, c.w, c.ho, c.wo = c.m, c.k, c.ho, c.wo, c.h, c.w
		c.step = [2]int{1, 1}
		c.phases = shape.gradPhases()
		c.units = ceilDiv(c.ho, shape.StrideH)
	} else {
		c.phases = []phase{shape.forwardPhase()}
		c.units = c.ho
	}
	c.layout()
	for i := range c.phases {
		c.planTaps(&c.phases[i])
		c.holes = c.holes || len(c.phases[i].taps) == 0
	}
	flat := c.flat()
	c.joined = flat && c.top == 0 && c.below == 0
	all := c.units
	if c.joined {
		all *= c.images
	}
	bands := ceilDiv(all*c.step[0]*c.pitch, bandRoom)
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
	c.below += c.top
	c.position = c.k
	if c.k >= alignment {
		c.position = (ceilDiv(c.k, alignment) | 1) * alignment
	}
	c.pitch = (c.left + right + 1) * c.position
}

// planTaps makes the blocks of a phase: runs of memory of at most blockK values, as many of equal length at a time as make up blockK.
func (c *channelConv) planTaps(p *phase) {
	type run struct{ at, n int }
	var runs []run
	for _, t := range p.taps {
		at := (t.dy+c.top)*c.pitch + (t.dx+c.left)*c.position
		if last := len(runs) - 1; last >= 0 && runs[last].at+runs[last].n == at && runs[last].n+c.k <= blockK {
			runs[last].n += c.k
			continue
		}
		n := blocksOf(c.k)
		for i := range n {
			runs = append(runs, run{at + c.k*i/n, c.k*(i+1)/n - c.k*i/n})
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

// flat reports whether the rows of outputs follow each other in the copy of the input without a gap.
func (c *channelConv) flat() bool {
	return len(c.phases) == 1 && c.step == [2]int{1, 1} && c.pitch == c.wo*c.position
}

func (c *channelConv) PackedSize() int { return c.packed * c.set.roundUp(c.m) }

func (c *channelConv) Panels() int { return ceilDiv(c.m, c.set.nr()) }

func (c *channelConv) Channel(p int) int { return min(p*c.set.nr(), c.m) }

func (c *channelConv) Bands() int { return c.units }

func (c *channelConv) Row(b int) int { return min(b*c.phases[0].stride[0], c.ho) }

func (c *channelConv) panelWidth(p int) int { return c.set.roundUp(c.Channel(p+1) - c.Channel(p)) }

// copyRows returns the rows of the copy that so many units read.
func (c *channelConv) copyRows(units int) int { return (units-1)*c.step[0] + c.below + 1 }

func (c *channelConv) Scratch() int {
	in, out := c.buffers()
	return max(in+out, c.chunk()*c.kh*c.kw*c.set.nr()) + 2*alignment
}

// buffers returns the lengths of the copy of a band and of the outputs of a panel.
func (c *channelConv) buffers() (in, out int) {
	return c.copyRows(c.band)*c.pitch + alignment, c.band * c.phases[0].stride[0] * c.wo * c.set.nr()
}

// channelRun is one call of Run.
type channelRun struct {
	*channelConv
	dst, x, packed, in, out []float32
}

// Run makes each value a sum over (kh, kw, c) in blocks of at most 256, each from zero in order, the blocks added in order.
func (c *channelConv) Run(dst, x, packed []float32, p0, p1, b0, b1 int, scratch []float32) {
	mustHold("dst", dst, c.images*c.m*c.ho*c.wo)
	mustHold("x", x, c.images*c.k*c.h*c.w)
	mustHold("packed weights", packed, c.PackedSize())
	in, out := c.buffers()
	take := taker(aligned(scratch))
	r := channelRun{c, dst, x, packed, take.next(in), aligned(take)[:out]}
	if c.joined && b0 == 0 && b1 == c.units {
		for u := 0; u < c.images*c.units; u += c.band {
			r.bandOf(0, u, min(u+c.band, c.images*c.units), p0, p1)
		}
		return
	}
	for image := range c.images {
		for u := b0; u < b1; u += c.band {
			r.bandOf(image, u, min(u+c.band, b1), p0, p1)
		}
	}
}

// bandOf computes units u0 to u1 of an image, or of those that follow it too.
func (r *channelRun) bandOf(image, u0, u1, p0, p1 int) {
	r.eachImage(image, u0, u1, r.copyIn)
	for p := p0; p < p1; p++ {
		width := r.panelWidth(p)
		if r.holes {
			clear(r.out[:(u1-u0)*r.phases[0].stride[0]*r.wo*width])
		}
		for i := range r.phases {
			r.phaseOf(&r.phases[i], p, u0, u1)
		}
		r.eachImage(image, u0, u1, func(image, u0, u1, done int) { r.store(p, image, u0, u1, done) })
	}
}

// eachImage calls f for the units of each image among units u0 to u1 of image and those after it; done is their number before.
func (c *channelConv) eachImage(image, u0, u1 int, f func(image, u0, u1, done int)) {
	for u := u0; u < u1; {
		first := u % c.units
		n := min(c.units-first, u1-u)
		f(image+u/c.units, first, first+n, u-u0)
		u += n
	}
}

// copyIn copies what units u0 to u1 of an image read.
func (r *channelRun) copyIn(image, u0, u1, done int) {
	s, plane := r.set, r.h*r.w
	x := r.x[image*r.k*plane:]
	first := u0*r.step[0] - r.top
	in := r.in[done*r.step[0]*r.pitch:]
	if r.left == 0 && r.pitch == r.w*r.position && r.step[0] == 1 && first >= 0 && first+r.copyRows(u1-u0) <= r.h {
		s.Transpose(in, r.position, x[first*r.w:], plane, r.k, r.copyRows(u1-u0)*r.w)
		return
	}
	cols := min(r.w, r.pitch/r.position-r.left)
	for i := range r.copyRows(u1 - u0) {
		row := in[i*r.pitch : (i+1)*r.pitch]
		if y := first + i; y < 0 || y >= r.h {
			clear(row)
		} else if i%r.step[0] <= r.below {
			clear(row[:r.left*r.position])
			s.Transpose(row[r.left*r.position:], r.position, x[y*r.w:], plane, r.k, cols)
			clear(row[(r.left+cols)*r.position:])
		}
	}
}

// phaseOf computes the outputs of a phase among units u0 to u1 for panel p.
func (r *channelRun) phaseOf(ph *phase, p, u0, u1 int) {
	s, width := r.set, r.panelWidth(p)
	rows, cols := u1-u0, ph.cols
	if len(r.phases) > 1 {
		rows = min(rows, ph.rows-u0)
	}
	if r.flat() {
		rows, cols = 1, rows*cols
	}
	tiles := s.rows[width/s.lanes]
	panels, _ := s.Panels(cols, 0)
	w := r.packed[r.channelConv.packed*r.Channel(p):]
	lda, ldc := 4*r.step[1]*r.position, 4*ph.stride[1]*width
	for b := range ph.blocks {
		block, flags := &ph.blocks[b], 0
		if b > 0 {
			flags = flagAccumulate
		}
		for i := range rows {
			in := r.in[i*r.step[0]*r.pitch:]
			out := r.out[((ph.y+i*ph.stride[0])*r.wo+ph.x)*width:]
			for q := range panels {
				j, end := s.RowPanel(q, cols), s.RowPanel(q+1, cols)
				tiles[end-j-1](&in[j*r.step[1]*r.position], &w[block.first*width], &out[j*ph.stride[1]*width], &block.off[0], len(block.off), block.k, lda, ldc, flags)
			}
		}
	}
}

// store writes the outputs of panel p to the planes of an image.
func (r *channelRun) store(p, image, u0, u1, done int) {
	width, c, plane := r.panelWidth(p), r.Channel(p), r.ho*r.wo
	from, end := r.Row(u0), r.Row(u1)
	dst := r.dst[(image*r.m+c)*plane+from*r.wo:]
	r.set.Transpose(dst, plane, r.out[done*r.phases[0].stride[0]*r.wo*width:], width, (end-from)*r.wo, r.Channel(p+1)-c)
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
		for k := 0; k < c.k; k += c.chunk() {
			n := min(c.chunk(), c.k-k)
			c.transposeWeights(chunk, width, w, first, channels, k, n)
			at := panel
			for _, ph := range c.phases {
				for _, t := range ph.taps {
					c.set.copyMatrix(at[k*width:], width, chunk[t.index*width:], window*width, n, channels)
					at = at[c.k*width:]
				}
			}
		}
	}
}

// transposeWeights writes the windows of input channels k to k+n as rows, tap by tap, of the result's channels from first on.
func (c *channelConv) transposeWeights(dst []float32, width int, w []float32, first, channels, k, n int) {
	window := c.kh * c.kw
	if !c.grad {
		c.set.Transpose(dst, width, w[(first*c.k+k)*window:], c.k*window, channels, n*window)
		return
	}
	if window == 1 {
		c.set.copyMatrix(dst, width, w[k*c.m+first:], c.m, n, channels)
		return
	}
	for i := range n {
		c.set.Transpose(dst[i*window*width:], width, w[((k+i)*c.m+first)*window:], window, channels, window)
	}
}
