package kernel

import (
	"math"
	"testing"
)

// TestRowTiles compares every register tile for channels side by side with the definition, for several lengths, pitches and walks.
func TestRowTiles(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		r := newRand()
		for nv := 1; nv <= 2; nv++ {
			nr := nv * s.lanes
			for i, f := range s.rows[nv] {
				mr := i + 1
				for k := 1; k <= 9; k++ {
					taps, lda, ldc, accumulate := 1+r.IntN(3), k+r.IntN(40), nr+r.IntN(9), r.IntN(2)
					a, b := random(r, mr*lda+taps*7), random(r, taps*k*nr)
					off := steps(taps, 4*7)
					c, check := guarded(t, (mr-1)*ldc+nr, r.IntN(16))
					old := random(r, len(c))
					if accumulate == 1 {
						copy(c, old)
					}
					f(&a[0], &b[0], &c[0], &off[0], taps, k, 4*lda, 4*ldc, accumulate*flagAccumulate, &a[0], fetchStep)
					check()
					for row := range mr {
						for j := range nr {
							want, scale := 0.0, 0.0
							if accumulate == 1 {
								want, scale = float64(old[row*ldc+j]), math.Abs(float64(old[row*ldc+j]))
							}
							for i := range taps * k {
								p := float64(a[row*lda+i/k*7+i%k]) * float64(b[i*nr+j])
								want, scale = want+p, scale+math.Abs(p)
							}
							if got := c[row*ldc+j]; !closeTo(got, want, scale) {
								t.Fatalf("%dx%d, %d taps of %d: (%d, %d) is %v, want %v", mr, nr, taps, k, row, j, got, want)
							}
						}
					}
				}
			}
		}
	})
}
