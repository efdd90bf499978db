package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
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
	for i := range x {
		x[i] = float32(r.IntN(4)) // ties
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
	for j, run := range []func(dst []float32){
		func(dst []float32) { s.MaxPool(dst, x, planes, p) },
		func(dst []float32) { s.MaxPoolGrad(dst, x, dy, planes, p) },
		func(dst []float32) { s.AvgPool(dst, x, planes, p) },
		func(dst []float32) { s.AvgPoolGrad(dst, dy, planes, p) },
	} {
		dst, check := guarded(t, len(want[j]), r.IntN(16))
		run(dst)
		check()
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
			testPool(t, s, PoolShape{H: 5, W: w, KH: 2, KW: 2, StrideH: 2, StrideW: 2}, r)
			testPool(t, s, PoolShape{H: 12, W: w, KH: 2, KW: 2, StrideH: 2, StrideW: 2}, r)
		}
		testPool(t, s, PoolShape{H: 5, W: 5, KH: 3, KW: 3, StrideH: 1, StrideW: 1}, r)
		for range 200 {
			n := func(lo, hi int) int { return lo + r.IntN(hi-lo+1) }
			p := PoolShape{H: n(1, 12), W: n(1, 12), KH: n(1, 4), KW: n(1, 4), StrideH: n(1, 3), StrideW: n(1, 3),
				PadT: n(0, 2), PadL: n(0, 2), PadB: n(0, 2), PadR: n(0, 2), CountPad: n(0, 1) == 1}
			testPool(t, s, p, r)
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
			for _, f := range []struct {
				name string
				run  func()
			}{
				{"max", func() { s.MaxPool(y, x, planes, p) }},
				{"max-grad", func() { s.MaxPoolGrad(dx, x, dy, planes, p) }},
				{"avg", func() { s.AvgPool(y, x, planes, p) }},
				{"avg-grad", func() { s.AvgPoolGrad(dx, dy, planes, p) }},
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
