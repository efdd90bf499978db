package kernel

import "fmt"

// ConvShape is a convolution of N images (0 is taken as 1) and one group: input
// [N,C,H,W], weights [O,C,KH,KW], output [N,O,OutH,OutW]. Several images at a
// time pay where they are small: their positions then share register tiles and
// the weights are read once. Outputs and input gradients do not depend on N; the
// order in which a weight gradient is summed does.
type ConvShape struct {
	N                      int
	C, H, W                int
	O, KH, KW              int
	StrideH, StrideW       int
	PadT, PadL, PadB, PadR int
	DilH, DilW             int
}

// OutH returns the height of the output.
func (s ConvShape) OutH() int { return outSize(s.H+s.PadT+s.PadB, s.KH, s.StrideH, s.DilH) }

// OutW returns the width of the output.
func (s ConvShape) OutW() int { return outSize(s.W+s.PadL+s.PadR, s.KW, s.StrideW, s.DilW) }

// outSize is the number of windows of k taps in a padded length.
func outSize(padded, k, stride, dil int) int {
	return max(0, (padded-(k-1)*dil-1)/stride+1)
}

// K returns the number of taps of one output value, C*KH*KW.
func (s ConvShape) K() int { return s.C * s.KH * s.KW }

// Flops returns the floating-point operations of one direction.
func (s ConvShape) Flops() int { return 2 * s.N * s.O * s.K() * s.positions() }

// positions returns the outputs of one channel of one image.
func (s ConvShape) positions() int { return s.OutH() * s.OutW() }

func (s ConvShape) check() error {
	for _, d := range []struct {
		name       string
		value, min int
	}{
		{"C", s.C, 1}, {"H", s.H, 1}, {"W", s.W, 1}, {"O", s.O, 1}, {"KH", s.KH, 1}, {"KW", s.KW, 1},
		{"StrideH", s.StrideH, 1}, {"StrideW", s.StrideW, 1}, {"DilH", s.DilH, 1}, {"DilW", s.DilW, 1},
		{"PadT", s.PadT, 0}, {"PadL", s.PadL, 0}, {"PadB", s.PadB, 0}, {"PadR", s.PadR, 0},
	} {
		if d.value < d.min {
			return fmt.Errorf("kernel: convolution with %s = %d", d.name, d.value)
		}
	}
	if (s.KH-1)*s.DilH+1 > s.H+s.PadT+s.PadB || (s.KW-1)*s.DilW+1 > s.W+s.PadL+s.PadR {
		return fmt.Errorf("kernel: convolution window %dx%d (dilation %dx%d) exceeds the padded image %dx%d",
			s.KH, s.KW, s.DilH, s.DilW, s.H+s.PadT+s.PadB, s.W+s.PadL+s.PadR)
	}
	return nil
}

// A Conv is a planned convolution: tables of offsets for one shape and level.
// It is immutable and safe for concurrent use with separate scratch.
//
// The image is copied once into zero-padded planes, one for each phase of the
// stride, so that every tap of a row of outputs is a run of memory; the
// register tiles read the taps through a table of offsets. No matrix of
// patches is made.
type Conv struct {
	ConvShape
	set    *Set
	image  grid        // the padded input
	fwd    correlation // O rows over the taps of the input
	wgrad  weightGrad
	dy     grid   // the padded output gradient
	igrad  []part // one for each phase of the stride
	igradA int    // length of the packed weights of igrad
}

// NewConv plans a convolution. An impossible shape is an error.
func (s *Set) NewConv(shape ConvShape) (*Conv, error) {
	shape.N = max(shape.N, 1)
	if err := shape.check(); err != nil {
		return nil, err
	}
	c := &Conv{ConvShape: shape, set: s}
	c.image = inputGrid(shape)
	off := c.image.taps(shape)
	c.fwd = newCorrelation(s, shape.O, off, positions{
		images: shape.N, step: c.image.size / shape.N, ho: shape.OutH(), wo: shape.OutW(), pitch: c.image.gw})
	c.image.bareIf(c.fwd.inner)
	c.planWeightGrad()
	c.planInputGrad()
	return c, nil
}

// PackedSize returns the length of the weights packed for Forward.
func (c *Conv) PackedSize() int { return c.O * c.K() }

// Pack packs weights [O,C,KH,KW] for Forward.
func (c *Conv) Pack(dst, w []float32) {
	panels, _ := c.set.Panels(c.O, 0)
	c.PackPanels(dst, w, 0, panels)
}

// PackPanels does the part of Pack that is row panels p0 up to p1 of the output channels.
func (c *Conv) PackPanels(dst, w []float32, p0, p1 int) {
	c.set.PackAPanels(dst, Operand{Data: w, LD: c.K()}, c.O, c.K(), p0, p1)
}

// ForwardScratch returns the length of scratch that Forward needs.
func (c *Conv) ForwardScratch() int { return c.image.scratch(c.set) + c.fwd.scratch() }

// Forward computes dst [N,O,OutH,OutW] from x [N,C,H,W] and packed weights, with
// epilogue e. Each value is a sum over (c, kh, kw) in that order, in blocks as
// in Gemm.
func (c *Conv) Forward(dst, x, packed []float32, e Epilogue, scratch []float32) {
	panels, _ := c.set.Panels(c.O, 0)
	c.ForwardPanels(dst, x, packed, e, 0, panels, scratch)
}

// ForwardPanels is Forward for row panels p0 to p1 of the output channels
// alone; see Panels and RowPanel. All else describes the whole convolution.
func (c *Conv) ForwardPanels(dst, x, packed []float32, e Epilogue, p0, p1 int, scratch []float32) {
	mustHold("dst", dst, c.N*c.O*c.positions())
	mustHold("x", x, c.N*c.C*c.H*c.W)
	mustHold("packed weights", packed, c.PackedSize())
	xp, scratch := c.image.padded(c.set, x, scratch)
	c.fwd.run(dst, xp, packed, e, p0, p1, scratch)
}

// mustHold panics if s has fewer than n values.
func mustHold(name string, s []float32, n int) {
	if len(s) < n {
		panic(fmt.Sprintf("kernel: %s has %d values, want %d", name, len(s), n))
	}
}
