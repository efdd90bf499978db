package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// sizes are all lengths to 100 and some around the unrolled loops' ends.
func sizes() []int {
	var out []int
	for n := range 101 {
		out = append(out, n)
	}
	return append(out, 127, 128, 129, 1000, 1023, 4096+3)
}

// A vectorKernel gives kernels of all signatures one form.
type vectorKernel struct {
	inputs int
	run    func(dst []float32, in [3][]float32)
}

const scalar = 1.7

// vectorKernelOf returns the common form of an elementwise kernel, or false.
func vectorKernelOf(r Row) (vectorKernel, bool) {
	switch f := r.Func.(type) {
	case func(dst, a []float32):
		return vectorKernel{1, func(dst []float32, in [3][]float32) { f(dst, in[0]) }}, true
	case func(dst, a, b []float32):
		return vectorKernel{2, func(dst []float32, in [3][]float32) { f(dst, in[0], in[1]) }}, true
	case func(dst, a, b, c []float32):
		return vectorKernel{3, func(dst []float32, in [3][]float32) { f(dst, in[0], in[1], in[2]) }}, true
	case func(dst, a []float32, s float32):
		return vectorKernel{1, func(dst []float32, in [3][]float32) {
			if r.Name == "Axpy" {
				copy(dst, in[0])
			}
			f(dst, in[0], scalar)
		}}, true
	case func(dst, a []float32, s, t float32):
		return vectorKernel{1, func(dst []float32, in [3][]float32) { f(dst, in[0], scalar, -scalar) }}, true
	case func(dst, a, b []float32, s, u, t float32):
		return vectorKernel{2, func(dst []float32, in [3][]float32) { f(dst, in[0], in[1], scalar, -scalar, 0.1) }}, true
	}
	return vectorKernel{}, false
}

// twins calls f with every elementwise kernel in assembly and its portable
// twin.
func twins(f func(r Row, asm, twin vectorKernel)) {
	twin := map[string]vectorKernel{}
	rows := Table()
	for _, r := range rows {
		if k, ok := vectorKernelOf(r); ok && r.Level == "generic" {
			twin[r.Name] = k
		}
	}
	for _, r := range rows {
		if k, ok := vectorKernelOf(r); ok && r.Level != "generic" {
			f(r, k, twin[r.Name])
		}
	}
}

// specials are the values that go wrong first.
var specials = []float32{0, float32(math.Copysign(0, -1)), 1, -1, float32(math.Inf(1)), negInf, poison,
	math.SmallestNonzeroFloat32, -math.SmallestNonzeroFloat32, 1e-40, math.MaxFloat32, -math.MaxFloat32, 0x1p-126}

func withSpecials(r *rand.Rand, n int) []float32 {
	s := random(r, n)
	for i := range s {
		if r.IntN(4) == 0 {
			s[i] = specials[r.IntN(len(specials))]
		}
	}
	return s
}

// ulps returns the distance of two values in units of the last place of want.
func ulps(got float32, want float64) float64 {
	w := float32(want)
	switch {
	case got == w || got != got && want != want:
		return 0
	case got != got || want != want || math.IsInf(float64(w), 0) || math.IsInf(float64(got), 0):
		// An overflow may be decided by rounding.
		if math.Abs(want) > 0x1.fffffcp127 && (got > 3.4e38 || got < -3.4e38) {
			return 1
		}
		return math.Inf(1)
	}
	ulp := math.Ldexp(1, max(math.Ilogb(want), -126)-23)
	return math.Abs(float64(got)-want) / ulp
}

// twinUlps is how far a kernel may be from its twin: 0 for arithmetic that is
// rounded once.
func twinUlps(name string) float64 {
	switch name {
	case "Exp", "Log", "Erf":
		return 2
	case "Sigmoid":
		return 3
	case "Tanh":
		return 5
	}
	return 0
}

// fused names the kernels whose twin rounds twice, and bounds the difference by the
// size of the operands.
func fused(name string) bool {
	switch name {
	case "MulAdd", "Axpy", "ScaleShift", "ScaleShiftRelu", "Blend":
		return true
	}
	return false
}

func TestVector(t *testing.T) {
	r := newRand()
	twins(func(row Row, asm, twin vectorKernel) {
		t.Run(row.Level+"/"+row.Name, func(t *testing.T) {
			for _, n := range sizes() {
				var in [3][]float32
				for i := range in {
					in[i] = withSpecials(r, n)
				}
				want, _ := guarded(t, n, 0)
				twin.run(want, in)
				dst, check := guarded(t, n, r.IntN(16))
				asm.run(dst, in)
				check()
				compareVectors(t, row.Name, n, dst, want, in)
				for i := range asm.inputs {
					in2 := in
					place, check := guarded(t, n, r.IntN(16))
					copy(place, in[i])
					in2[i] = place
					asm.run(place, in2)
					check()
					compareVectors(t, row.Name+" in place", n, place, dst, [3][]float32{})
				}
			}
		})
	})
}

func compareVectors(t *testing.T, name string, n int, got, want []float32, in [3][]float32) {
	t.Helper()
	for i := range got {
		if fused(name) && in[1] != nil {
			a, b, c := math.Abs(float64(in[0][i])), math.Abs(float64(in[1][i])), math.Abs(float64(in[2][i]))
			scale := 1e-6 * float32(a*max(2, b)+2*b+max(2, c))
			if d := got[i] - want[i]; d <= scale && d >= -scale || scale != scale || math.IsInf(float64(scale), 0) {
				continue
			}
		}
		if ulps(got[i], float64(want[i])) > twinUlps(name) || math.Signbit(float64(got[i])) != math.Signbit(float64(want[i])) && got[i] == got[i] {
			t.Fatalf("%s, length %d: element %d is %v, want %v", name, n, i, got[i], want[i])
		}
	}
}

func TestVectorLengthPanics(t *testing.T) {
	twins(func(row Row, asm, _ vectorKernel) {
		for i := range asm.inputs {
			in := [3][]float32{make([]float32, 9), make([]float32, 9), make([]float32, 9)}
			in[i] = in[i][:8]
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("%s/%s takes an input shorter than the output", row.Level, row.Name)
					}
				}()
				asm.run(make([]float32, 9), in)
			}()
		}
	})
}

// TestMathAccuracy compares the transcendental functions with float64 over all
// magnitudes, densely where they bend.
func TestMathAccuracy(t *testing.T) {
	funcs := map[string]func(float64) float64{
		"Exp": math.Exp, "Log": math.Log, "Tanh": math.Tanh, "Erf": math.Erf,
		"Sigmoid": func(x float64) float64 { return 1 / (1 + math.Exp(-x)) },
	}
	var x []float32
	for b := uint64(0); b < 1<<32; b += 10007 {
		x = append(x, math.Float32frombits(uint32(b)))
	}
	for v := float32(-110); v < 110; v += 0.0013 {
		x = append(x, v, v/100)
	}
	x = append(x, specials...)
	twins(func(row Row, asm, _ vectorKernel) {
		f, ok := funcs[row.Name]
		if !ok {
			return
		}
		got := make([]float32, len(x))
		asm.run(got, [3][]float32{x})
		worst, at := 0.0, float32(0)
		for i, v := range x {
			if row.Name == "Tanh" && (got[i] > 1 || got[i] < -1) {
				t.Errorf("%s/Tanh of %v is %v", row.Level, v, got[i])
			}
			if u := ulps(got[i], f(float64(v))); u > worst {
				worst, at = u, v
			}
		}
		t.Logf("%s/%s: %.2f units in the last place at %v", row.Level, row.Name, worst, at)
		if worst > twinUlps(row.Name) {
			t.Errorf("%s/%s: %v units in the last place at %v", row.Level, row.Name, worst, at)
		}
	})
}

func TestU8ToF32(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, n := range sizes() {
			src := make([]uint8, n)
			for i := range src {
				src[i] = uint8(r.Uint32())
			}
			dst, check := guarded(t, n, r.IntN(16))
			s.U8ToF32(dst, src, 1.0/255, -0.5)
			check()
			for i := range dst {
				if want := float64(src[i])/255 - 0.5; math.Abs(float64(dst[i])-want) > 1e-7 {
					t.Fatalf("length %d: element %d is %v, want %v", n, i, dst[i], want)
				}
			}
		}
	})
}

func TestReductions(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		r := newRand()
		g := generic()
		for _, n := range sizes() {
			a, b := random(r, n), random(r, n)
			var abs, sq float64
			for i := range a {
				abs += math.Abs(float64(a[i]))
				sq += float64(a[i])*float64(a[i]) + float64(b[i])*float64(b[i])
			}
			if !closeTo(s.Sum(a), float64(g.Sum(a)), abs) || !closeTo(s.SumSquares(a), float64(g.SumSquares(a)), sq) ||
				!closeTo(s.Dot(a, b), float64(g.Dot(a, b)), sq) {
				t.Fatalf("length %d: sums differ", n)
			}
			const mean = 0.7
			if !closeTo(s.SumSquaresAbout(a, mean), float64(g.SumSquaresAbout(a, mean)), 2*sq+float64(n)) ||
				!closeTo(s.DotAbout(a, b, mean), float64(g.DotAbout(a, b, mean)), sq+abs) {
				t.Fatalf("length %d: sums about a mean differ", n)
			}
			if got, want := s.MaxOf(a), g.MaxOf(a); got != want {
				t.Fatalf("length %d: maximum %v, want %v", n, got, want)
			}
			if n > 0 {
				a[r.IntN(n)] = poison
				if got := s.MaxOf(a); got == got {
					t.Fatalf("length %d: maximum %v with NaN", n, got)
				}
			}
		}
	})
}

// TestMoments compares with float64 where the mean is large beside the spread.
func TestMoments(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, n := range []int{1, 15, 49, 1024, 12544} {
			x, v := random(r, n), random(r, n)
			var mean, squares, dot, size float64
			for i := range x {
				x[i] += 100
				mean += float64(x[i]) / float64(n)
			}
			for i := range x {
				d := float64(x[i]) - mean
				squares += d * d
				dot += float64(v[i]) * (float64(x[i]) - 100)
				size += math.Abs(float64(v[i])) * (1 + math.Abs(d))
			}
			sum, got := s.Moments(x)
			// The mean is rounded to 2^-18, which adds n times its square.
			if math.Abs(sum/float64(n)-mean) > 1e-6*mean || math.Abs(got-squares) > 1e-5*squares+float64(n)*0x1p-36 {
				t.Errorf("%d values: moments %v and %v, want %v and %v", n, sum, got, mean*float64(n), squares)
			}
			if got := s.DotCentred(v, x, 100); math.Abs(got-dot) > 1e-5*size {
				t.Errorf("%d values: product %v, want %v", n, got, dot)
			}
		}
	})
}

func TestTranspose(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		r := newRand()
		for rows := range 35 {
			for cols := range 35 {
				src := random(r, rows*cols)
				dst, check := guarded(t, rows*cols, r.IntN(16))
				s.Transpose(dst, rows, src, cols, rows, cols)
				check()
				for i := range rows {
					for j := range cols {
						if dst[j*rows+i] != src[i*cols+j] {
							t.Fatalf("%dx%d: element %d, %d", rows, cols, i, j)
						}
					}
				}
			}
		}
	})
}
