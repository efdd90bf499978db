package data

import (
	"math"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/lince-ml/lince/internal/philox"
)

// disc returns a sample with a disc, its shape given as a polygon of many corners and as a mask.
func disc(x, y, r float64) Sample {
	const side = 80
	var polygon []float32
	for i := range 60 {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / 60)
		polygon = append(polygon, float32(x+r*cos), float32(y+r*sin))
	}
	s := Sample{Image: NewImage(1, side, side), Label: -1}
	b := Box{X0: float32(x - r), Y0: float32(y - r), X1: float32(x + r), Y1: float32(y + r), Shape: &Shape{Polygons: [][]float32{polygon}}}
	masked := b
	masked.Shape = &Shape{Mask: b.Shape.Raster(side, side)}
	s.Boxes = []Box{b, masked}
	return s
}

// TestBoxesFollowShapes turns and cuts a disc: its box stays around what is left of it, where that of corners alone would be too large.
func TestBoxesFollowShapes(t *testing.T) {
	s := disc(40, 40, 20)
	for name, c := range map[string]struct {
		f    Transform
		want Box
	}{
		"turned":   {func(_ *rand.Rand, s Sample) Sample { return s.warped(rotation(45, 80, 80)) }, Box{X0: 20, Y0: 20, X1: 60, Y1: 60}},
		"cut":      {Crop(0, 50, 80, 30), Box{X0: 0, Y0: 40 - 17.32, X1: 10, Y1: 40 + 17.32}},
		"smaller":  {Resize(40, 60), Box{X0: 15, Y0: 10, X1: 45, Y1: 30}},
		"mirrored": {Compose(Crop(0, 10, 80, 70), Flip()), Box{X0: 20, Y0: 20, X1: 60, Y1: 60}},
	} {
		boxes := c.f(nil, s).Boxes
		if len(boxes) != 2 {
			t.Errorf("%s: %d boxes, want 2", name, len(boxes))
		}
		for i, b := range boxes {
			if !nearBox(b, c.want, 1.01) {
				t.Errorf("%s: box %d is %v, want %v", name, i, b, c.want)
			}
		}
	}
	s.Boxes[0].X0, s.Boxes[1].X0 = 0, 0 // nothing of the thing is left of 20
	if boxes := Crop(0, 0, 80, 19)(nil, s).Boxes; len(boxes) != 0 {
		t.Errorf("boxes without thing: %v", boxes)
	}
}

// TestClipped compares the area of clipped polygons with the pixels that are in the image.
func TestClipped(t *testing.T) {
	r := rand.New(philox.NewSource(1))
	for range 300 {
		n := 3 + r.IntN(6)
		p := make([]float32, 2*n)
		for i := range p {
			p[i] = float32(120*r.Float64() - 40)
		}
		whole := (&Shape{Polygons: [][]float32{p}}).Raster(40, 50)
		part := clipped(p, 40, 50)
		for i := 0; i < len(part); i += 2 {
			if x, y := part[i], part[i+1]; x < 0 || x > 50 || y < 0 || y > 40 {
				t.Fatalf("corner (%v, %v) of %v is outside", x, y, part)
			}
		}
		differ := 0
		for i, v := range (&Shape{Polygons: [][]float32{part}}).Raster(40, 50).Pix {
			if v != whole.Pix[i] {
				differ++
			}
		}
		if differ > 3 { // pixels whose middle an edge hits
			t.Fatalf("%d pixels of %v differ after clipping to %v", differ, p, part)
		}
	}
	if p := clipped([]float32{-5, -5, -1, -5, -1, -1}, 10, 10); len(p) != 0 {
		t.Errorf("a polygon outside of the image leaves %v", p)
	}
	inside := []float32{1, 1, 5, 1, 5, 5}
	if p := clipped(inside, 10, 10); !reflect.DeepEqual(p, inside) {
		t.Errorf("a polygon inside of the image becomes %v", p)
	}
}
