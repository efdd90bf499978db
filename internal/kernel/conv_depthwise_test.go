package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// A depthwiseRef is a depthwise convolution by its definition, with the sums of the
// absolute values of the terms.
type depthwiseRef struct{ y, dx, dw, absY, absDX, absDW []float64 }

func newDepthwiseRef(s ConvShape, x, w, dy []float32) depthwiseRef {
	v := func(n int) []float64 { return make([]float64, n) }
	d := depthwiseRef{v(len(dy)), v(len(x)), v(len(w)), v(len(dy)), v(len(x)), v(len(w))}
	add := func(sum, abs []float64, i int, a, b float32) {
		sum[i] += float64(a) * float64(b)
		abs[i] += math.Abs(float64(a) * float64(b))
	}
	ho, wo, k := s.OutH(), s.OutW(), s.KH*s.KW
	for o := range s.N * ho * wo {
		n, i, j := o/(ho*wo), o/wo%ho, o%wo
		for t := range k {
			row, col := i*s.StrideH-s.PadT+t/s.KW*s.DilH, j*s.StrideW-s.PadL+t%s.KW*s.DilW
			if row < 0 || row >= s.H || col < 0 || col >= s.W {
				continue
			}
			for c := range s.C {
				at, from, weight := o*s.C+c, ((n*s.H+row)*s.W+col)*s.C+c, c*k+t
				add(d.y, d.absY, at, x[from], w[weight])
				add(d.dx, d.absDX, from, dy[at], w[weight])
				add(d.dw, d.absDW, weight, x[from], dy[at])
			}
		}
	}
	return d
}

func testDepthwise(t *testing.T, s *Set, shape ConvShape, r *rand.Rand) {
	t.Helper()
	conv, err := s.NewDepthwiseConv(shape)
	if err != nil {
		t.Fatal(err)
	}
	in, out := shape.H*shape.W*shape.C, shape.positions()*shape.C
	x, w, dy := random(r, shape.N*in), random(r, conv.PackedSize()), random(r, shape.N*out)
	ref := newDepthwiseRef(shape, x, w, dy)
	packed, checkPacked := guarded(t, conv.PackedSize(), r.IntN(16))
	conv.Pack(packed, w)
	checkPacked()
	y, checkY := guarded(t, len(dy), r.IntN(16))
	dx, checkDX := guarded(t, len(x), r.IntN(16))
	for n := range shape.N {
		inPieces(r, shape.OutH(), func(y0, y1 int) { conv.Forward(y[n*out:(n+1)*out], x[n*in:], packed, y0, y1) })
		inPieces(r, shape.H, func(y0, y1 int) { conv.InputGrad(dx[n*in:(n+1)*in], dy[n*out:], packed, y0, y1) })
	}
	checkY()
	checkDX()
	total := make([]float32, conv.PackedSize())
	inPieces(r, shape.N, func(n0, n1 int) {
		sums, check := guarded(t, conv.PackedSize(), r.IntN(16))
		conv.WeightGrad(sums, x, dy, n0, n1)
		check()
		s.Add(total, total, sums)
	})
	dw, checkDW := guarded(t, conv.PackedSize(), r.IntN(16))
	conv.Unpack(dw, total)
	checkDW()
	for _, f := range []struct {
		name      string
		got       []float32
		want, abs []float64
	}{{"forward", y, ref.y, ref.absY}, {"dx", dx, ref.dx, ref.absDX}, {"dw", dw, ref.dw, ref.absDW}} {
		for i := range f.want {
			if !closeTo(f.got[i], f.want[i], f.abs[i]) {
				t.Fatalf("%+v, %s: element %d is %v, want %v", shape, f.name, i, f.got[i], f.want[i])
			}
		}
	}
}

func TestDepthwiseConv(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		r := newRand()
		for channels := 1; channels <= 70; channels++ {
			for stride := 1; stride <= 2; stride++ {
				testDepthwise(t, s, images(2, square(channels, 7, channels, 3, stride, 1)), r)
			}
		}
		for width := 1; width <= 24; width++ {
			testDepthwise(t, s, ConvShape{N: 1, C: 9, O: 9, H: 2, W: width, KH: 1, KW: 1, StrideH: 1, StrideW: 1, DilH: 1, DilW: 1}, r)
		}
		for range 300 {
			n := func(lo, hi int) int { return lo + r.IntN(hi-lo+1) }
			c := n(1, 40)
			shape := ConvShape{N: n(1, 3), C: c, O: c, H: n(1, 14), W: n(1, 20), KH: n(1, 7), KW: n(1, 7), StrideH: n(1, 4), StrideW: n(1, 4),
				PadT: n(0, 4), PadL: n(0, 4), PadB: n(0, 4), PadR: n(0, 4), DilH: n(1, 4), DilW: n(1, 4)}
			if shape.check() == nil {
				testDepthwise(t, s, shape, r)
			}
		}
	})
}

func TestDepthwiseConvErrors(t *testing.T) {
	for _, s := range []ConvShape{{}, square(4, 5, 8, 3, 1, 1), square(4, 5, 4, 6, 1, 0)} {
		if _, err := generic().NewDepthwiseConv(s); err == nil {
			t.Errorf("no error for %+v", s)
		}
	}
}

// TestWindowMul compares the kernels with their portable twins.
func TestWindowMul(t *testing.T) {
	g := generic()
	eachLevel(t, func(t *testing.T, s *Set) {
		r := newRand()
		for cols := 1; cols <= 40; cols++ {
			for _, rows := range []int{1, 2, 3, 5, 7, 8, 15, 23} {
				n := 1 + r.IntN(20)
				ldx, ldd := cols+r.IntN(4), cols+r.IntN(4)
				var taps []weightTap
				for i := range n {
					taps = append(taps, weightTap{int64(4 * r.IntN(20)), int64(4 * (n - 1 - i) * cols)})
				}
				x, w, y := random(r, rows*ldx+20), random(r, n*cols), random(r, rows*ldd)
				for i, f := range []struct {
					asm, twin windowMulFunc
					w         []float32
					size      int
				}{{s.windowMulAdd, g.windowMulAdd, w, (rows-1)*ldd + cols}, {s.windowMulSum, g.windowMulSum, y, n * cols}} {
					got, check := guarded(t, f.size, r.IntN(16))
					want := make([]float32, f.size)
					fill(want, poison)
					if i == 1 {
						copy(got, random(r, f.size))
						copy(want, got)
					}
					f.twin(&want[0], &x[0], &f.w[0], &taps[0], n, rows, cols, 4*ldd, 4*ldx)
					f.asm(&got[0], &x[0], &f.w[0], &taps[0], n, rows, cols, 4*ldd, 4*ldx)
					check()
					for j := range got {
						if gap := got[j] != got[j] && want[j] != want[j]; !gap && !closeTo(got[j], float64(want[j]), 3*float64(n+rows)) {
							t.Fatalf("function %d, %d rows of %d, %d taps: element %d is %v, want %v", i, rows, cols, n, j, got[j], want[j])
						}
					}
				}
			}
		}
	})
}

// BenchmarkDepthwiseConv runs layers of MobileNet.
func BenchmarkDepthwiseConv(b *testing.B) {
	r := newRand()
	for _, shape := range []ConvShape{
		square(32, 112, 32, 3, 1, 1), square(96, 112, 96, 3, 2, 1), square(144, 56, 144, 3, 1, 1),
		square(384, 14, 384, 3, 1, 1), square(960, 7, 960, 3, 1, 1), square(96, 56, 96, 7, 1, 3),
	} {
		in, out := shape.H*shape.W*shape.C, shape.positions()*shape.C
		x, dy, dx, y := lined(r, in), lined(r, out), lined(r, in), lined(r, out)
		for _, s := range Sets() {
			conv, err := s.NewDepthwiseConv(shape)
			if err != nil {
				b.Fatal(err)
			}
			w, dw := lined(r, conv.PackedSize()), lined(r, conv.PackedSize())
			for _, f := range []struct {
				name string
				run  func()
			}{
				{"forward", func() { conv.Forward(y, x, w, 0, shape.OutH()) }},
				{"dx", func() { conv.InputGrad(dx, dy, w, 0, shape.H) }},
				{"dw", func() { conv.WeightGrad(dw, x, dy, 0, 1) }},
			} {
				b.Run(fmt.Sprintf("%dx%dx%d-k%ds%d/%s/%s", shape.H, shape.W, shape.C, shape.KH, shape.StrideH, s.Level, f.name), func(b *testing.B) {
					b.ReportAllocs()
					for b.Loop() {
						f.run()
					}
					gflops(b, 2*float64(out*shape.KH*shape.KW))
				})
			}
		}
	}
}
