package kernel

import (
	"math"
	"slices"
	"testing"
)

// TestWinograd compares both kinds of tiles, also where the direct sum would be chosen, with the definition: sizes that fill the tiles
// or not, several images, borders of all kinds.
func TestWinograd(t *testing.T) {
	r := newRand()
	eachLevel(t, func(t *testing.T, s *Set) {
		for range ifShort(20, 60) {
			n := func(lo, hi int) int { return lo + r.IntN(hi-lo+1) }
			shape := ConvShape{N: n(1, 3), C: n(1, 40), H: n(1, 15), W: n(1, 15), O: n(1, 40), KH: 3, KW: 3, StrideH: 1, StrideW: 1,
				PadT: n(0, 2), PadL: n(0, 2), PadB: n(0, 2), PadR: n(0, 2), DilH: 1, DilW: 1}
			if shape.check() != nil {
				continue
			}
			x, w := random(r, shape.N*shape.C*shape.H*shape.W), random(r, shape.O*shape.K())
			dy := random(r, shape.N*shape.O*shape.positions())
			ref := shape.reference(x, w, dy)
			for _, f := range s.filterings() {
				forward, back := winogradOf(s, shape, false), winogradOf(s, shape, true)
				forward.plan(f)
				back.plan(f)
				compare(t, "output", shape, runDirection(t, forward, len(dy), x, w, r), ref.y, levelled(ref.yAbs))
				compare(t, "input gradient", shape, runDirection(t, back, len(x), dy, w, r), ref.dx, levelled(ref.dxAbs))
			}
		}
	})
}

// levelled returns the largest value for each: an output that has few terms itself shares the error of its tile.
func levelled(abs []float64) []float64 { return slices.Repeat([]float64{slices.Max(abs)}, len(abs)) }

// TestWinogradError holds the error of normally distributed data to the bound that is documented: 2e-6 of the size of the output on
// average, both sizes as root mean squares. The direct sum is off by about half of that.
func TestWinogradError(t *testing.T) {
	r := newRand()
	shape := images(1, square(256, 16, 8, 3, 1, 1))
	x, w := random(r, shape.C*shape.H*shape.W), random(r, shape.O*shape.K())
	ref := shape.reference(x, w, make([]float32, shape.O*shape.positions()))
	eachLevel(t, func(t *testing.T, s *Set) {
		for _, f := range s.filterings() {
			p := winogradOf(s, shape, false)
			p.plan(f)
			y := runDirection(t, p, len(ref.y), x, w, r)
			var off, size float64
			for i, want := range ref.y {
				off += (float64(y[i]) - want) * (float64(y[i]) - want)
				size += want * want
			}
			if e := math.Sqrt(off / size); !(e <= 2e-6) {
				t.Errorf("tiles of %d: error %.2g of the output", f.out, e)
			} else {
				t.Logf("tiles of %d: error %.2g of the output", f.out, e)
			}
		}
	})
}
