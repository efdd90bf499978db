package philox

import (
	"math/rand/v2"
	"testing"
)

// The vectors are those of kat_vectors in the authors' Random123 distribution.
func TestKnownAnswers(t *testing.T) {
	const f = 0xffffffff
	for _, v := range []struct {
		ctr  [4]uint32
		key  [2]uint32
		want [4]uint32
	}{
		{[4]uint32{}, [2]uint32{}, [4]uint32{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
		{[4]uint32{f, f, f, f}, [2]uint32{f, f}, [4]uint32{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
		{[4]uint32{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, [2]uint32{0xa4093822, 0x299f31d0},
			[4]uint32{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
	} {
		if got := Block(v.key, v.ctr); got != v.want {
			t.Errorf("Block(%x, %x) = %x, want %x", v.key, v.ctr, got, v.want)
		}
	}
}

func TestAdd(t *testing.T) {
	const f = 0xffffffff
	for _, v := range []struct {
		ctr  [4]uint32
		n    uint64
		want [4]uint32
	}{
		{[4]uint32{1, 2, 3, 4}, 5, [4]uint32{6, 2, 3, 4}},
		{[4]uint32{f, 0, 0, 0}, 1, [4]uint32{0, 1, 0, 0}},
		{[4]uint32{f, f, 0, 0}, 1, [4]uint32{0, 0, 1, 0}},
		{[4]uint32{f, f, f, 0}, 1, [4]uint32{0, 0, 0, 1}},
		{[4]uint32{f, f, f, f}, 2, [4]uint32{1, 0, 0, 0}},
		{[4]uint32{0, 1, 0, 0}, 1<<63 | f, [4]uint32{f, 1<<31 | 1, 0, 0}},
	} {
		if got := Add(v.ctr, v.n); got != v.want {
			t.Errorf("Add(%x, %x) = %x, want %x", v.ctr, v.n, got, v.want)
		}
	}
}

func TestUniform(t *testing.T) {
	if Uniform(0) != 0 || Uniform(0x80000000) != 0.5 || Uniform(0xffffffff) != 1-1.0/(1<<24) {
		t.Error("range or scale of Uniform:", Uniform(0), Uniform(0x80000000), Uniform(0xffffffff))
	}
}

// TestSource derives a stream by hand, as the comment of NewSource defines it.
func TestSource(t *testing.T) {
	k := Block([2]uint32{0x55667788, 0x11223344}, [4]uint32{7, 0, 0, 1})
	k = Block([2]uint32{k[0], k[1]}, [4]uint32{0xcafe, 0xbeef, 0, 1})
	key := [2]uint32{k[0], k[1]}

	src := NewSource(0x1122334455667788, 7, 0xbeef0000cafe)
	for n := range uint32(3) {
		b := Block(key, [4]uint32{n, 0, 0, 0})
		for i := range 2 {
			if got, want := src.Uint64(), uint64(b[2*i+1])<<32|uint64(b[2*i]); got != want {
				t.Errorf("number %d of block %d is %x, want %x", i, n, got, want)
			}
		}
	}
}

func TestStreamsDiffer(t *testing.T) {
	seen := map[uint64][]uint64{}
	for _, s := range [][]uint64{{1}, {2}, {1, 0}, {1, 1}, {1, 2}, {1, 1, 1}, {1, 0, 0}, {2, 1}, {1, 1 << 32}} {
		x := NewSource(s[0], s[1:]...).Uint64()
		if old, ok := seen[x]; ok {
			t.Errorf("streams %v and %v begin alike", old, s)
		}
		seen[x] = s
	}
}

func TestMoments(t *testing.T) {
	r := rand.New(NewSource(42))
	const n = 1 << 20
	var sum, squares float64
	for range n {
		x := r.Float64() - 0.5
		sum += x
		squares += x * x
	}
	if mean, v := sum/n, squares/n; mean < -1e-3 || mean > 1e-3 || v < 1.0/12-1e-3 || v > 1.0/12+1e-3 {
		t.Errorf("mean %g, variance %g; want 0 and %g", mean, v, 1.0/12)
	}
}

func BenchmarkBlock(b *testing.B) {
	b.SetBytes(16)
	var ctr [4]uint32
	for b.Loop() {
		ctr = Block([2]uint32{1, 2}, ctr)
	}
}
