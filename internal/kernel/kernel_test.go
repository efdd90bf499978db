package kernel

import (
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
)

// eachLevel runs f for every level of this CPU. LINCE_TEST_LEVELS lists the
// levels that must be there, as CI does, so that a test never passes by not
// running.
func eachLevel(t *testing.T, f func(t *testing.T, s *Set)) {
	t.Helper()
	want := strings.FieldsFunc(os.Getenv("LINCE_TEST_LEVELS"), func(r rune) bool { return r == ',' })
	for _, name := range want {
		if _, err := Select(name); err != nil {
			t.Errorf("LINCE_TEST_LEVELS: %v", err)
		}
	}
	for _, s := range Sets() {
		if len(want) == 0 || slices.Contains(want, s.Level) {
			t.Run(s.Level, func(t *testing.T) { f(t, s) })
		}
	}
}

// generic is the level that the others are compared with.
func generic() *Set { return Sets()[len(Sets())-1] }

// guard is a value that no kernel writes; poison is a NaN, which an output
// must not keep.
const guard = 12345.678

var poison = float32(math.NaN())

// guarded returns n poisoned values at the given misalignment, and a check
// that nothing around them was written.
func guarded(t testing.TB, n, misalign int) (s []float32, check func()) {
	t.Helper()
	const room = 40
	buf := make([]float32, n+2*room+misalign)
	for i := range buf {
		buf[i] = guard
	}
	s = buf[room+misalign : room+misalign+n : room+misalign+n]
	fill(s, poison)
	return s, func() {
		t.Helper()
		for i, x := range buf {
			if x != guard && (i < room+misalign || i >= room+misalign+n) {
				t.Fatalf("length %d: wrote element %d", n, i-room-misalign)
			}
		}
	}
}

func fill(s []float32, x float32) {
	for i := range s {
		s[i] = x
	}
}

// random returns n values around 1 in size, of both signs, at an odd alignment.
func random(r *rand.Rand, n int) []float32 {
	s := make([]float32, n+3)[3:]
	for i := range s {
		s[i] = float32(r.NormFloat64())
	}
	return s
}

func newRand() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// closeTo reports whether got is want up to rounding of a sum whose terms'
// absolute values add up to scale.
func closeTo(got float32, want, scale float64) bool {
	return math.Abs(float64(got)-want) <= 2e-6*scale+1e-30
}
