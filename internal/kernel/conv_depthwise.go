package kernel

import "fmt"

// A DepthwiseConv is a planned convolution of as many groups as channels, on images
// [H,W,C], the channels of a position side by side: each channel is convolved with its own
// weights [C,1,KH,KW], which are packed first. It is immutable and safe for concurrent use.
//
// A vector holds channels. Outputs whose windows are clipped alike share a list of taps;
// padding is in no list, so that there is no padded copy.
type DepthwiseConv struct {
	ConvShape      // C = O; N is not used
	set            *Set
	forward, grad  channelWalk
	taps, gradTaps [][]weightTap
}

// NewDepthwiseConv plans a convolution of shape.C groups. An impossible shape is an error.
func (s *Set) NewDepthwiseConv(shape ConvShape) (*DepthwiseConv, error) {
	if err := shape.check(); err != nil {
		return nil, err
	}
	if shape.C != shape.O {
		return nil, fmt.Errorf("kernel: depthwise convolution of %d channels to %d", shape.C, shape.O)
	}
	d := &DepthwiseConv{ConvShape: shape, set: s}
	rows := axisShape{shape.H, shape.OutH(), shape.KH, shape.StrideH, shape.PadT, shape.DilH}
	cols := axisShape{shape.W, shape.OutW(), shape.KW, shape.StrideW, shape.PadL, shape.DilW}
	d.forward = channelWalk{rows.forward(), cols.forward(), shape.C}
	d.grad = channelWalk{rows.grad(), cols.grad(), shape.C}
	weigh := func(off int64, row, col int) weightTap {
		return weightTap{off, int64(4 * (row*shape.KW + col) * shape.C)}
	}
	d.taps, d.gradTaps = lists(&d.forward, weigh), lists(&d.grad, weigh)
	return d, nil
}

// PackedSize returns the length of the packed weights, and of the sums of a weight gradient.
func (d *DepthwiseConv) PackedSize() int { return d.KH * d.KW * d.C }

// Pack writes weights [C,1,KH,KW] to dst as [KH,KW,C].
func (d *DepthwiseConv) Pack(dst, w []float32) {
	mustHold("depthwise weights", w, d.PackedSize())
	mustHold("packed depthwise weights", dst, d.PackedSize())
	d.set.Transpose(dst, d.C, w, d.KH*d.KW, d.C, d.KH*d.KW)
}

// Unpack writes what is laid out as packed weights, [KH,KW,C], to dst [C,1,KH,KW].
func (d *DepthwiseConv) Unpack(dst, packed []float32) {
	mustHold("depthwise weights", dst, d.PackedSize())
	mustHold("packed depthwise weights", packed, d.PackedSize())
	d.set.Transpose(dst, d.KH*d.KW, packed, d.C, d.KH*d.KW, d.C)
}

// check panics unless the slices hold the inputs and outputs of n images.
func (d *DepthwiseConv) check(in, out, weights []float32, n int) {
	mustHold("depthwise input", in, n*d.H*d.W*d.C)
	mustHold("depthwise output", out, n*d.positions()*d.C)
	mustHold("packed depthwise weights", weights, d.PackedSize())
}

// Forward writes rows y0 up to y1 of the convolution of x [H,W,C] to y [OutH,OutW,C].
func (d *DepthwiseConv) Forward(y, x, packed []float32, y0, y1 int) {
	d.check(x, y, packed, 1)
	d.run(&d.forward, d.taps, y, x, packed, y0, y1)
}

// InputGrad writes rows y0 up to y1 of the input gradient to dx [H,W,C] from dy
// [OutH,OutW,C].
func (d *DepthwiseConv) InputGrad(dx, dy, packed []float32, y0, y1 int) {
	d.check(dx, dy, packed, 1)
	d.run(&d.grad, d.gradTaps, dx, dy, packed, y0, y1)
}

// run computes rows y0 up to y1 of dst; a result without taps is 0.
func (d *DepthwiseConv) run(w *channelWalk, taps [][]weightTap, dst, src, packed []float32, y0, y1 int) {
	for y := y0; y < y1; y++ {
		w.row(y, func(r walkRun) {
			list := taps[r.list]
			if len(list) == 0 {
				w.clear(dst, r)
				return
			}
			d.set.windowMulAdd(&dst[r.dst], &src[r.src], &packed[0], &list[0], len(list), r.count, d.C, w.ldd(), w.ldx())
		})
	}
}

// WeightGrad writes the weight gradient of images n0 up to n1 of x [N,H,W,C] and dy
// [N,OutH,OutW,C] to sums [KH,KW,C], for [DepthwiseConv.Unpack]. Each is one sum over the
// positions in order; whoever splits the images adds up what becomes of the ranges.
func (d *DepthwiseConv) WeightGrad(sums, x, dy []float32, n0, n1 int) {
	d.check(x, dy, sums, n1)
	clear(sums[:d.PackedSize()])
	in, out := d.H*d.W*d.C, d.positions()*d.C
	for n := n0; n < n1; n++ {
		for y := range d.OutH() {
			d.forward.row(y, func(r walkRun) {
				if list := d.taps[r.list]; len(list) > 0 {
					d.set.windowMulSum(&sums[0], &x[n*in+r.src], &dy[n*out+r.dst], &list[0], len(list), r.count, d.C, d.forward.ldd(), d.forward.ldx())
				}
			})
		}
	}
}
