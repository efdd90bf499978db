package data

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lince-ml/lince/internal/philox"
)

// TestWarpAgainstDefinition compares with the textbook formula in floating point.
func TestWarpAgainstDefinition(t *testing.T) {
	r := rand.New(philox.NewSource(1))
	im := NewImage(2, 7, 5)
	for i := range im.Pix {
		im.Pix[i] = uint8(r.Uint32())
	}
	for range 200 {
		m := matrix{
			xx: 4*r.Float64() - 2, xy: 4*r.Float64() - 2, x0: 12*r.Float64() - 4,
			yx: 4*r.Float64() - 2, yy: 4*r.Float64() - 2, y0: 12*r.Float64() - 4,
		}
		out := m.warp(im)
		for i, got := range out.Pix {
			c, y, x := i/35, i/5%7, i%5
			want := interpolated(im, c, m.yx*float64(x)+m.yy*float64(y)+m.y0, m.xx*float64(x)+m.xy*float64(y)+m.x0)
			if math.Abs(float64(got)-want) > 2.5 { // weights have 8 bits
				t.Fatalf("%+v: pixel (%d, %d, %d) is %d, want %.2f", m, c, y, x, got, want)
			}
		}
	}
}

func interpolated(im Image, c int, y, x float64) float64 {
	x0, y0 := math.Floor(x), math.Floor(y)
	sum := 0.0
	for j := range 2 {
		for i := range 2 {
			weight := math.Abs(1-float64(i)-(x-x0)) * math.Abs(1-float64(j)-(y-y0))
			sum += weight * float64(pixel(im, c, int(y0)+j, int(x0)+i))
		}
	}
	return sum
}

func TestAffineNothing(t *testing.T) {
	im := picture(5, 6)
	if out := (RandomAffine{}).Apply(rand.New(philox.NewSource(1)), Sample{Image: im}).Image; !slices.Equal(out.Pix, im.Pix) {
		t.Error("all ranges zero, and yet something changed")
	}
}

// TestAffineRanges finds where the dot of an image goes, and with it the largest effect of each setting.
func TestAffineRanges(t *testing.T) {
	const size = 101
	im := NewImage(1, size, size)
	const dotX, dotY = 30, -20 // from the middle
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			im.Pix[(size/2+dotY+dy)*size+size/2+dotX+dx] = 255
		}
	}
	length, angle := math.Hypot(dotX, dotY), math.Atan2(dotY, dotX)
	for name, c := range map[string]struct {
		a      RandomAffine
		effect func(x, y float64) float64 // from -1 to 1 over the range
		still  func(x, y float64) float64 // stays 0
	}{
		"degrees": {RandomAffine{Degrees: 30},
			func(x, y float64) float64 { return (math.Atan2(y, x) - angle) / (math.Pi / 6) },
			func(x, y float64) float64 { return math.Hypot(x, y)/length - 1 }},
		"scale": {RandomAffine{Scale: 0.25},
			func(x, y float64) float64 { return (math.Hypot(x, y)/length - 1) / 0.25 },
			func(x, y float64) float64 { return math.Atan2(y, x) - angle }},
		"shear": {RandomAffine{Shear: 30},
			func(x, y float64) float64 { return (x - dotX) / (dotY * math.Tan(math.Pi/6)) },
			func(x, y float64) float64 { return (y - dotY) / 100 }},
		"translate": {RandomAffine{Translate: 0.15},
			func(x, y float64) float64 { return (x - dotX) / (0.15 * size) },
			func(x, y float64) float64 { return 0 }},
	} {
		lowest, highest := 1.0, -1.0
		for seed := range uint64(200) {
			x, y := centre(c.a.Apply(rand.New(philox.NewSource(seed)), Sample{Image: im}).Image)
			lowest, highest = min(lowest, c.effect(x, y)), max(highest, c.effect(x, y))
			if math.Abs(c.still(x, y)) > 0.02 {
				t.Fatalf("%s moves the dot to (%.1f, %.1f)", name, x, y)
			}
		}
		if lowest < -1.03 || lowest > -0.9 || highest < 0.9 || highest > 1.03 {
			t.Errorf("%s: effects from %.2f to %.2f of the range, expected -1 to 1", name, lowest, highest)
		}
	}
}

// centre returns the centre of mass, from the middle of the image.
func centre(im Image) (x, y float64) {
	var sum float64
	for i, p := range im.Pix {
		sum += float64(p)
		x += float64(p) * float64(i%im.W-im.W/2)
		y += float64(p) * float64(i/im.W-im.H/2)
	}
	return x / sum, y / sum
}

func BenchmarkRandomAffine(b *testing.B) {
	im := NewImage(1, 28, 28)
	r := rand.New(philox.NewSource(1))
	a := RandomAffine{Degrees: 10, Scale: 0.1, Shear: 5, Translate: 0.1}
	for b.Loop() {
		a.Apply(r, Sample{Image: im})
	}
}
