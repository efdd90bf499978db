package kernel

import (
	"bytes"
	"math"
	"testing"
)

func randomBytes(n int) []uint8 {
	r := newRand()
	b := make([]uint8, n)
	for i := range b {
		b[i] = uint8(r.IntN(256))
	}
	return b
}

func TestMixRows(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		r := newRand()
		for _, cols := range append(sizes()[:101:101], 127, 500) {
			for _, rows := range []int{1, 2, 3, 4, 7, 30} {
				pitch := cols + r.IntN(4)
				src := randomBytes((rows-1)*pitch + cols)
				weights, left := make([]uint32, rows), uint32(1<<22)
				for k := range weights {
					weights[k] = uint32(r.IntN(int(left) + 1))
					if k == rows-1 {
						weights[k] = left
					}
					left -= weights[k]
				}
				dst := bytes.Repeat([]byte{99}, cols+2)
				s.MixRows(dst[1:1+cols:1+cols], src, weights, pitch)
				if dst[0] != 99 || dst[cols+1] != 99 {
					t.Fatalf("%d columns: written beside dst", cols)
				}
				for x, got := range dst[1 : 1+cols] {
					sum := uint64(1 << 21)
					for k, w := range weights {
						sum += uint64(w) * uint64(src[k*pitch+x])
					}
					if want := uint8(sum >> 22); got != want {
						t.Fatalf("%d rows of %d, pitch %d: column %d is %d, want %d", rows, cols, pitch, x, got, want)
					}
				}
			}
		}
		for i, f := range []func(){
			func() { s.MixRows(make([]uint8, 9), make([]uint8, 28), []uint32{1, 1, 1}, 10) },
			func() { s.MixRows(make([]uint8, 5), make([]uint8, 24), []uint32{1, 1, 1}, 10) },
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

// TestToRGB goes through all colours, coarsely, and compares with the definition.
func TestToRGB(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		var y, cb, cr []uint8
		for i := 0; i < 256*256*256; i += 251 {
			y, cb, cr = append(y, uint8(i)), append(cb, uint8(i>>8)), append(cr, uint8(i>>16))
		}
		r, g, b := bytes.Clone(y), bytes.Clone(cb), bytes.Clone(cr)
		s.ToRGB(r, g, b)
		for i := range y {
			l, u, v := float64(y[i]), float64(cb[i])-128, float64(cr[i])-128
			for c, want := range []float64{l + 1.402*v, l - 0.344136*u - 0.714136*v, l + 1.772*u} {
				if got := [][]uint8{r, g, b}[c][i]; math.Abs(float64(got)-min(max(want, 0), 255)) > 0.51 {
					t.Fatalf("colour %d of %d, %d, %d is %d, want %.2f", c, y[i], cb[i], cr[i], got, want)
				}
			}
		}
	})
}

// TestInverseDCT compares with the portable level, bit by bit; that, package jpeg compares with the definition.
func TestInverseDCT(t *testing.T) {
	eachLevel(t, func(t *testing.T, s *Set) {
		r := newRand()
		for round := range 1000 {
			var coefs [64]int16
			for i := range coefs {
				switch {
				case round%3 == 0:
					coefs[i] = int16(r.Uint32()) // such as only damaged files have
				case r.IntN(1+round%7) == 0:
					coefs[i] = int16(r.IntN(2000) - 1000)
				}
			}
			pitch := 8 + r.IntN(5)
			got, want := randomBytes(7*pitch+8), randomBytes(7*pitch+8)
			s.InverseDCT(got, pitch, &coefs)
			inverseDCTGeneric(want, pitch, &coefs)
			if !bytes.Equal(got, want) {
				t.Fatalf("round %d: %v\nwant %v", round, got, want)
			}
		}
		defer func() {
			if recover() == nil {
				t.Error("no panic for too little room")
			}
		}()
		s.InverseDCT(make([]uint8, 63), 8, &[64]int16{})
	})
}

func BenchmarkPixel(b *testing.B) {
	src, dst := randomBytes(4*512), make([]uint8, 512)
	var coefs [64]int16
	for i := range coefs {
		coefs[i] = int16(200 / (1 + i))
	}
	for _, s := range Sets() {
		b.Run("mix4x512/"+s.Level, func(b *testing.B) {
			for b.Loop() {
				s.MixRows(dst, src, []uint32{1 << 20, 1 << 20, 1 << 20, 1 << 20}, 512)
			}
		})
		b.Run("rgb512/"+s.Level, func(b *testing.B) {
			for b.Loop() {
				s.ToRGB(src[:512], src[512:1024], src[1024:1536])
			}
		})
		b.Run("idct/"+s.Level, func(b *testing.B) {
			for b.Loop() {
				s.InverseDCT(dst, 8, &coefs)
			}
		})
	}
}
