package data

import (
	"bytes"
	"image/png"
	"math"
	"reflect"
	"testing"
)

// TestFollow fits a picture with a bright rectangle each way: box, polygon, mask and point stay on the rectangle.
func TestFollow(t *testing.T) {
	s := thing()
	b := s.Boxes[0]
	s.Boxes[0].Shape = &Shape{Polygons: [][]float32{{b.X0, b.Y0, b.X1, b.Y0, b.X1, b.Y1, b.X0, b.Y1}}}
	var file bytes.Buffer
	if err := png.Encode(&file, s.Image.Picture()); err != nil {
		t.Fatal(err)
	}
	for name, fit := range map[string]Fit{
		"cover": {C: 3, H: 40, W: 40}, "cut": {C: 3, H: 30, W: 40, Resize: 34}, "whole": {C: 3, Resize: 96, Whole: true},
		"stretch": {C: 3, H: 90, W: 50, Framing: Stretch}, "contain": {C: 3, H: 50, W: 50, Framing: Contain}, "contain, high": {C: 3, H: 30, W: 99, Framing: Contain},
		"as it is": {C: 3, H: 48, W: 64, Framing: Contain},
	} {
		im, err := Read(bytes.NewReader(file.Bytes()), fit, 0)
		if err != nil {
			t.Fatal(err)
		}
		got := fit.Follow(s, s.Image.W, s.Image.H)
		if got.Mask.H != im.H || got.Mask.W != im.W {
			t.Errorf("%s: mask of %d x %d, image of %d x %d", name, got.Mask.W, got.Mask.H, im.W, im.H)
			continue
		}
		bright, n := extent(im.H, im.W, func(i int) bool { return im.Pix[i] > 120 })
		masked, m := extent(im.H, im.W, func(i int) bool { return got.Mask.Pix[i] == 7 })
		box := got.Boxes[0]
		for what, pair := range map[string][2]Box{"mask": {bright, masked}, "box": {bright, box}} {
			for i, d := range []float32{pair[0].X0 - pair[1].X0, pair[0].Y0 - pair[1].Y0, pair[0].X1 - pair[1].X1, pair[0].Y1 - pair[1].Y1} {
				if math.Abs(float64(d)) > 1 {
					t.Errorf("%s: side %d of the %s is %v away", name, i, what, d)
				}
			}
		}
		if math.Abs(float64(n-m)) > 0.1*float64(n) {
			t.Errorf("%s: %d bright pixels, %d in the mask", name, n, m)
		}
		if p := box.Shape.Polygons[0]; !reflect.DeepEqual([]float32{p[0], p[1], p[4], p[5]}, []float32{box.X0, box.Y0, box.X1, box.Y1}) {
			t.Errorf("%s: polygon %v of the box %v", name, p, box)
		}
		if p := got.Points[0]; p.Visible != 2 || math.Abs(float64(p.X-(box.X0+box.X1)/2)) > 1e-3 {
			t.Errorf("%s: point %v", name, p)
		}
	}
}

// TestContainIsLetterbox compares the fit with the transform.
func TestContainIsLetterbox(t *testing.T) {
	s := thing()
	var file bytes.Buffer
	if err := png.Encode(&file, s.Image.Picture()); err != nil {
		t.Fatal(err)
	}
	fit := Fit{C: 3, H: 37, W: 41, Framing: Contain}
	im, err := Read(bytes.NewReader(file.Bytes()), fit, 0)
	if err != nil {
		t.Fatal(err)
	}
	want, got := Letterbox(37, 41)(nil, s), fit.Follow(s, s.Image.W, s.Image.H)
	if !bytes.Equal(im.Pix, want.Image.Pix) || !reflect.DeepEqual(got.Mask, want.Mask) || !reflect.DeepEqual(got.Points, want.Points) {
		t.Error("the fit differs from the transform")
	}
}

// TestFollowKeepsSmallBoxes has a box that becomes less than a pixel.
func TestFollowKeepsSmallBoxes(t *testing.T) {
	s := Sample{Boxes: []Box{{X0: 10, Y0: 10, X1: 14, Y1: 13}, {X0: 0, Y0: 50, X1: 9, Y1: 99}}}
	if got := (Fit{C: 3, H: 10, W: 10, Framing: Stretch}).Follow(s, 100, 100); len(got.Boxes) != 2 {
		t.Errorf("stretched: %v", got.Boxes)
	}
	if got := (Fit{C: 3, H: 50, W: 100}).Follow(s, 100, 100); len(got.Boxes) != 1 {
		t.Errorf("cut: %v", got.Boxes)
	}
}
