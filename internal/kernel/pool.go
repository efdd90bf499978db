package kernel

import "unsafe"

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

func (p PoolShape) in() int  { return p.H * p.W }
func (p PoolShape) out() int { return p.OutH() * p.OutW() }

// halves reports whether the windows are 2x2 side by side without padding.
func (p PoolShape) halves() bool {
	return p.KH == 2 && p.KW == 2 && p.StrideH == 2 && p.StrideW == 2 && p.PadT|p.PadL|p.PadB|p.PadR == 0
}

// conv is the convolution of one channel whose taps are those of the windows.
func (p PoolShape) conv() ConvShape {
	return ConvShape{N: 1, C: 1, O: 1, H: p.H, W: p.W, KH: p.KH, KW: p.KW, StrideH: p.StrideH, StrideW: p.StrideW,
		PadT: p.PadT, PadL: p.PadL, PadB: p.PadB, PadR: p.PadR, DilH: 1, DilW: 1}
}

// A Pool is a planned pooling: tables for one shape and level. It is immutable
// and safe for concurrent use with separate scratch.
//
// Windows of 2x2 side by side have kernels of their own. For the others each
// plane is copied as a [Conv] does it, so that every tap of a row of outputs is a
// run of memory. The gradient of a maximum is taken to where it belongs by the
// number of the tap that it belongs to: each input looks for its own number in
// the windows that hold it.
type Pool struct {
	PoolShape
	set   *Set
	image grid
	taps  []tap
	dy    grid // of the output gradient and of the numbers
	parts []poolPart
	first []float32 // for each output, the number of the first tap that is not padding; -1 if none
	count []float32 // for each output, the number of values that its mean is over
}

// A poolPart is a part of the input gradient and its taps in the grid dy.
type poolPart struct {
	part
	taps []tap
}

// NewPool plans a pooling.
func (s *Set) NewPool(shape PoolShape) *Pool {
	p := &Pool{PoolShape: shape, set: s}
	if p.halves() || p.out() == 0 {
		return p
	}
	conv := shape.conv()
	p.image = inputGrid(conv)
	p.image.bareIf(true)
	p.taps = tapsOf(p.image.taps(conv), func(i int) int { return i })
	var parts []part
	p.dy, parts = conv.gradParts()
	p.dy.gh, p.dy.gw = max(p.dy.gh, p.dy.top+p.dy.h), max(p.dy.gw, p.dy.left+p.dy.w)
	p.dy.size = p.dy.gh * p.dy.gw
	for _, t := range parts {
		number := func(i int) int { return t.taps[i][0]*p.KW + t.taps[i][1] }
		p.parts = append(p.parts, poolPart{t, tapsOf(t.offsets(conv, &p.dy, 1), number)})
	}
	p.planWindows()
	return p
}

// planWindows finds the first tap and the divisor of each window.
func (p *Pool) planWindows() {
	for i := range p.OutH() {
		for j := range p.OutW() {
			y, x := i*p.StrideH-p.PadT, j*p.StrideW-p.PadL
			y0, y1, x0, x1 := max(y, 0), min(y+p.KH, p.H), max(x, 0), min(x+p.KW, p.W)
			first, count := (y0-y)*p.KW+x0-x, max(0, y1-y0)*max(0, x1-x0)
			if count == 0 {
				first, count = -1, 1
			}
			if p.CountPad {
				count = p.KH * p.KW
			}
			p.first = append(p.first, float32(first))
			p.count = append(p.count, float32(count))
		}
	}
}

// Scratch returns the length of scratch that the methods need.
func (p *Pool) Scratch() int {
	if p.taps == nil {
		return 0
	}
	plane := p.out()
	for _, t := range p.parts {
		plane = max(plane, t.h*t.w)
	}
	n := 2*p.dy.size + plane
	if !p.image.bare {
		n += p.image.size
	}
	return n + alignment
}

// check panics unless the slices hold planes inputs and outputs.
func (p *Pool) check(in, out []float32, planes int, scratch []float32) {
	mustHold("pooling input", in, planes*p.in())
	mustHold("pooling output", out, planes*p.out())
	mustHold("pooling scratch", scratch, p.Scratch())
}

// runs calls do for runs of rows of 2x2 windows that follow one another, starting at
// inputs x and outputs y: all rows of all planes at once, unless a plane has a row
// that is in no window.
func (p *Pool) runs(planes int, do func(x, y, rows int)) {
	ho := p.OutH()
	if p.out() == 0 || planes == 0 {
		return
	}
	if p.H == 2*ho {
		do(0, 0, planes*ho)
		return
	}
	for i := range planes {
		do(i*p.in(), i*p.out(), ho)
	}
}

// Max writes the maximum of each window to dst [planes,OutH,OutW] from x
// [planes,H,W]: NaN if the window holds one, -Inf if it lies in the padding.
func (p *Pool) Max(dst, x []float32, planes int, scratch []float32) {
	p.check(x, dst, planes, scratch)
	if p.halves() {
		p.runs(planes, func(i, o, rows int) { p.set.maxPool2(&dst[o], &x[i], rows, p.OutW(), p.W) })
		return
	}
	p.fold(p.set.windowMax, negInf, dst, x, planes, scratch)
}

// Avg writes the mean of each window to dst [planes,OutH,OutW] from x
// [planes,H,W]; a window in the padding has the mean 0.
func (p *Pool) Avg(dst, x []float32, planes int, scratch []float32) {
	p.check(x, dst, planes, scratch)
	if p.halves() {
		p.runs(planes, func(i, o, rows int) { p.set.avgPool2(&dst[o], &x[i], rows, p.OutW(), p.W) })
		return
	}
	p.fold(p.set.windowSum, 0, dst, x, planes, scratch)
	for ; planes > 0 && len(p.count) > 0; planes-- {
		p.set.Div(dst[:len(p.count)], dst, p.count)
		dst = dst[len(p.count):]
	}
}

// fold folds the windows of planes that are padded with border.
func (p *Pool) fold(f windowFunc, border float32, dst, x []float32, planes int, scratch []float32) {
	if p.out() == 0 {
		return
	}
	wo, xp := p.OutW(), p.image.frame(aligned(scratch), border)
	for i := range planes {
		from := p.image.place(p.set, xp, x[i*p.in():])
		f(&dst[i*p.out()], &from[0], nil, &p.taps[0], len(p.taps), p.OutH(), wo, 4*wo, 4*p.image.gw)
	}
}

// MaxGrad writes the gradient of Max to dx [planes,H,W] from x and dy
// [planes,OutH,OutW]: the first maximum of a window in row-major order (its
// first NaN, if it has one) takes the whole gradient.
func (p *Pool) MaxGrad(dx, x, dy []float32, planes int, scratch []float32) {
	p.check(x, dy, planes, scratch)
	p.check(dx, dy, planes, scratch)
	if p.clearUncovered(dx, planes); p.halves() {
		p.runs(planes, func(i, o, rows int) { p.set.maxPoolGrad2(&dx[i], &x[i], &dy[o], rows, p.OutW(), p.W) })
		return
	}
	if p.out() == 0 {
		return
	}
	scratch = aligned(scratch)
	numbers, scratch := p.dy.frame(scratch, -1), scratch[p.dy.size:]
	dyp, scratch := p.dy.frame(scratch, 0), scratch[p.dy.size:]
	xp := p.image.frame(scratch, negInf)
	inside, _, _, _ := p.dy.inside(0, 0)
	for i := range planes {
		from := p.image.place(p.set, xp, x[i*p.in():])
		p.set.windowArg(&numbers[inside], &from[0], &p.first[0], &p.taps[0], len(p.taps), p.OutH(), p.OutW(), 4*p.dy.gw, 4*p.image.gw)
		p.dy.place(p.set, dyp, dy[i*p.out():])
		p.gather(p.set.windowPick, dx[i*p.in():], numbers, dyp, scratch[len(xp):])
	}
}

// AvgGrad writes the gradient of Avg to dx [planes,H,W] from dy
// [planes,OutH,OutW].
func (p *Pool) AvgGrad(dx, dy []float32, planes int, scratch []float32) {
	p.check(dx, dy, planes, scratch)
	if p.clearUncovered(dx, planes); p.halves() {
		p.runs(planes, func(i, o, rows int) { p.set.avgPoolGrad2(&dx[i], &dy[o], rows, p.OutW(), p.W) })
		return
	}
	if p.out() == 0 {
		return
	}
	scratch = aligned(scratch)
	dyp, share := p.dy.frame(scratch, 0), scratch[p.dy.size:]
	for i := range planes {
		p.set.Div(share[:p.out()], dy[i*p.out():], p.count)
		p.dy.place(p.set, dyp, share)
		p.gather(p.set.windowSum, dx[i*p.in():], dyp, nil, share)
	}
}

// clearUncovered clears dx if there are inputs in no window that the kernel of halves
// leaves alone, or no windows.
func (p *Pool) clearUncovered(dx []float32, planes int) {
	if p.out() == 0 || p.halves() && (p.H%2 != 0 || p.W%2 != 0) {
		clear(dx[:planes*p.in()])
	}
}

// gather computes the input gradient dx of one plane, part by part, by f of x and y.
func (p *Pool) gather(f windowFunc, dx, x, y, scratch []float32) {
	conv := p.conv()
	for i := range p.parts {
		t := &p.parts[i]
		plane := scratch[:t.h*t.w]
		if p.StrideH*p.StrideW == 1 {
			plane = dx
		}
		if len(t.taps) == 0 {
			clear(plane[:t.h*t.w])
		} else {
			f(&plane[0], &x[0], unsafe.SliceData(y), &t.taps[0], len(t.taps), t.h, t.w, 4*t.w, 4*p.dy.gw)
		}
		if p.StrideH*p.StrideW > 1 {
			p.set.spread(dx, conv, &t.part, plane)
		}
	}
}
