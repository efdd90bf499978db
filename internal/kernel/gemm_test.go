package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// gemmCase is one product with random pitches.
type gemmCase struct {
	m, n, k          int
	transA, transB   bool
	packedA, packedB bool
	accumulate, relu bool
	bias             bool
}

func (g gemmCase) String() string { return fmt.Sprintf("%+v", struct{ gemmCase }{g}) }

// operand returns a random rows x cols matrix as the case stores it, and the
// function that reads it.
func operand(r *rand.Rand, rows, cols int, trans bool) (Operand, func(i, j int) float64) {
	h, w := rows, cols
	if trans {
		h, w = w, h
	}
	ld := w + r.IntN(4)
	data := random(r, max(0, (h-1)*ld+w))
	for i := range h - 1 {
		fill(data[i*ld+w:(i+1)*ld], poison)
	}
	return Operand{Data: data, LD: ld, Trans: trans}, func(i, j int) float64 {
		if trans {
			i, j = j, i
		}
		return float64(data[i*ld+j])
	}
}

func (g gemmCase) run(t *testing.T, s *Set, r *rand.Rand) {
	t.Helper()
	a, atA := operand(r, g.m, g.k, g.transA)
	b, atB := operand(r, g.k, g.n, g.transB)
	if g.packedA {
		p, check := guarded(t, s.PackedASize(g.m, g.k), 1)
		s.PackA(p, a, g.m, g.k)
		check()
		a = Operand{Data: p, Packed: true}
	}
	if g.packedB {
		p, check := guarded(t, s.PackedBSize(g.k, g.n), 2)
		s.PackB(p, b, g.k, g.n)
		check()
		b = Operand{Data: p, Packed: true}
	}
	ldc := g.n + r.IntN(5)
	c, check := guarded(t, max(0, (g.m-1)*ldc+g.n), r.IntN(16))
	e := Epilogue{Accumulate: g.accumulate, Relu: g.relu}
	if g.accumulate {
		copy(c, random(r, len(c)))
	}
	if g.bias {
		e.Bias = random(r, g.m)
	}
	before := append([]float32(nil), c...)
	scratch, checkScratch := guarded(t, s.GemmScratch(g.m, g.n, g.k), r.IntN(16))
	s.Gemm(c, ldc, g.m, g.n, g.k, a, b, e, scratch)
	check()
	checkScratch()
	for i := range g.m {
		for j := range ldc {
			at := i*ldc + j
			if at >= len(c) {
				break
			}
			if j >= g.n {
				if math.Float32bits(c[at]) != math.Float32bits(before[at]) {
					t.Fatalf("%v: wrote between the rows", g)
				}
				continue
			}
			var want, scale float64
			if g.accumulate {
				want = float64(before[at])
				scale = math.Abs(want)
			}
			for k := range g.k {
				p := atA(i, k) * atB(k, j)
				want += p
				scale += math.Abs(p)
			}
			if g.bias {
				want += float64(e.Bias[i])
				scale += math.Abs(float64(e.Bias[i]))
			}
			if g.relu {
				want = max(0, want)
			}
			if !closeTo(c[at], want, scale) {
				t.Fatalf("%v: C[%d,%d] = %v, want %v", g, i, j, c[at], want)
			}
		}
	}
}

// flags sets the case's switches by the bits of x.
func (g gemmCase) flags(x int) gemmCase {
	on := func(i int) bool { return x>>i&1 != 0 }
	g.transA, g.transB, g.accumulate = on(0), on(1), on(2)
	g.packedA, g.packedB, g.relu, g.bias = on(3), on(4), on(5), on(6)
	return g
}

func TestGemmSmall(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		r := newRand()
		x := 0
		for m := range 18 {
			for n := range 36 {
				for k := range 6 {
					gemmCase{m: m, n: n, k: k}.flags(x).run(t, s, r)
					x += 37
				}
			}
		}
	})
}

func TestGemmRandom(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		r := newRand()
		for x := range ifShort(128, 256) {
			gemmCase{m: r.IntN(100), n: r.IntN(100), k: r.IntN(100)}.flags(x).run(t, s, r)
		}
	})
}

func TestGemmLarge(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		r := newRand()
		for x, d := range [][3]int{{129, 130, 515}, {70, 70, 1030}, {3, 2100, 300}, {900, 35, 257}, {1, 1, 5000}} {
			for i := range ifShort(1, 2) {
				gemmCase{m: d[0], n: d[1], k: d[2]}.flags(x+124*i).run(t, s, r)
			}
		}
	})
}

// TestGemmSplit checks that any split into blocks gives the same bits.
func TestGemmSplit(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		const m, n, k = 61, 150, 300
		r := newRand()
		a, _ := operand(r, m, k, false)
		b, _ := operand(r, k, n, false)
		scratch := make([]float32, s.GemmScratch(m, n, k))
		whole, parts := make([]float32, m*n), make([]float32, m*n)
		s.Gemm(whole, n, m, n, k, a, b, Epilogue{}, scratch)
		rows, cols := s.Panels(m, n)
		for i := range rows {
			for j := range cols {
				s.GemmBlock(parts, n, m, n, k, a, b, Epilogue{}, Block{i, i + 1, j, j + 1}, scratch)
			}
		}
		for i := range whole {
			if whole[i] != parts[i] {
				t.Fatalf("element %d: %v whole, %v in blocks", i, whole[i], parts[i])
			}
		}
	})
}

func BenchmarkGemm(b *testing.B) {
	for _, s := range Sets() {
		for _, n := range []int{64, 128, 256, 512, 1024, 2048} {
			b.Run(fmt.Sprintf("%s/%d", s.Level, n), func(b *testing.B) {
				x, y, c := numbers(n*n), numbers(n*n), numbers(n*n)
				scratch := make([]float32, s.GemmScratch(n, n, n))
				b.ReportAllocs()
				for b.Loop() {
					s.Gemm(c, n, n, n, n, Operand{Data: x, LD: n}, Operand{Data: y, LD: n}, Epilogue{}, scratch)
				}
				gflops(b, 2*float64(n)*float64(n)*float64(n))
			})
		}
	}
}

// gflops reports the speed of work floating-point operations a round.
func gflops(b *testing.B, work float64) {
	b.ReportMetric(work*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
}
