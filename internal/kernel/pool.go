package kernel

// PoolShape is the pooling of planes [H,W] by windows of KH x KW. Padding takes
// no part in a maximum; CountPad says whether it counts in a mean.
type PoolShape struct {
	H, W                   int
	KH, KW                 int
	StrideH, StrideW       int
	PadT, PadL, PadB, PadR int
	CountPad               bool
}

// OutH returns the height of the output.
func (p PoolShape) OutH() int { return outSize(p.H+p.PadT+p.PadB, p.KH, p.StrideH, 1) }

// OutW returns the width of the output.
func (p PoolShape) OutW() int { return outSize(p.W+p.PadL+p.PadR, p.KW, p.StrideW, 1) }

// halves reports whether the windows are 2x2 side by side without padding.
func (p PoolShape) halves() bool {
	return p.KH == 2 && p.KW == 2 && p.StrideH == 2 && p.StrideW == 2 && p.PadT|p.PadL|p.PadB|p.PadR == 0
}

// covers reports whether the windows are halves of planes of even sides, so that each
// input is in one.
func (p PoolShape) covers() bool { return p.halves() && p.H%2 == 0 && p.W%2 == 0 }

// each2 calls do for runs of rows of 2x2 windows that follow one another, starting at
// inputs x and outputs y: all rows of all planes at once, unless a plane has a row
// that is in no window.
func (p PoolShape) each2(planes int, do func(x, y, rows int)) {
	ho, wo := p.OutH(), p.OutW()
	if ho*wo*planes == 0 {
		return
	}
	if p.H == 2*ho {
		do(0, 0, planes*ho)
		return
	}
	for i := range planes {
		do(i*p.H*p.W, i*ho*wo, ho)
	}
}

// window is the part of one window that lies in the plane.
type window struct{ y0, y1, x0, x1 int }

func (p PoolShape) window(i, j int) window {
	y, x := i*p.StrideH-p.PadT, j*p.StrideW-p.PadL
	return window{max(y, 0), min(y+p.KH, p.H), max(x, 0), min(x+p.KW, p.W)}
}

// divisor returns the number of values that a mean over w divides by.
func (p PoolShape) divisor(w window) int {
	if p.CountPad {
		return p.KH * p.KW
	}
	return max(1, (w.y1-w.y0)*(w.x1-w.x0))
}

// check panics unless the slices hold planes inputs and outputs.
func (p PoolShape) check(in, out []float32, planes int) {
	mustHold("pooling input", in, planes*p.H*p.W)
	mustHold("pooling output", out, planes*p.OutH()*p.OutW())
}

// MaxPool writes the maximum of each window to dst [planes,OutH,OutW] from x
// [planes,H,W]: NaN if the window holds one, -Inf if it lies in the padding.
func (s *Set) MaxPool(dst, x []float32, planes int, p PoolShape) {
	p.check(x, dst, planes)
	ho, wo := p.OutH(), p.OutW()
	if p.halves() {
		p.each2(planes, func(i, o, rows int) { s.maxPool2(&dst[o], &x[i], rows, wo, p.W) })
		return
	}
	for range planes {
		for i := range ho {
			for j := range wo {
				dst[i*wo+j] = negInf
				if at := argMax(x, p.W, p.window(i, j)); at >= 0 {
					dst[i*wo+j] = x[at]
				}
			}
		}
		x, dst = x[p.H*p.W:], dst[ho*wo:]
	}
}

// argMax returns the index of the first maximum of a window in row-major order
// (of its first NaN if it has one), or -1 of an empty window.
func argMax(x []float32, width int, w window) int {
	best := -1
	var m float32
	for y := w.y0; y < w.y1; y++ {
		for i := y*width + w.x0; i < y*width+w.x1; i++ {
			if v := x[i]; best < 0 || v > m || v != v && m == m {
				best, m = i, v
			}
		}
	}
	return best
}

// MaxPoolGrad writes the gradient of MaxPool to dx [planes,H,W] from x and
// dy [planes,OutH,OutW]: the first maximum of a window in row-major order (its
// first NaN, if it has one) takes the whole gradient.
func (s *Set) MaxPoolGrad(dx, x, dy []float32, planes int, p PoolShape) {
	p.check(x, dy, planes)
	p.check(dx, dy, planes)
	ho, wo := p.OutH(), p.OutW()
	if !p.covers() {
		clear(dx[:planes*p.H*p.W])
	}
	if p.halves() {
		p.each2(planes, func(i, o, rows int) { s.maxPoolGrad2(&dx[i], &x[i], &dy[o], rows, wo, p.W) })
		return
	}
	for range planes {
		for i := range ho {
			for j := range wo {
				if at := argMax(x, p.W, p.window(i, j)); at >= 0 {
					dx[at] += dy[i*wo+j]
				}
			}
		}
		x, dx, dy = x[p.H*p.W:], dx[p.H*p.W:], dy[ho*wo:]
	}
}

// AvgPool writes the mean of each window to dst [planes,OutH,OutW] from x
// [planes,H,W]; a window in the padding has the mean 0.
func (s *Set) AvgPool(dst, x []float32, planes int, p PoolShape) {
	p.check(x, dst, planes)
	ho, wo := p.OutH(), p.OutW()
	if p.halves() {
		p.each2(planes, func(i, o, rows int) { s.avgPool2(&dst[o], &x[i], rows, wo, p.W) })
		return
	}
	for range planes {
		for i := range ho {
			for j := range wo {
				w := p.window(i, j)
				var sum float32
				for y := w.y0; y < w.y1; y++ {
					for k := y*p.W + w.x0; k < y*p.W+w.x1; k++ {
						sum += x[k]
					}
				}
				dst[i*wo+j] = sum / float32(p.divisor(w))
			}
		}
		x, dst = x[p.H*p.W:], dst[ho*wo:]
	}
}

// AvgPoolGrad writes the gradient of AvgPool to dx [planes,H,W] from dy
// [planes,OutH,OutW].
func (s *Set) AvgPoolGrad(dx, dy []float32, planes int, p PoolShape) {
	p.check(dx, dy, planes)
	ho, wo := p.OutH(), p.OutW()
	if !p.covers() {
		clear(dx[:planes*p.H*p.W])
	}
	if p.halves() {
		p.each2(planes, func(i, o, rows int) { s.avgPoolGrad2(&dx[i], &dy[o], rows, wo, p.W) })
		return
	}
	for range planes {
		for i := range ho {
			for j := range wo {
				w := p.window(i, j)
				g := dy[i*wo+j] / float32(p.divisor(w))
				for y := w.y0; y < w.y1; y++ {
					for k := y*p.W + w.x0; k < y*p.W+w.x1; k++ {
						dx[k] += g
					}
				}
			}
		}
		dx, dy = dx[p.H*p.W:], dy[ho*wo:]
	}
}
