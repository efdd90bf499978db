package kernel

import (
	"math"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// eachLevel runs f for each of testLevels.
func eachLevel(t *testing.T, f func(t *testing.T, s *Set)) {
	t.Helper()
	for _, s := range testLevels(t) {
		t.Run(s.Level, func(t *testing.T) { f(t, s) })
	}
}

// testLevels returns the levels of this CPU. LINCE_TEST_LEVELS lists the
// levels that must be there, as CI does, so that a test never passes by not
// running; then it is those.
func testLevels(t *testing.T) []*Set {
	t.Helper()
	want := strings.FieldsFunc(os.Getenv("LINCE_TEST_LEVELS"), func(r rune) bool { return r == ',' })
	for _, name := range want {
		if _, err := Select(name); err != nil {
			t.Errorf("LINCE_TEST_LEVELS: %v", err)
		}
	}
	if len(want) == 0 {
		return Sets()
	}
	return slices.DeleteFunc(slices.Clone(Sets()), func(s *Set) bool { return !slices.Contains(want, s.Level) })
}

// ifShort returns short with -short, which emulated machines are tested with, else n.
func ifShort(short, n int) int {
	if testing.Short() {
		return short
	}
	return n
}

// TestNoKernelIsMissing looks for functions that no row of a level, nor of one below it, has set.
func TestNoKernelIsMissing(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		var look func(name string, v reflect.Value)
		look = func(name string, v reflect.Value) {
			switch v.Kind() {
			case reflect.Struct:
				for i := range v.NumField() {
					look(v.Type().Field(i).Name, v.Field(i))
				}
			case reflect.Func:
				if v.IsNil() {
					t.Errorf("%s is nil", name)
				}
			}
		}
		look("Set", reflect.ValueOf(s).Elem())
		for nv := 1; nv <= 2; nv++ {
			for i, n := range []int{len(s.tiles[nv]), len(s.convs[nv]), len(s.rows[nv]), len(s.outers[nv])} {
				if n < s.mr() {
					t.Errorf("%d register tiles of kind %d with %d vectors, want %d", n, i, nv, s.mr())
				}
			}
		}
	})
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
