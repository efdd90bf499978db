package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// convRef holds the three directions of a convolution, computed in float64,
// and the sums of the terms' absolute values.
type convRef struct {
	y, dx, dw, yAbs, dxAbs, dwAbs []float64
}

// reference computes all directions by the definition.
func (s ConvShape) reference(x, w, dy []float32) convRef {
	ho, wo, k := s.OutH(), s.OutW(), s.K()
	f := func(n int) []float64 { return make([]float64, n) }
	r := convRef{f(len(dy)), f(len(x)), f(len(w)), f(len(dy)), f(len(x)), f(len(w))}
	add := func(sum, abs []float64, i int, a, b float32) {
		p := float64(a) * float64(b)
		sum[i] += p
		abs[i] += math.Abs(p)
	}
	for no := range s.N * s.O {
		n, o := no/s.O, no%s.O
		for tap := range k {
			c, i, j := tap/(s.KH*s.KW), tap/s.KW%s.KH, tap%s.KW
			for p := range ho {
				y := p*s.StrideH + i*s.DilH - s.PadT
				if y < 0 || y >= s.H {
					continue
				}
				for q := range wo {
					z := q*s.StrideW + j*s.DilW - s.PadL
					if z < 0 || z >= s.W {
						continue
					}
					xi, yi, wi := ((n*s.C+c)*s.H+y)*s.W+z, (no*ho+p)*wo+q, o*k+tap
					add(r.y, r.yAbs, yi, x[xi], w[wi])
					add(r.dx, r.dxAbs, xi, w[wi], dy[yi])
					add(r.dw, r.dwAbs, wi, x[xi], dy[yi])
				}
			}
		}
	}
	return r
}

func compare(t *testing.T, what string, shape ConvShape, got []float32, want, scale []float64) {
	t.Helper()
	for i := range want {
		if !closeTo(got[i], want[i], scale[i]) {
			t.Fatalf("%s of %+v: element %d is %v, want %v", what, shape, i, got[i], want[i])
		}
	}
}

// arranged returns n images, given as planes, as m says.
func (m *featureMap) arranged(x []float32, n int) []float32 {
	if !m.last {
		return x
	}
	y := make([]float32, len(x))
	for i := range n {
		generic().Transpose(y[i*m.size():], m.channels, x[i*m.size():], m.h*m.w, m.channels, m.h*m.w)
	}
	return y
}

// planes is the way back.
func (m *featureMap) planes(y []float32, n int) []float32 {
	if !m.last {
		return y
	}
	x := make([]float32, len(y))
	for i := range n {
		generic().Transpose(x[i*m.size():], m.h*m.w, y[i*m.size():], m.channels, m.h*m.w, m.channels)
	}
	return x
}

// testConv checks the three directions of one shape at every level, in the given layouts.
func testConv(t *testing.T, shape ConvShape, r *rand.Rand) {
	t.Helper()
	shape.N = max(shape.N, 1)
	xPlanes, w := random(r, shape.N*shape.C*shape.H*shape.W), random(r, shape.O*shape.K())
	dyPlanes := random(r, shape.N*shape.O*shape.positions())
	ref := shape.reference(xPlanes, w, dyPlanes)
	in, out := shape.input(), shape.output()
	x, dy := in.arranged(xPlanes, shape.N), out.arranged(dyPlanes, shape.N)
	for _, s := range testLevels(t) {
		c, err := s.NewConv(shape)
		if err != nil {
			t.Fatal(err)
		}
		y, dx := runDirection(t, c.Forward, len(dy), x, w, r), runDirection(t, c.InputGrad, len(x), dy, w, r)
		compare(t, s.Level+" output", shape, out.planes(y, shape.N), ref.y, scaleOf(c.Forward, ref.yAbs))
		compare(t, s.Level+" input gradient", shape, in.planes(dx, shape.N), ref.dx, scaleOf(c.InputGrad, ref.dxAbs))

		if g := s.NewWinogradGrad(shape); g != nil {
			scratch, checkScratch := guarded(t, g.Scratch(), r.IntN(16))
			dw, check := guarded(t, len(w), r.IntN(16))
			sum := make([]float32, len(w))
			for chunk := range g.Chunks() {
				for part := range g.Parts() {
					g.Run(dw, x, dy, part, chunk, scratch)
				}
				s.Add(sum, sum, dw)
			}
			check()
			checkScratch()
			compare(t, s.Level+" weight gradient by Winograd", shape, sum, ref.dw, levelled(ref.dwAbs))
		}
		if shape.XLast || shape.YLast {
			continue
		}
		scratch, checkScratch := guarded(t, c.WeightGradScratch(), r.IntN(16))
		acc, checkAcc := guarded(t, c.WeightGradSize(), r.IntN(16))
		clear(acc)
		c.WeightGrad(acc, x, dy, scratch)
		checkAcc()
		checkScratch()
		dw, check := guarded(t, len(w), r.IntN(16))
		c.StoreWeightGrad(dw, acc, 0, c.O)
		check()
		compare(t, s.Level+" weight gradient", shape, dw, ref.dw, ref.dwAbs)
	}
}

// scaleOf returns what errors of d's results are measured by.
func scaleOf(d Direction, abs []float64) []float64 {
	if _, ok := d.(*winograd); ok {
		return levelled(abs)
	}
	return abs
}

// runDirection returns the n results of d, computed in two parts where that is possible.
func runDirection(t *testing.T, d Direction, n int, x, w []float32, r *rand.Rand) []float32 {
	t.Helper()
	packed, check := guarded(t, d.PackedSize(), 3)
	dst, checkDst := guarded(t, n, r.IntN(16))
	scratch, checkScratch := guarded(t, d.Scratch(), r.IntN(16))
	half := d.Panels() / 2
	parts := [][2]int{{half, d.Panels()}, {0, half}}
	for _, part := range parts {
		d.Pack(packed, w, part[0], part[1], scratch)
	}
	third := d.Bands() / 3
	for _, part := range parts {
		for _, band := range [][2]int{{third, d.Bands()}, {0, third}} {
			d.Run(dst, x, packed, part[0], part[1], band[0], band[1], Ahead{dst, nil, x}, scratch)
		}
	}
	check()
	checkDst()
	checkScratch()
	return dst
}

// square is a convolution as the field names it.
func square(c, size, o, k, stride, pad int) ConvShape {
	return ConvShape{C: c, H: size, W: size, O: o, KH: k, KW: k, StrideH: stride, StrideW: stride,
		PadT: pad, PadL: pad, PadB: pad, PadR: pad, DilH: 1, DilW: 1}
}

// images is a convolution of n images at a time.
func images(n int, s ConvShape) ConvShape {
	s.N = n
	return s
}

// convShapes are layers of LeNet, cnn3 and ResNet.
var convShapes = []struct {
	name string
	ConvShape
}{
	{"lenet1", square(1, 28, 6, 5, 1, 2)},
	{"lenet2", square(6, 14, 16, 5, 1, 0)},
	{"cnn3-1", square(3, 128, 8, 3, 1, 1)},
	{"cnn3-2", square(8, 64, 16, 3, 1, 1)},
	{"cnn3-3", square(16, 32, 32, 3, 1, 1)},
	{"resnet-stem", square(3, 224, 64, 7, 2, 3)},
	{"resnet-64-56", square(64, 56, 64, 3, 1, 1)},
	{"resnet-128-28", square(128, 28, 128, 3, 1, 1)},
	{"resnet-256-14", square(256, 14, 256, 3, 1, 1)},
	{"resnet-512-7", square(512, 7, 512, 3, 1, 1)},
	{"resnet-512-7x8", images(8, square(512, 7, 512, 3, 1, 1))},
	{"lenet2x4", images(4, square(6, 14, 16, 5, 1, 0))},
	{"lenet1x16", images(16, square(1, 28, 6, 5, 1, 2))},
	{"lenet2x16", images(16, square(6, 14, 16, 5, 1, 0))},
	{"resnet-down", square(64, 56, 128, 3, 2, 1)},
	{"resnet-skip", square(64, 56, 128, 1, 2, 0)},
	{"resnet-1x1", square(256, 56, 64, 1, 1, 0)},
}

func TestConvLayers(t *testing.T) {
	r := newRand()
	for _, l := range convShapes {
		shape := l.ConvShape
		// The definition is slow: fewer channels of the large layers.
		shape.C, shape.O = min(shape.C, ifShort(7, 20)), min(shape.O, ifShort(21, 40))
		if shape.H > ifShort(30, 64) {
			shape.H, shape.W, shape.O = ifShort(23, 41), ifShort(min(shape.W, 61), shape.W), min(shape.O, 33)
		}
		shape.N = 2
		testConv(t, shape, r)
		shape.XLast, shape.YLast = true, true
		testConv(t, shape, r)
	}
}

func TestConvRandom(t *testing.T) {
	r := newRand()
	for range ifShort(100, 600) {
		n := func(lo, hi int) int { return lo + r.IntN(hi-lo+1) }
		s := ConvShape{N: n(1, 3), C: n(1, 20), H: n(1, 20), W: n(1, 40), O: n(1, 40), KH: n(1, 5), KW: n(1, 5),
			StrideH: n(1, 3), StrideW: n(1, 3), PadT: n(0, 3), PadL: n(0, 3), PadB: n(0, 3), PadR: n(0, 3),
			DilH: n(1, 3), DilW: n(1, 3), XLast: n(0, 1) == 1, YLast: n(0, 1) == 1}
		if s.check() != nil {
			continue
		}
		if n(0, 9) == 0 {
			s.N = 1 << n(2, 4) // the lanes of a level
		}
		testConv(t, s, r)
	}
}

func TestConvErrors(t *testing.T) {
	for _, s := range []ConvShape{{}, square(0, 5, 1, 3, 1, 0), square(1, 5, 1, 6, 1, 0), square(1, 5, 1, 3, 0, 0), square(1, 5, 1, 3, 1, -1)} {
		if _, err := generic().NewConv(s); err == nil {
			t.Errorf("no error for %+v", s)
		}
	}
}

func BenchmarkConv(b *testing.B) {
	for _, s := range Sets() {
		for _, l := range convShapes {
			c, err := s.NewConv(l.ConvShape)
			if err != nil {
				b.Fatal(err)
			}
			benchConv(b, fmt.Sprintf("%s/%s", s.Level, l.name), c)
		}
	}
}

func benchConv(b *testing.B, name string, c *Conv) {
	r := newRand()
	lined := func(n int) []float32 { return aligned(random(r, n+alignment)) } // as the caller's arena is
	x, y := lined(c.N*c.C*c.H*c.W), lined(c.N*c.O*c.positions())
	w := lined(max(c.Forward.PackedSize(), c.InputGrad.PackedSize(), c.WeightGradSize()))
	scratch := make([]float32, max(c.Forward.Scratch(), c.InputGrad.Scratch(), c.WeightGradScratch()))
	grad := c.set.NewWinogradGrad(c.ConvShape)
	var gs []float32
	if grad != nil {
		gs = make([]float32, grad.Scratch())
	}
	for _, d := range []struct {
		name string
		run  func()
	}{
		{"forward", func() { c.Forward.Run(y, x, w, 0, c.Forward.Panels(), 0, c.Forward.Bands(), Ahead{}, scratch) }},
		{"dx", func() { c.InputGrad.Run(x, y, w, 0, c.InputGrad.Panels(), 0, c.InputGrad.Bands(), Ahead{}, scratch) }},
		{"dw", func() { c.WeightGrad(w, x, y, scratch) }},
		{"winograd-dw", func() {
			for p := range grad.Parts() {
				for chunk := range grad.Chunks() {
					grad.Run(w, x, y, p, chunk, gs)
				}
			}
		}},
	} {
		if d.name == "winograd-dw" && grad == nil {
			continue
		}
		b.Run(name+"/"+d.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				d.run()
			}
			gflops(b, float64(c.Flops()))
		})
	}
}
