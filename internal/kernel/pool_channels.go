package kernel

// A ChannelPool is a planned pooling of images [H,W,C], the channels of a position
// side by side. It is immutable and safe for concurrent use with separate scratch.
//
// A vector holds channels, so that windows of any size and stride need no rearrangement.
// Outputs whose windows lie alike share a list of taps, and padding is in no list: there
// is no padded copy. The gradient of a maximum is taken to where it belongs as [Pool]
// does it.
type ChannelPool struct {
	PoolShape
	set            *Set
	forward, grad  channelWalk
	taps, gradTaps [][]tap
	share          []float32 // of each list of taps, the weight of a value in the mean
	band           int       // rows of outputs that scratch holds
}

// poolBandRoom is about the number of values of a ChannelPool's scratch: it stays in the
// second-level cache beside the rows that are read and written.
const poolBandRoom = 1 << 15

// NewChannelPool plans a pooling of at least one channel.
func (s *Set) NewChannelPool(shape PoolShape, channels int) *ChannelPool {
	p := &ChannelPool{PoolShape: shape, set: s}
	rows := axisShape{shape.H, shape.OutH(), shape.KH, shape.StrideH, shape.PadT, 1}
	cols := axisShape{shape.W, shape.OutW(), shape.KW, shape.StrideW, shape.PadL, 1}
	p.forward = channelWalk{rows.forward(), cols.forward(), channels}
	p.grad = channelWalk{rows.grad(), cols.grad(), channels}
	number := func(off int64, row, col int) tap { return tap{off, float32(row*shape.KW + col)} }
	p.taps, p.gradTaps = lists(&p.forward, number), lists(&p.grad, number)
	for _, t := range p.taps {
		count := max(1, len(t))
		if p.CountPad {
			count = p.KH * p.KW
		}
		p.share = append(p.share, 1/float32(count))
	}
	p.planBand()
	return p
}

// planBand sizes the scratch: it must hold all windows of a row of inputs.
func (p *ChannelPool) planBand() {
	if p.out() == 0 {
		return
	}
	for _, r := range p.grad.rows.classes {
		p.band = max(p.band, r.n)
	}
	p.band = min(max(p.band, poolBandRoom/p.grad.pitch()), p.OutH())
}

// Scratch returns the length of scratch that the gradients need.
func (p *ChannelPool) Scratch() int {
	if p.band == 0 {
		return 0
	}
	return p.band*p.grad.pitch() + alignment
}

// check panics unless the slices hold the inputs and outputs of an image.
func (p *ChannelPool) check(in, out []float32) {
	mustHold("pooling input", in, p.H*p.grad.result())
	mustHold("pooling output", out, p.OutH()*p.forward.result())
}

// Max writes rows y0 up to y1 of the maximum of each window to dst [OutH,OutW,C] from x
// [H,W,C]: NaN if the window holds one, -Inf if it lies in the padding.
func (p *ChannelPool) Max(dst, x []float32, y0, y1 int) {
	p.check(x, dst)
	for y := y0; y < y1; y++ {
		p.forward.row(y, func(r walkRun) {
			if !p.fold(p.set.windowMax, dst, x, r) {
				fillWith(dst[r.dst:r.dst+r.count*p.forward.channels], negInf)
			}
		})
	}
}

// Avg writes rows y0 up to y1 of the mean of each window to dst [OutH,OutW,C] from x
// [H,W,C]; a window in the padding has the mean 0.
func (p *ChannelPool) Avg(dst, x []float32, y0, y1 int) {
	p.check(x, dst)
	for y := y0; y < y1; y++ {
		p.forward.row(y, func(r walkRun) {
			mean := dst[r.dst : r.dst+r.count*p.forward.channels]
			if p.fold(p.set.windowSum, dst, x, r) {
				p.set.MulScalar(mean, mean, p.share[r.list])
			} else {
				clear(mean)
			}
		})
	}
}

// fold folds the windows of a run, and reports whether they hold anything.
func (p *ChannelPool) fold(f windowFunc, dst, x []float32, r walkRun) bool {
	taps := p.taps[r.list]
	if len(taps) == 0 {
		return false
	}
	f(&dst[r.dst], &x[r.src], nil, &taps[0], len(taps), r.count, p.forward.channels, p.forward.ldd(), p.forward.ldx())
	return true
}

// MaxGrad writes rows y0 up to y1 of the gradient of Max to dx [H,W,C] from x and dy
// [OutH,OutW,C]: the first maximum of a window in row-major order (its first NaN, if it has
// one) takes the whole gradient. Each call finds the maxima of all windows that its rows
// are part of, so several rows at a time cost less.
func (p *ChannelPool) MaxGrad(dx, x, dy []float32, y0, y1 int, scratch []float32) {
	p.check(x, dy)
	number := func(dst []float32, i int) {
		from := i * p.forward.result()
		p.forward.row(i, func(r walkRun) {
			r.dst -= from
			p.fold(p.set.windowIndex, dst, x, r)
		})
	}
	p.gather(p.set.windowPick, dx, dy, y0, y1, scratch, number)
}

// AvgGrad writes rows y0 up to y1 of the gradient of Avg to dx [H,W,C] from dy
// [OutH,OutW,C].
func (p *ChannelPool) AvgGrad(dx, dy []float32, y0, y1 int, scratch []float32) {
	share := func(dst []float32, i int) {
		from := i * p.forward.result()
		p.forward.row(i, func(r walkRun) {
			n := r.count * p.forward.channels
			p.set.MulScalar(dst[r.dst-from:][:n], dy[r.dst:], p.share[r.list])
		})
	}
	p.gather(p.set.windowSum, dx, dy, y0, y1, scratch, share)
}

// gather computes rows y0 up to y1 of the input gradient by f of what prepare makes of the
// rows of outputs, and of dy. Scratch holds a band of them; it moves on with the rows of
// inputs, and what the next ones still need is kept.
func (p *ChannelPool) gather(f windowFunc, dx, dy []float32, y0, y1 int, scratch []float32, prepare func(dst []float32, i int)) {
	p.check(dx, dy)
	mustHold("pooling scratch", scratch, p.Scratch())
	scratch = aligned(scratch)
	pitch := p.grad.pitch()
	last := min(p.OutH(), floorDiv(y1-1+p.PadT, p.StrideH)+1) // the windows after it begin below the rows
	lo, hi := 0, 0
	for y := y0; y < y1; y++ {
		if need := p.grad.rows.reach[y]; need.n > 0 && need.from+need.n > hi {
			kept := 0
			if need.from < hi {
				kept = copy(scratch, scratch[(need.from-lo)*pitch:(hi-lo)*pitch]) / pitch
			}
			lo, hi = need.from, need.from+kept
			for ; hi < min(lo+p.band, last); hi++ {
				prepare(scratch[(hi-lo)*pitch:(hi-lo+1)*pitch], hi)
			}
		}
		p.gatherRow(f, dx, dy, scratch, lo*pitch, y)
	}
}

// gatherRow computes row y; what was made of the outputs begins with element from.
func (p *ChannelPool) gatherRow(f windowFunc, dx, dy, made []float32, from, y int) {
	p.grad.row(y, func(r walkRun) {
		taps := p.gradTaps[r.list]
		if len(taps) == 0 {
			p.grad.clear(dx, r)
			return
		}
		f(&dx[r.dst], &made[r.src-from], &dy[r.src], &taps[0], len(taps), r.count, p.grad.channels, p.grad.ldd(), p.grad.ldx())
	})
}
