package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// poolRef is pooling by its definition, one plane.
func poolRef(p PoolShape, x, dy []float32) (maxY, maxDX, avgY, avgDX []float64) {
	ho, wo := p.OutH(), p.OutW()
	maxY, avgY = make([]float64, ho*wo), make([]float64, ho*wo)
	maxDX, avgDX = make([]float64, len(x)), make([]float64, len(x))
	for o := range ho * wo {
		var inside []int
		for t := range p.KH * p.KW {
			y, z := o/wo*p.StrideH-p.PadT+t/p.KW, o%wo*p.StrideW-p.PadL+t%p.KW
			if y >= 0 && y < p.H && z >= 0 && z < p.W {
				inside = append(inside, y*p.W+z)
			}
		}
		count := float64(len(inside))
		if p.CountPad {
			count = float64(p.KH * p.KW)
		}
		best := -1
		for _, i := range inside {
			v := float64(x[i])
			avgY[o] += v / count
			avgDX[i] += float64(dy[o]) / count
			if best < 0 || v > float64(x[best]) || math.IsNaN(v) && !math.IsNaN(float64(x[best])) {
				best = i
			}
		}
		maxY[o] = math.Inf(-1)
		if best >= 0 {
			maxY[o] = float64(x[best])
			maxDX[best] += float64(dy[o])
		}
	}
	return
}

func same(got float32, want float64) bool {
	return math.IsNaN(want) && got != got || float64(got) == want || math.Abs(float64(got)-want) <= 1e-5
}

func testPool(t *testing.T, s *Set, p PoolShape, r *rand.Rand) {
	t.Helper()
	const planes = 2
	in, out := p.H*p.W, p.OutH()*p.OutW()
	x, dy := random(r, planes*in), random(r, planes*out)
	lowest := r.IntN(8) == 0
	for i := range x {
		x[i] = float32(r.IntN(4)) // ties
		if lowest && r.IntN(4) > 0 {
			x[i] = negInf
		}
		if r.IntN(30) == 0 {
			x[i] = poison
		}
	}
	var want [4][]float64
	for i := range planes {
		a, b, c, d := poolRef(p, x[i*in:(i+1)*in], dy[i*out:(i+1)*out])
		for j, v := range [][]float64{a, b, c, d} {
			want[j] = append(want[j], v...)
		}
	}
	pool := s.NewPool(p)
	for j, run := range []func(dst, scratch []float32){
		func(dst, scratch []float32) { pool.Max(dst, x, planes, scratch) },
		func(dst, scratch []float32) { pool.MaxGrad(dst, x, dy, planes, scratch) },
		func(dst, scratch []float32) { pool.Avg(dst, x, planes, scratch) },
		func(dst, scratch []float32) { pool.AvgGrad(dst, dy, planes, scratch) },
	} {
		dst, check := guarded(t, len(want[j]), r.IntN(16))
		scratch, checkScratch := guarded(t, pool.Scratch(), r.IntN(16))
		run(dst, scratch)
		check()
		checkScratch()
		for i := range dst {
			if !same(dst[i], want[j][i]) {
				t.Fatalf("%+v, function %d: element %d is %v, want %v", p, j, i, dst[i], want[j][i])
			}
		}
	}
}

func TestPool(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		r := newRand()
		for w := 2; w < 90; w++ {
			for _, h := range []int{2, 5, 7, 12} { // odd and even numbers of rows, whole planes or not
				testPool(t, s, PoolShape{H: h, W: w, KH: 2, KW: 2, StrideH: 2, StrideW: 2}, r)
			}
		}
		testPool(t, s, PoolShape{H: 5, W: 5, KH: 3, KW: 3, StrideH: 1, StrideW: 1}, r)
		testPool(t, s, PoolShape{H: 17, W: 17, KH: 5, KW: 5, StrideH: 3, StrideW: 3}, r)
		for w := 3; w < 70; w++ {
			for stride := 1; stride <= 2; stride++ {
				testPool(t, s, PoolShape{H: 5, W: w, KH: 3, KW: 3, StrideH: stride, StrideW: stride, PadT: 1, PadL: 1, PadB: 1, PadR: 1}, r)
			}
		}
		for range 200 {
			n := func(lo, hi int) int { return lo + r.IntN(hi-lo+1) }
			p := PoolShape{H: n(1, 12), W: n(1, 12), KH: n(1, 4), KW: n(1, 4), StrideH: n(1, 3), StrideW: n(1, 3),
				PadT: n(0, 2), PadL: n(0, 2), PadB: n(0, 2), PadR: n(0, 2), CountPad: n(0, 1) == 1}
			testPool(t, s, p, r)
		}
	})
}

// TestWindows compares the window kernels with their portable twins bit by bit, on
// widths to 40 and outputs that lie apart.
func TestWindows(t *testing.T) {
	g := generic()
	eachLevel(t, func(t *testing.T, s *Set) {
		r := newRand()
		for cols := 1; cols <= 40; cols++ {
			const rows, n = 3, 5
			ldx, ldd := cols+r.IntN(4), cols+r.IntN(4)
			var taps []tap
			for i := range n {
				taps = append(taps, tap{int64(4 * r.IntN(20)), float32(i)})
			}
			values, y := withSpecials(r, rows*ldx+20), random(r, rows*ldx+20)
			numbers := make([]float32, len(y))
			for i := range numbers {
				numbers[i] = float32(r.IntN(n+1) - 1)
			}
			for i, f := range []struct {
				asm, twin windowFunc
				x         []float32
			}{
				{s.windowMax, g.windowMax, values}, {s.windowSum, g.windowSum, values},
				{s.windowArg, g.windowArg, values}, {s.windowPick, g.windowPick, numbers},
				{s.windowIndex, g.windowIndex, values},
			} {
				got, check := guarded(t, rows*ldd, r.IntN(16))
				want := slices.Clone(got)
				f.twin(&want[0], &f.x[0], &y[0], &taps[0], n, rows, cols, 4*ldd, 4*ldx)
				f.asm(&got[0], &f.x[0], &y[0], &taps[0], n, rows, cols, 4*ldd, 4*ldx)
				check()
				for j := range got {
					if got[j] != want[j] && (got[j] == got[j] || want[j] == want[j]) {
						t.Fatalf("function %d, %d columns, pitches %d and %d: element %d is %v, want %v", i, cols, ldd, ldx, j, got[j], want[j])
					}
				}
			}
		}
	})
}

// BenchmarkPool pools planes of 64 KiB altogether.
func BenchmarkPool(b *testing.B) {
	for _, p := range []PoolShape{
		{H: 128, W: 128, KH: 2, KW: 2, StrideH: 2, StrideW: 2},
		{H: 28, W: 28, KH: 2, KW: 2, StrideH: 2, StrideW: 2},
		{H: 10, W: 10, KH: 2, KW: 2, StrideH: 2, StrideW: 2},
		{H: 112, W: 112, KH: 3, KW: 3, StrideH: 2, StrideW: 2, PadT: 1, PadL: 1, PadB: 1, PadR: 1},
		{H: 28, W: 28, KH: 3, KW: 3, StrideH: 2, StrideW: 2},
		{H: 28, W: 28, KH: 3, KW: 3, StrideH: 1, StrideW: 1, PadT: 1, PadL: 1, PadB: 1, PadR: 1},
	} {
		planes := max(1, 1<<14/(p.H*p.W))
		in, out := planes*p.H*p.W, planes*p.OutH()*p.OutW()
		r := newRand()
		x, y, dx, dy := random(r, in), random(r, out), random(r, in), random(r, out)
		for _, s := range Sets() {
			pool := s.NewPool(p)
			scratch := make([]float32, pool.Scratch())
			for _, f := range []struct {
				name string
				run  func()
			}{
				{"max", func() { pool.Max(y, x, planes, scratch) }},
				{"max-grad", func() { pool.MaxGrad(dx, x, dy, planes, scratch) }},
				{"avg", func() { pool.Avg(y, x, planes, scratch) }},
				{"avg-grad", func() { pool.AvgGrad(dx, dy, planes, scratch) }},
			} {
				b.Run(fmt.Sprintf("%dx%d-k%ds%dp%d/%s/%s", p.H, p.W, p.KH, p.StrideH, p.PadT, s.Level, f.name), func(b *testing.B) {
					for b.Loop() {
						f.run()
					}
					b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*out), "ns/output")
				})
			}
		}
	}
}
