package kernel

// A grid is a copy of planes [c,h,w], the channels of all images, with zeros around it, split by the
// phases of a stride: value (i, j) of phase (a, b) of a channel is the image's
// value (i*sh + a - top, j*sw + b - left). Only phases that a tap reads exist.
type grid struct {
	c, h, w   int
	sh, sw    int
	top, left int
	gh, gw    int   // size of one phase's plane
	phases    []int // used phases, each a*sw + b, in order
	size      int   // values of the copy
	bare      bool  // the image is its own grid: no copy
}

// inputGrid is the grid of a convolution's input.
func inputGrid(s ConvShape) grid {
	g := grid{c: s.N * s.C, h: s.H, w: s.W, sh: s.StrideH, sw: s.StrideW, top: s.PadT, left: s.PadL}
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

// bareIf sets bare where there is nothing to add to the image and no vector
// reaches beyond it.
func (g *grid) bareIf(inner bool) {
	g.bare = inner && g.sh*g.sw == 1 && g.top == 0 && g.left == 0 && g.gh == g.h && g.gw == g.w
}

// slack is the room behind the planes: a vector for the last vector of a short
// last row, and what padRows writes beyond the last row.
func (g *grid) slack(s *Set) int { return g.left + s.lanes }

// scratch returns the length of the copy.
func (g *grid) scratch(s *Set) int {
	if g.bare {
		return 0
	}
	return g.size + g.slack(s) + alignment
}

// padded returns the grid's copy of x in scratch, and what is left of scratch;
// or x itself, if it is its own grid.
func (g *grid) padded(s *Set, x, scratch []float32) (xp, rest []float32) {
	if g.bare {
		return x, scratch
	}
	scratch = aligned(scratch)
	xp = scratch[:g.size+g.slack(s)]
	for c := range g.c {
		for i, p := range g.phases {
			g.fill(s, xp[(c*len(g.phases)+i)*g.gh*g.gw:], x[c*g.h*g.w:(c+1)*g.h*g.w], p/g.sw, p%g.sw)
		}
	}
	clear(xp[g.size:])
	return xp, scratch[len(xp):]
}

// fill writes the plane of phase (a, b) of one channel, and up to a vector
// beyond it.
func (g *grid) fill(s *Set, plane, src []float32, a, b int) {
	at, from, rows, cols := g.inside(a, b)
	if rows*cols == 0 {
		clear(plane[:g.gh*g.gw])
		return
	}
	if g.sw == 1 {
		clear(plane[:at])
		s.padRows(&plane[at], &src[from], 4*g.gw, 4*g.sh*g.w, rows, cols)
		clear(plane[min(at+rows*g.gw, g.gh*g.gw) : g.gh*g.gw])
		return
	}
	clear(plane[:g.gh*g.gw])
	g.collect(s, plane[at:], src[from:], rows, cols)
}

// inside says which part of the plane of phase (a, b) the image gives: rows x cols
// values from element at on, the first of them the image's element from.
func (g *grid) inside(a, b int) (at, from, rows, cols int) {
	i0, i1 := span(g.h, g.gh, g.sh, a-g.top)
	j0, j1 := span(g.w, g.gw, g.sw, b-g.left)
	return i0*g.gw + j0, (i0*g.sh+a-g.top)*g.w + j0*g.sw + b - g.left, max(0, i1-i0), max(0, j1-j0)
}

// collect copies values of the image src that are a stride apart to rows of a plane.
func (g *grid) collect(s *Set, dst, src []float32, rows, cols int) {
	switch g.sw {
	case 1:
		s.copyRows(&dst[0], &src[0], 4*g.gw, 4*g.sh*g.w, rows, cols)
	case 2:
		s.evenRows(&dst[0], &src[0], 4*g.gw, 4*g.sh*g.w, rows, cols)
	default:
		for i := range rows {
			row := src[i*g.sh*g.w:]
			for j := range cols {
				dst[i*g.gw+j] = row[j*g.sw]
			}
		}
	}
}

// frame prepares scratch for one channel at a time: it writes border around the places
// that place fills.
func (g *grid) frame(scratch []float32, border float32) (xp []float32) {
	if g.bare {
		return nil
	}
	xp = scratch[:g.size]
	for i, p := range g.phases {
		plane := xp[i*g.gh*g.gw : (i+1)*g.gh*g.gw]
		at, _, rows, cols := g.inside(p/g.sw, p%g.sw)
		end := 0
		for r := range rows * min(cols, 1) {
			fillWith(plane[end:at+r*g.gw], border)
			end = at + r*g.gw + cols
		}
		fillWith(plane[end:], border)
	}
	return xp
}

// place returns the grid's copy of the channel x in xp, which frame has prepared; or x
// itself, if it is its own grid.
func (g *grid) place(s *Set, xp, x []float32) []float32 {
	if g.bare {
		return x
	}
	for i, p := range g.phases {
		at, from, rows, cols := g.inside(p/g.sw, p%g.sw)
		if rows*cols > 0 {
			g.collect(s, xp[i*g.gh*g.gw+at:], x[from:], rows, cols)
		}
	}
	return xp
}

func fillWith(s []float32, v float32) {
	for i := range s {
		s[i] = v
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
