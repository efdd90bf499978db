package kernel

// A grid is a copy of an image [c,h,w] with zeros around it, split by the
// phases of a stride: value (i, j) of phase (a, b) of a channel is the image's
// value (i*sh + a - top, j*sw + b - left). Only phases that a tap reads exist.
type grid struct {
	c, h, w   int
	sh, sw    int
	top, left int
	gh, gw    int   // size of one phase's plane
	phases    []int // used phases, each a*sw + b, in order
	size      int   // values of the copy
}

// inputGrid is the grid of a convolution's input.
func inputGrid(s ConvShape) grid {
	g := grid{c: s.C, h: s.H, w: s.W, sh: s.StrideH, sw: s.StrideW, top: s.PadT, left: s.PadL}
	g.gh = s.OutH() + (s.KH-1)*s.DilH/s.StrideH
	g.gw = s.OutW() + (s.KW-1)*s.DilW/s.StrideW
	for a := range g.sh {
		for b := range g.sw {
			if reaches(a, s.KH, s.DilH, g.sh) && reaches(b, s.KW, s.DilW, g.sw) {
				g.phases = append(g.phases, a*g.sw+b)
			}
		}
	}
	g.size = g.c * len(g.phases) * g.gh * g.gw
	return g
}

// reaches reports whether one of k taps has phase a.
func reaches(a, k, dil, stride int) bool {
	for i := range k {
		if i*dil%stride == a {
			return true
		}
	}
	return false
}

// plane returns the offset of the plane of a channel and phase.
func (g *grid) plane(c, phase int) int {
	for i, p := range g.phases {
		if p == phase {
			return (c*len(g.phases) + i) * g.gh * g.gw
		}
	}
	panic("kernel: phase without a tap")
}

// taps returns the byte offset of each tap of output (0, 0), in the order
// channel, row, column.
func (g *grid) taps(s ConvShape) []int64 {
	var off []int64
	for c := range s.C {
		for i := range s.KH {
			for j := range s.KW {
				y, x := i*s.DilH, j*s.DilW
				p := g.plane(c, y%g.sh*g.sw+x%g.sw)
				off = append(off, int64(4*(p+y/g.sh*g.gw+x/g.sw)))
			}
		}
	}
	return off
}

// scratch returns the length of the copy: a vector more than the planes, for
// the last vector of a short last row.
func (g *grid) scratch(s *Set) int { return g.size + s.lanes + alignment }

// padded returns the grid's copy of x in scratch, and what is left of scratch.
func (g *grid) padded(s *Set, x, scratch []float32) (xp, rest []float32) {
	scratch = aligned(scratch)
	xp = scratch[:g.size+s.lanes]
	clear(xp)
	for c := range g.c {
		for _, p := range g.phases {
			g.fill(s, xp[g.plane(c, p):], x[c*g.h*g.w:(c+1)*g.h*g.w], p/g.sw, p%g.sw)
		}
	}
	return xp, scratch[len(xp):]
}

// fill copies the values of phase (a, b) of one channel.
func (g *grid) fill(s *Set, dst, src []float32, a, b int) {
	i0, i1 := span(g.h, g.gh, g.sh, a-g.top)
	j0, j1 := span(g.w, g.gw, g.sw, b-g.left)
	if i0 >= i1 || j0 >= j1 {
		return
	}
	y, x := i0*g.sh+a-g.top, j0*g.sw+b-g.left
	dst, src = dst[i0*g.gw+j0:], src[y*g.w+x:]
	if g.sw == 1 {
		s.copyMatrix(dst, g.gw, src, g.sh*g.w, i1-i0, j1-j0)
		return
	}
	for i := range i1 - i0 {
		row := src[i*g.sh*g.w:]
		for j := range j1 - j0 {
			dst[i*g.gw+j] = row[j*g.sw]
		}
	}
}

// span returns the range of i < limit for which 0 <= i*stride + shift < size.
func span(size, limit, stride, shift int) (lo, hi int) {
	if shift < 0 {
		lo = ceilDiv(-shift, stride)
	}
	if size > shift {
		hi = ceilDiv(size-shift, stride)
	}
	return lo, min(hi, limit)
}
