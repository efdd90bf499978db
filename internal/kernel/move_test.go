package kernel

import (
	"math"
	"testing"
)

// TestMoves compares the row moves with their portable twins: every width to
// 70, several pitches, nothing written or read outside.
func TestMoves(t *testing.T) {
	g := generic()
	eachLevel(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, m := range []struct {
			name       string
			f, twin    moveFunc
			dstX, srcX int // values of the pitch for each column
		}{
			{"copy", s.copyRows, g.copyRows, 1, 1},
			{"pad", s.padRows, g.padRows, 1, 1},
			{"even", s.evenRows, g.evenRows, 1, 2},
			{"spread", s.spreadRows, g.spreadRows, 2, 1},
		} {
			for cols := 1; cols <= 70; cols++ {
				rows, ldd, lds := 1+r.IntN(4), cols*m.dstX+r.IntN(20), cols*m.srcX+r.IntN(5)
				if cols%3 == 0 { // many rows that touch
					rows, ldd = 30, cols*m.dstX
				}
				src, _ := guarded(t, (rows-1)*lds+cols*m.srcX, r.IntN(16))
				copy(src, random(r, len(src)))
				want := make([]float32, rows*ldd+s.lanes)
				got, check := guarded(t, rows*ldd+s.lanes, r.IntN(16))
				fill(want, poison)
				m.twin(&want[0], &src[0], 4*ldd, 4*lds, rows, cols)
				m.f(&got[0], &src[0], 4*ldd, 4*lds, rows, cols)
				check()
				end := rows * ldd
				if m.name != "pad" {
					end = len(got)
				}
				for i := range end {
					if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
						t.Fatalf("%s %dx%d, pitches %d and %d: element %d is %v, want %v", m.name, rows, cols, ldd, lds, i, got[i], want[i])
					}
				}
			}
		}
	})
}

func TestSelect(t *testing.T) {
	for _, s := range Sets() {
		if got, err := Select(s.Level); err != nil || got != s {
			t.Errorf("Select(%q) = %v, %v", s.Level, got, err)
		}
	}
	if _, err := Select("mmx"); err == nil {
		t.Error("no error for a level that does not exist")
	}
	if s, err := Select(""); err != nil || s != Sets()[0] {
		t.Errorf("Select of nothing = %v, %v", s, err)
	}
}
