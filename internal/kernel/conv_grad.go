package kernel

// A part is the share of the input gradient of one phase (a, b) of the stride:
// the inputs (i*StrideH + a, j*StrideW + b), to which only the taps of
// that phase lead. It is a correlation of stride 1 over the output gradient.
type part struct {
	a, b   int
	h, w   int      // inputs of this phase
	taps   [][2]int // (kh, kw), the order of the sum within an output channel
	packed int      // offset of its weights
	cor    correlation
}

// tapShift returns the output row that tap k connects with input row a of the
// first stride, and whether there is one.
func tapShift(a, pad, k, dil, stride int) (int, bool) {
	d := a + pad - k*dil
	return floorDiv(d, stride), d%stride == 0
}

func floorDiv(a, b int) int {
	if a < 0 {
		return -ceilDiv(-a, b)
	}
	return a / b
}

// gradParts returns the grid of the output gradient of s and the parts of its input
// gradient, which read it.
func (s ConvShape) gradParts() (g grid, parts []part) {
	g = grid{c: s.N * s.O, h: s.OutH(), w: s.OutW(), sh: 1, sw: 1, phases: []int{0}}
	rows, cols := 0, 0
	for a := range min(s.StrideH, s.H) {
		for b := range min(s.StrideW, s.W) {
			p := part{a: a, b: b, h: ceilDiv(s.H-a, s.StrideH), w: ceilDiv(s.W-b, s.StrideW)}
			for i := range s.KH {
				y, ok := tapShift(a, s.PadT, i, s.DilH, s.StrideH)
				for j := range s.KW {
					x, ok2 := tapShift(b, s.PadL, j, s.DilW, s.StrideW)
					if !ok || !ok2 {
						continue
					}
					p.taps = append(p.taps, [2]int{i, j})
					g.top, g.left = max(g.top, -y), max(g.left, -x)
					rows, cols = max(rows, y+p.h), max(cols, x+p.w)
				}
			}
			parts = append(parts, p)
		}
	}
	g.gh, g.gw = g.top+rows, g.left+cols
	g.size = g.c * g.gh * g.gw
	return g, parts
}

// offsets returns the byte offset of each tap of p's input (0, 0) in the grid of the
// output gradient, for o channels.
func (p *part) offsets(s ConvShape, g *grid, o int) []int64 {
	var off []int64
	for o := range o {
		for _, t := range p.taps {
			y, _ := tapShift(p.a, s.PadT, t[0], s.DilH, s.StrideH)
			x, _ := tapShift(p.b, s.PadL, t[1], s.DilW, s.StrideW)
			off = append(off, int64(4*((o*g.gh+y+g.top)*g.gw+x+g.left)))
		}
	}
	return off
}

// An inputGrad is the gradient of a convolution's input.
type inputGrad struct {
	ConvShape
	set    *Set
	dy     grid // the padded output gradient
	parts  []part
	packed int // length of the packed weights
}

func newInputGrad(s *Set, shape ConvShape) *inputGrad {
	c := &inputGrad{ConvShape: shape, set: s}
	c.dy, c.parts = shape.gradParts()
	inner := true
	for i := range c.parts {
		p := &c.parts[i]
		off := p.offsets(shape, &c.dy, c.O)
		p.packed = c.packed
		c.packed += c.C * len(off)
		p.cor = newCorrelation(s, c.C, off,
			positions{images: c.N, step: c.dy.size / c.N, ho: p.h, wo: p.w, pitch: c.dy.gw})
		inner = inner && p.cor.inner
	}
	c.dy.bareIf(inner)
	return c
}

func (c *inputGrad) PackedSize() int { return c.packed }

func (c *inputGrad) Panels() int {
	panels, _ := c.set.Panels(c.C, 0)
	return panels
}

func (c *inputGrad) Channel(p int) int { return c.set.RowPanel(p, c.C) }

func (c *inputGrad) Pack(dst, w []float32, p0, p1 int, _ []float32) {
	for i := range c.parts {
		c.packPart(dst, w, &c.parts[i], p0, p1)
	}
}

// packPart packs one part's weights as PackA does: blocks of k, in each the row
// panels, in each the values of the panel's rows for each k.
func (c *inputGrad) packPart(dst, w []float32, p *part, p0, p1 int) {
	dst = dst[p.packed:]
	k := len(p.cor.off)
	n := blocksOf(k)
	for b := range n {
		k0, k1 := k*b/n, k*(b+1)/n
		for q := p0; q < p1; q++ {
			i, end := c.set.RowPanel(q, c.C), c.set.RowPanel(q+1, c.C)
			c.packTaps(dst[k0*c.C+i*(k1-k0):], w, p, i, end, k0, k1)
		}
	}
}

// packTaps packs taps k0 to k1 of input channels i to end. The taps of a window
// lie side by side in w, so a whole window is transposed at once.
func (c *inputGrad) packTaps(dst, w []float32, p *part, i, end, k0, k1 int) {
	taps, window, rows := len(p.taps), c.KH*c.KW, end-i
	if window == 1 {
		c.set.CopyMatrix(dst, rows, w[k0*c.K()+i:], c.K(), k1-k0, rows)
		return
	}
	for j := k0; j < k1; {
		o, t := j/taps, j%taps
		src := w[o*c.K()+i*window:]
		if taps == window {
			n := min(taps-t, k1-j)
			c.set.Transpose(dst, rows, src[t:], window, rows, n)
			dst = dst[rows*n:]
			j += n
			continue
		}
		at := p.taps[t][0]*c.KW + p.taps[t][1]
		for r := range rows {
			dst[r] = src[r*window+at]
		}
		dst = dst[rows:]
		j++
	}
}

func (c *inputGrad) Scratch() int {
	n := 0
	for i := range c.parts {
		n = max(n, c.parts[i].cor.scratch())
	}
	n += c.dy.scratch(c.set)
	if c.StrideH*c.StrideW > 1 {
		n += c.N*c.C*c.parts[0].h*c.parts[0].w + alignment
	}
	return n
}

func (c *inputGrad) Bands() int { return 1 }

func (c *inputGrad) Row(b int) int { return b * c.N * c.H }

func (c *inputGrad) Step() int { return 1 }

// Run makes each value a sum over (o, kh, kw) in that order, in blocks as in Gemm.
func (c *inputGrad) Run(dx, dy, packed []float32, p0, p1, _, _ int, scratch []float32) {
	mustHold("dx", dx, c.N*c.C*c.H*c.W)
	mustHold("dy", dy, c.N*c.O*c.positions())
	mustHold("packed weights", packed, c.PackedSize())
	dyp, rest := c.dy.padded(c.set, dy, scratch)
	first, end := c.set.RowPanel(p0, c.C), c.set.RowPanel(p1, c.C)
	for i := range c.parts {
		p := &c.parts[i]
		if c.StrideH*c.StrideW == 1 {
			p.run(dx, dyp, packed, p0, p1, rest)
			return
		}
		plane := aligned(rest)[:c.N*c.C*p.h*p.w]
		p.run(plane, dyp, packed, p0, p1, aligned(rest)[len(plane):])
		for n := range c.N {
			for ch := n*c.C + first; ch < n*c.C+end; ch++ {
				c.set.spread(dx[ch*c.H*c.W:], c.ConvShape, p, plane[ch*p.h*p.w:])
			}
		}
	}
}

// run computes row panels p0 to p1 of the part's values [N,C,h,w].
func (p *part) run(dst, dyp, packed []float32, p0, p1 int, scratch []float32) {
	if len(p.taps) > 0 {
		p.cor.run(dst, dyp, packed[p.packed:], p0, p1, scratch)
		return
	}
	s, m, plane := p.cor.set, p.cor.m, p.h*p.w
	for i := range p.cor.images {
		clear(dst[(i*m+s.RowPanel(p0, m))*plane : (i*m+s.RowPanel(p1, m))*plane])
	}
}

// spread writes a part's values of one channel to their places in dx [H,W].
func (s *Set) spread(dx []float32, shape ConvShape, p *part, plane []float32) {
	dx = dx[p.a*shape.W+p.b:]
	switch shape.StrideW {
	case 1:
		s.copyRows(&dx[0], &plane[0], 4*shape.StrideH*shape.W, 4*p.w, p.h, p.w)
	case 2:
		s.spreadRows(&dx[0], &plane[0], 4*shape.StrideH*shape.W, 4*p.w, p.h, p.w)
	default:
		for i := range p.h {
			row := dx[i*shape.StrideH*shape.W:]
			for j, v := range plane[i*p.w : (i+1)*p.w] {
				row[j*shape.StrideW] = v
			}
		}
	}
}
