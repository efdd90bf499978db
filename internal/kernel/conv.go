package kernel

import "fmt"

// ConvShape is a convolution of N images (0 is taken as 1) and one group: input
// [N,C,H,W], weights [O,C,KH,KW], output [N,O,OutH,OutW]; or, with the channels
// of a position side by side, input [N,H,W,C] (XLast), output [N,OutH,OutW,O]
// (YLast), and gradients likewise. Several images at a time pay where they are
// small: their positions then share register tiles and the weights are read once.
// Outputs and input gradients do not depend on N; the order in which a weight
// gradient is summed does.
type ConvShape struct {
	N                      int
	C, H, W                int
	O, KH, KW              int
	StrideH, StrideW       int
	PadT, PadL, PadB, PadR int
	DilH, DilW             int
	XLast, YLast           bool
	Constant               bool // the weights stay the same and are packed beforehand: packing them costs nothing
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
type Conv struct {
	ConvShape
	// Forward computes [N,O,OutH,OutW] from [N,C,H,W].
	Forward Direction
	// InputGrad computes [N,C,H,W] from [N,O,OutH,OutW].
	InputGrad Direction
	set       *Set
	output    featureMap
	image     grid    // the padded input, which the weight gradient reads
	off       []int64 // its taps
	wgrad     weightGrad
}

// A Direction is one of the two ways through a convolution in which its weights
// [O,C,KH,KW] stay what they are. They are packed first.
type Direction interface {
	// PackedSize returns the length of the packed weights.
	PackedSize() int
	// Panels returns into how many parts the channels of the result can be
	// cut; part p is those from Channel(p) up to Channel(p+1).
	Panels() int
	Channel(p int) int
	// Pack packs the weights for parts p0 up to p1.
	Pack(dst, w []float32, p0, p1 int, scratch []float32)
	// Scratch returns the length of the scratch that Pack and Run need.
	Scratch() int
	// Bands returns into how many parts the rows of the result, those of all
	// images, can be cut; part b is those from Row(b) up to Row(b+1).
	Bands() int
	Row(b int) int
	// Step returns how many bands are computed at a time: what follows finds
	// them in the cache.
	Step() int
	// Run computes bands b0 up to b1 of parts p0 up to p1 of dst, and may
	// fetch what is ahead meanwhile. All arguments hold the whole.
	Run(dst, x, packed []float32, p0, p1, b0, b1 int, ahead Ahead, scratch []float32)
}

// NewConv plans a convolution. An impossible shape is an error.
func (s *Set) NewConv(shape ConvShape) (*Conv, error) {
	shape.N = max(shape.N, 1)
	if err := shape.check(); err != nil {
		return nil, err
	}
	f := newForward(s, shape)
	c := &Conv{ConvShape: shape, set: s, output: shape.output(), image: f.image, off: f.cor.off}
	c.Forward, c.InputGrad = s.direction(shape, false), s.direction(shape, true)
	c.planWeightGrad()
	return c, nil
}

// direction chooses the algorithm.
func (s *Set) direction(shape ConvShape, grad bool) Direction {
	if w := newWinograd(s, shape, grad); w != nil {
		return w
	}
	if c := newLanesConv(s, shape, grad); c != nil {
		return c
	}
	channels := shape.O
	if grad {
		channels = shape.C
	}
	switch {
	case !s.inPlanes(channels, shape.XLast || shape.YLast):
		return newChannelConv(s, shape, grad)
	case grad:
		return newInputGrad(s, shape)
	}
	return newForward(s, shape)
}

// inPlanes reports whether a direction with so many channels in the result makes vectors of positions, not of channels: few channels
// would leave most of a vector empty, or make register tiles of one vector, which wait for themselves. Last says that the channels of a side lie side by side.
func (s *Set) inPlanes(channels int, last bool) bool { return channels <= max(s.lanes/2, 8) && !last }

// mustHold panics if s has fewer than n values.
func mustHold(name string, s []float32, n int) {
	if len(s) < n {
		panic(fmt.Sprintf("kernel: %s has %d values, want %d", name, len(s), n))
	}
}
