package kernel

import (
	"fmt"
	"math"
	"testing"
)

// rowSumWidths are all to 100, where every block and tail comes by, and wide ones.
func rowSumWidths() []int { return append(sizes()[:101:101], 127, 128, 129, 512, 1000) }

// TestRowSums compares with sums in float64.
func TestRowSums(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, cols := range rowSumWidths() {
			for _, rows := range []int{0, 1, 2, 3, 7, 50} {
				ld := cols + r.IntN(4)
				n := max(0, rows-1)*ld + cols
				if rows == 0 {
					n = 0
				}
				a, b, mean := random(r, n), random(r, n), random(r, cols)
				want, scale := make([][3]float64, cols), make([]float64, cols)
				for i := range rows {
					for c := range cols {
						x, d := float64(a[i*ld+c]), float64(b[i*ld+c])-float64(mean[c])
						want[c][0] += x
						want[c][1] += d * d
						want[c][2] += x * d
						scale[c] += 1 + x*x + d*d
					}
				}
				for i, f := range []func(dst []float32){
					func(dst []float32) { s.SumRows(dst, a, rows, ld) },
					func(dst []float32) { s.SquaresAboutRows(dst, b, mean, rows, ld) },
					func(dst []float32) { s.DotAboutRows(dst, a, b, mean, rows, ld) },
				} {
					dst, check := guarded(t, cols, r.IntN(16))
					f(dst)
					check()
					for c, got := range dst {
						if !closeTo(got, want[c][i], scale[c]) {
							t.Fatalf("function %d, %d rows of %d, pitch %d: column %d is %v, want %v", i, rows, cols, ld, c, got, want[c][i])
						}
					}
				}
			}
		}
	})
}

// TestRowSumOrder compares bit by bit with one running sum, rounded once a row, and
// shows that a column does not depend on its neighbours.
func TestRowSumOrder(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		if s.Level == "generic" {
			t.Skip("sums in float64")
		}
		const rows, ld = 37, 150
		r := newRand()
		a, b, mean := random(r, rows*ld), random(r, rows*ld), random(r, ld)
		got := [3][]float32{make([]float32, ld), make([]float32, ld), make([]float32, ld)}
		s.SumRows(got[0], a, rows, ld)
		s.SquaresAboutRows(got[1], b, mean, rows, ld)
		s.DotAboutRows(got[2], a, b, mean, rows, ld)
		fma := func(x, y, z float32) float32 {
			// The product is exact in float64; few sums round differently for it.
			return float32(math.FMA(float64(x), float64(y), float64(z)))
		}
		for c := range ld {
			var want [3]float32
			for i := range rows {
				x, d := a[i*ld+c], b[i*ld+c]-mean[c]
				want[0], want[1], want[2] = want[0]+x, fma(d, d, want[1]), fma(x, d, want[2])
			}
			for i := range want {
				if got[i][c] != want[i] {
					t.Fatalf("function %d: column %d is %v, want %v", i, c, got[i][c], want[i])
				}
			}
		}
	})
}

func TestRowSumPanics(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		const rows, ld, cols = 3, 10, 9
		enough := (rows-1)*ld + cols
		v := func(n int) []float32 { return make([]float32, n) }
		dst, x, mean, less, lessMean := v(cols), v(enough), v(cols), v(enough - 1)[:enough-1:enough-1], v(cols - 1)[:cols-1:cols-1]
		s.SumRows(dst, x, rows, ld)
		s.SquaresAboutRows(dst, x, mean, rows, ld)
		s.DotAboutRows(dst, x, x, mean, rows, ld)
		for i, f := range []func(){
			func() { s.SumRows(dst, less, rows, ld) },
			func() { s.SumRows(dst, x, rows, -1) },
			func() { s.SquaresAboutRows(dst, less, mean, rows, ld) },
			func() { s.SquaresAboutRows(dst, x, lessMean, rows, ld) },
			func() { s.DotAboutRows(dst, less, x, mean, rows, ld) },
			func() { s.DotAboutRows(dst, x, less, mean, rows, ld) },
			func() { s.DotAboutRows(dst, x, x, lessMean, rows, ld) },
		} {
			func() {
				defer func() {
					if recover() == nil {
						t.Errorf("call %d does not panic", i)
					}
				}()
				f()
			}()
		}
	})
}

// BenchmarkRowSums reads the activations of one image.
func BenchmarkRowSums(b *testing.B) {
	r := newRand()
	for _, size := range [][2]int{{112 * 112, 64}, {56 * 56, 64}, {28 * 28, 128}, {14 * 14, 256}, {7 * 7, 512}, {28 * 28, 24}} {
		rows, cols := size[0], size[1]
		x, y, mean, dst := random(r, rows*cols), random(r, rows*cols), random(r, cols), make([]float32, cols)
		for _, s := range Sets() {
			for _, f := range []struct {
				name   string
				inputs int
				run    func()
			}{
				{"sum", 1, func() { s.SumRows(dst, x, rows, cols) }},
				{"squares", 1, func() { s.SquaresAboutRows(dst, x, mean, rows, cols) }},
				{"dot", 2, func() { s.DotAboutRows(dst, x, y, mean, rows, cols) }},
			} {
				b.Run(fmt.Sprintf("%dx%d/%s/%s", rows, cols, s.Level, f.name), func(b *testing.B) {
					b.SetBytes(int64(4 * f.inputs * rows * cols))
					b.ReportAllocs()
					for b.Loop() {
						f.run()
					}
				})
			}
		}
	}
}
