package kernel

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
)

// sideBySide turns planes [channels,positions] into [positions,channels].
func sideBySide(x []float32, channels int) []float32 {
	positions := len(x) / channels
	y := make([]float32, len(x)+1)[1:]
	for c := range channels {
		for i := range positions {
			y[i*channels+c] = x[c*positions+i]
		}
	}
	return y
}

// inPieces calls run for ranges that make up rows, in an order of its own.
func inPieces(r *rand.Rand, rows int, run func(y0, y1 int)) {
	cuts := []int{0, rows}
	for range r.IntN(4) {
		cuts = append(cuts, r.IntN(rows+1))
	}
	slices.Sort(cuts)
	for _, i := range r.Perm(len(cuts) - 1) {
		run(cuts[i], cuts[i+1])
	}
}

// testChannelPool compares with Pool, which pools planes.
func testChannelPool(t *testing.T, s *Set, p PoolShape, channels int, r *rand.Rand) {
	t.Helper()
	in, out := p.H*p.W*channels, p.OutH()*p.OutW()*channels
	x, dy := poolInputs(r, in), random(r, out)
	planes, pool := s.NewPool(p), s.NewChannelPool(p, channels)
	planeScratch := make([]float32, planes.Scratch())
	xc, dyc := sideBySide(x, channels), sideBySide(dy, channels)
	for j, f := range []struct {
		n, rows int
		want    func(dst []float32)
		run     func(dst []float32, y0, y1 int, scratch []float32)
	}{
		{out, p.OutH(), func(dst []float32) { planes.Max(dst, x, channels, planeScratch) },
			func(dst []float32, y0, y1 int, _ []float32) { pool.Max(dst, xc, y0, y1) }},
		{in, p.H, func(dst []float32) { planes.MaxGrad(dst, x, dy, channels, planeScratch) },
			func(dst []float32, y0, y1 int, scratch []float32) { pool.MaxGrad(dst, xc, dyc, y0, y1, scratch) }},
		{out, p.OutH(), func(dst []float32) { planes.Avg(dst, x, channels, planeScratch) },
			func(dst []float32, y0, y1 int, _ []float32) { pool.Avg(dst, xc, y0, y1) }},
		{in, p.H, func(dst []float32) { planes.AvgGrad(dst, dy, channels, planeScratch) },
			func(dst []float32, y0, y1 int, scratch []float32) { pool.AvgGrad(dst, dyc, y0, y1, scratch) }},
	} {
		want := make([]float32, f.n)
		f.want(want)
		want = sideBySide(want, channels)
		whole, check := guarded(t, f.n, r.IntN(16))
		scratch, checkScratch := guarded(t, pool.Scratch(), r.IntN(16))
		f.run(whole, 0, f.rows, scratch)
		check()
		pieces, check := guarded(t, f.n, r.IntN(16))
		inPieces(r, f.rows, func(y0, y1 int) {
			fill(scratch, poison)
			f.run(pieces, y0, y1, scratch)
		})
		check()
		checkScratch()
		for i := range want {
			if !same(whole[i], float64(want[i])) {
				t.Fatalf("%+v, %d channels, function %d: element %d is %v, want %v", p, channels, j, i, whole[i], want[i])
			}
			if pieces[i] != whole[i] && (pieces[i] == pieces[i] || whole[i] == whole[i]) {
				t.Fatalf("%+v, %d channels, function %d in pieces: element %d is %v, want %v", p, channels, j, i, pieces[i], whole[i])
			}
		}
	}
}

// poolInputs returns values with ties and NaN, and now and then many that are -Inf.
func poolInputs(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	lowest := r.IntN(8) == 0
	for i := range x {
		x[i] = float32(r.IntN(4))
		if lowest && r.IntN(4) > 0 {
			x[i] = negInf
		}
		if r.IntN(30) == 0 {
			x[i] = poison
		}
	}
	return x
}

func TestChannelPool(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		r := newRand()
		for channels := 1; channels <= 70; channels++ {
			testChannelPool(t, s, PoolShape{H: 9, W: 8, KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadT: 1, PadL: 1, PadB: 1, PadR: 1}, channels, r)
			testChannelPool(t, s, PoolShape{H: 5, W: 6, KH: 2, KW: 2, StrideH: 2, StrideW: 2}, channels, r)
			testChannelPool(t, s, PoolShape{H: 4, W: 5, KH: 4, KW: 5, StrideH: 1, StrideW: 1}, channels, r)
		}
		// Ceil mode: a last window that begins in the image or, unlike in any framework, in the padding.
		testChannelPool(t, s, PoolShape{H: 6, W: 6, KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadB: 1, PadR: 1}, 5, r)
		testChannelPool(t, s, PoolShape{H: 6, W: 7, KH: 2, KW: 2, StrideH: 2, StrideW: 2, PadB: 3, PadR: 4, CountPad: true}, 5, r)
		// More rows than the scratch holds.
		testChannelPool(t, s, PoolShape{H: 70, W: 70, KH: 3, KW: 3, StrideH: 1, StrideW: 1, PadT: 1, PadL: 1, PadB: 1, PadR: 1}, 70, r)
		testChannelPool(t, s, PoolShape{H: 71, W: 140, KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadT: 1, PadL: 1, PadB: 1, PadR: 1}, 64, r)
		testChannelPool(t, s, PoolShape{H: 2, W: 3, KH: 3, KW: 3, StrideH: 1, StrideW: 1}, 3, r) // no output
		for range 300 {
			n := func(lo, hi int) int { return lo + r.IntN(hi-lo+1) }
			p := PoolShape{H: n(1, 12), W: n(1, 12), KH: n(1, 5), KW: n(1, 5), StrideH: n(1, 4), StrideW: n(1, 4),
				PadT: n(0, 2), PadL: n(0, 2), PadB: n(0, 3), PadR: n(0, 3), CountPad: n(0, 1) == 1}
			testChannelPool(t, s, p, n(1, 70), r)
		}
	})
}

func TestChannelPoolDoesNotAllocate(t *testing.T) {
	p := Sets()[0].NewChannelPool(PoolShape{H: 9, W: 8, KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadT: 1, PadL: 1}, 20)
	x, y, dx := make([]float32, 9*8*20), make([]float32, p.out()*20), make([]float32, 9*8*20)
	scratch := make([]float32, p.Scratch())
	if n := testing.AllocsPerRun(10, func() {
		p.Max(y, x, 0, p.OutH())
		p.Avg(y, x, 0, p.OutH())
		p.MaxGrad(dx, x, y, 0, p.H, scratch)
		p.AvgGrad(dx, y, 0, p.H, scratch)
	}); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

// lined returns random values at the start of a cache line, as the caller's arena has them.
func lined(r *rand.Rand, n int) []float32 { return aligned(random(r, n+alignment))[:n] }

// BenchmarkChannelPool pools an image of channels side by side and, for comparison, as planes.
func BenchmarkChannelPool(b *testing.B) {
	for _, c := range []struct {
		p        PoolShape
		channels int
	}{
		{PoolShape{H: 112, W: 112, KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadT: 1, PadL: 1, PadB: 1, PadR: 1}, 64},
		{PoolShape{H: 64, W: 64, KH: 2, KW: 2, StrideH: 2, StrideW: 2}, 16},
		{PoolShape{H: 28, W: 28, KH: 2, KW: 2, StrideH: 2, StrideW: 2}, 6},
		{PoolShape{H: 28, W: 28, KH: 3, KW: 3, StrideH: 1, StrideW: 1, PadT: 1, PadL: 1, PadB: 1, PadR: 1}, 192},
		{PoolShape{H: 7, W: 7, KH: 7, KW: 7, StrideH: 1, StrideW: 1}, 512},
	} {
		p, n := c.p, c.channels
		in, out := p.H*p.W*n, p.OutH()*p.OutW()*n
		r := newRand()
		x, y, dx, dy := lined(r, in), lined(r, out), lined(r, in), lined(r, out)
		for _, s := range Sets() {
			pool, planes := s.NewChannelPool(p, n), s.NewPool(p)
			scratch := make([]float32, max(pool.Scratch(), planes.Scratch()))
			for _, f := range []struct {
				name string
				run  func()
			}{
				{"max", func() { pool.Max(y, x, 0, p.OutH()) }},
				{"max-planes", func() { planes.Max(y, x, n, scratch) }},
				{"max-grad", func() { pool.MaxGrad(dx, x, dy, 0, p.H, scratch) }},
				{"max-grad-planes", func() { planes.MaxGrad(dx, x, dy, n, scratch) }},
				{"avg", func() { pool.Avg(y, x, 0, p.OutH()) }},
				{"avg-planes", func() { planes.Avg(y, x, n, scratch) }},
				{"avg-grad", func() { pool.AvgGrad(dx, dy, 0, p.H, scratch) }},
				{"avg-grad-planes", func() { planes.AvgGrad(dx, dy, n, scratch) }},
			} {
				b.Run(fmt.Sprintf("%dx%dx%d-k%ds%dp%d/%s/%s", p.H, p.W, n, p.KH, p.StrideH, p.PadT, s.Level, f.name), func(b *testing.B) {
					for b.Loop() {
						f.run()
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*out), "ns/output")
				})
			}
		}
	}
}
