package kernel

// A forward is the output of a convolution over NCHW images.
//
// The image is copied once into zero-padded planes, one for each phase of the
// stride, so that every tap of a row of outputs is a run of memory; the
// register tiles read the taps through a table of offsets. No matrix of
// patches is made.
type forward struct {
	ConvShape
	set   *Set
	image grid // the padded input
	cor   correlation
}

func newForward(s *Set, shape ConvShape) *forward {
	f := &forward{ConvShape: shape, set: s, image: inputGrid(shape)}
	f.cor = newCorrelation(s, shape.O, f.image.taps(shape), positions{
		images: shape.N, step: f.image.size / shape.N, ho: shape.OutH(), wo: shape.OutW(), pitch: f.image.gw})
	f.image.bareIf(f.cor.inner)
	return f
}

func (f *forward) PackedSize() int { return f.O * f.K() }

func (f *forward) Panels() int {
	panels, _ := f.set.Panels(f.O, 0)
	return panels
}

func (f *forward) Channel(p int) int { return f.set.RowPanel(p, f.O) }

func (f *forward) Pack(dst, w []float32, p0, p1 int, _ []float32) {
	f.set.PackAPanels(dst, Operand{Data: w, LD: f.K()}, f.O, f.K(), p0, p1)
}

func (f *forward) Scratch() int { return f.image.scratch(f.set) + f.cor.scratch() }

func (f *forward) Bands() int { return 1 }

func (f *forward) Row(b int) int { return b * f.N * f.OutH() }

func (f *forward) Step() int { return 1 }

// Run makes each value a sum over (c, kh, kw) in that order, in blocks as in Gemm.
func (f *forward) Run(dst, x, packed []float32, p0, p1, _, _ int, scratch []float32) {
	mustHold("dst", dst, f.N*f.O*f.positions())
	mustHold("x", x, f.N*f.C*f.H*f.W)
	mustHold("packed weights", packed, f.PackedSize())
	xp, scratch := f.image.padded(f.set, x, scratch)
	f.cor.run(dst, xp, packed, p0, p1, scratch)
}
