package data

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/lince-ml/lince/internal/philox"
)

// all are the transforms with random numbers and without, each with settings at which it does something.
var all = map[string]Transform{
	"affine":           RandomAffine{Degrees: 30, Scale: 0.3, Shear: 15, Translate: 0.2}.Apply,
	"perspective":      RandomPerspective{Distortion: 0.6, P: 1}.Apply,
	"crop":             RandomCrop(40, 30, 5, Black),
	"crop, reflect":    RandomCrop(40, 30, 5, Reflect),
	"center crop":      CenterCrop(30, 71),
	"pad":              Pad(4, Black),
	"shift":            RandomShift(9, Black),
	"flip":             RandomFlip(),
	"alternating flip": AlternatingFlip(1),
	"vertical flip":    RandomVerticalFlip(),
	"resize":           Resize(50, 33),
	"letterbox":        Letterbox(40, 40),
	"resized crop":     RandomResizedCrop{H: 32, W: 40, Scale: [2]float64{0.3, 1}}.Apply,
	"iou crop":         RandomIoUCrop{}.Apply,
	"zoom out":         RandomZoomOut{P: 1, Most: 2}.Apply,
	"random letterbox": RandomLetterbox{H: 50, W: 60, Scale: [2]float64{0.6, 1.8}}.Apply,
	"jitter":           Jitter{0.4, 0.4, 0.4, 0.1}.Apply,
	"grey":             Sometimes(0.5, Grey()),
	"blur":             RandomBlur{[2]float64{0.1, 2}, 0.5}.Apply,
	"erasing":          RandomErasing{P: 0.9}.Apply,
	"cutout":           Cutout(16),
	"randaugment":      RandAugment{2, 15}.Apply,
	"trivialaugment":   TrivialAugment(),
}

// thing returns a dark image with a bright rectangle, which two boxes are around, with a mask and with a polygon, the mask shows, and a point is in the middle of.
func thing() Sample {
	const h, w = 48, 64
	s := Sample{Image: NewImage(3, h, w), Mask: &Mask{h, w, make([]uint16, h*w)}, Label: -1}
	b := Box{Class: 2, X0: 22, Y0: 9, X1: 49, Y1: 30}
	for y := int(b.Y0); y < int(b.Y1); y++ {
		for x := int(b.X0); x < int(b.X1); x++ {
			s.Mask.Pix[y*w+x] = 7
			for c := range 3 {
				s.Image.Pix[(c*h+y)*w+x] = 240
			}
		}
	}
	mask := &Mask{h, w, make([]uint16, h*w)}
	for i, v := range s.Mask.Pix {
		mask.Pix[i] = v / 7
	}
	polygon := b
	b.Shape, polygon.Shape = &Shape{Mask: mask}, &Shape{Polygons: [][]float32{{b.X0, b.Y0, b.X1, b.Y0, b.X1, b.Y1, b.X0, b.Y1}}}
	s.Boxes = []Box{b, polygon}
	s.Points = []Point{{(b.X0 + b.X1) / 2, (b.Y0 + b.Y1) / 2, 2}}
	return s
}

// extent returns the box around the pixels that are in, and their number.
func extent(h, w int, in func(i int) bool) (b Box, n int) {
	x0, y0, x1, y1 := w, h, 0, 0
	for i := range h * w {
		if in(i) {
			x0, y0, x1, y1 = min(x0, i%w), min(y0, i/w), max(x1, i%w+1), max(y1, i/w+1)
			n++
		}
	}
	return Box{Class: 2, X0: float32(x0), Y0: float32(y0), X1: float32(x1), Y1: float32(y1)}, n
}

// TestAllMoveAlike compares where the bright pixels and those of the mask are with the box, and what is at the point.
func TestAllMoveAlike(t *testing.T) {
	for _, name := range []string{
		"affine", "perspective", "crop", "center crop", "pad", "shift", "flip", "alternating flip", "vertical flip", "resize", "letterbox", "resized crop",
		"iou crop", "zoom out", "random letterbox",
	} {
		dropped := 0
		for seed := range uint64(150) {
			s := thing()
			s.Index = int(seed)
			s = all[name](rand.New(philox.NewSource(seed)), s)
			h, w := s.Image.H, s.Image.W
			if s.Mask.H != h || s.Mask.W != w || len(s.Mask.Pix) != h*w {
				t.Fatalf("%s: mask of %dx%d, image of %dx%d", name, s.Mask.H, s.Mask.W, h, w)
			}
			bright, n := extent(h, w, func(i int) bool { return s.Image.Pix[i] > 125 })
			marked, m := extent(h, w, func(i int) bool { return s.Mask.Pix[i] == 7 })
			if math.Abs(float64(n-m)) > 4+0.06*float64(n) {
				t.Fatalf("%s, seed %d: %d bright pixels, %d marked in the mask", name, seed, n, m)
			}
			if len(s.Boxes) == 0 {
				dropped++
				if n > 27*21*2/5 {
					t.Fatalf("%s, seed %d: the box was dropped, but %d of 567 pixels are left", name, seed, n)
				}
				continue
			}
			for what, seen := range map[string]Box{"image": bright, "mask": marked} {
				for _, b := range s.Boxes {
					if !nearBox(seen, b, 1.6) {
						t.Fatalf("%s, seed %d: the box is %v, in the %s %v", name, seed, b, what, seen)
					}
				}
			}
			for k, b := range s.Boxes {
				differ := 0
				for i, v := range b.Shape.Raster(h, w).Pix {
					if (v == 1) != (s.Mask.Pix[i] == 7) {
						differ++
					}
				}
				if differ > k*(6+n/8) { // a mask has the same pixels, a polygon other ones at the edge
					t.Fatalf("%s, seed %d: the shape of box %d differs from the mask in %d of %d pixels", name, seed, k, differ, n)
				}
			}
			if p := s.Points[0]; p.Visible != 0 && s.Mask.Pix[int(p.Y)*w+int(p.X)] != 7 {
				t.Fatalf("%s, seed %d: point (%v, %v) is not in the thing", name, seed, p.X, p.Y)
			} else if inside := p.X >= 0 && p.X < float32(w) && p.Y >= 0 && p.Y < float32(h); inside != (p.Visible == 2) {
				t.Fatalf("%s, seed %d: point (%v, %v) has visibility %d", name, seed, p.X, p.Y, p.Visible)
			}
		}
		if dropped > 75 {
			t.Errorf("%s: nothing tested, the box was dropped %d times", name, dropped)
		}
	}
}

func nearBox(a, b Box, by float64) bool {
	for _, d := range []float32{a.X0 - b.X0, a.Y0 - b.Y0, a.X1 - b.X1, a.Y1 - b.Y1} {
		if math.Abs(float64(d)) > by {
			return false
		}
	}
	return a.Class == b.Class
}

// TestPure sees that the same numbers make the same sample, others another one, and that what goes in stays as it is.
func TestPure(t *testing.T) {
	for name, f := range all {
		different := false
		s, was := thing(), thing()
		for seed := range uint64(20) {
			r := func() *rand.Rand { return rand.New(philox.NewSource(seed)) }
			s.Index, was.Index = int(seed), int(seed)
			a, b := f(r(), s), f(r(), s)
			if !reflect.DeepEqual(a, b) {
				t.Errorf("%s: two results for seed %d", name, seed)
			}
			if !reflect.DeepEqual(s, was) {
				t.Fatalf("%s changes what it gets", name)
			}
			if len(a.Image.Pix) != a.Image.C*a.Image.H*a.Image.W {
				t.Fatalf("%s: %d bytes for %dx%dx%d", name, len(a.Image.Pix), a.Image.C, a.Image.H, a.Image.W)
			}
			different = different || !slices.Equal(a.Image.Pix, s.Image.Pix)
		}
		if !different && name != "grey" { // of which there is nothing else in the image
			t.Errorf("%s never changes anything", name)
		}
	}
}

// TestSmallImages runs everything on images of one pixel and of one row.
func TestSmallImages(t *testing.T) {
	for name, f := range all {
		for _, size := range [][3]int{{1, 1, 1}, {3, 1, 1}, {3, 1, 5}, {1, 5, 1}, {3, 2, 2}} {
			for seed := range uint64(20) {
				s := Sample{Image: NewImage(size[0], size[1], size[2])}
				if out := f(rand.New(philox.NewSource(seed)), s).Image; len(out.Pix) != out.C*out.H*out.W || len(out.Pix) == 0 {
					t.Errorf("%s of %v: %dx%dx%d with %d bytes", name, size, out.C, out.H, out.W, len(out.Pix))
				}
			}
		}
	}
}

func TestTwiceIsNothing(t *testing.T) {
	s := thing()
	s.Points = append(s.Points, Point{1, 2, 1})
	s.Image = noisy(3, 48, 64)
	for name, f := range map[string]Transform{
		"flip": Flip(), "flip, swap": Flip([2]int{0, 1}), "vertical flip": VerticalFlip(), "invert": Invert(),
		"shift": Compose(Pad(5, Black), Shift(3, -4, Black), Shift(-3, 4, Black), CenterCrop(48, 64)),
	} {
		if out := f(nil, f(nil, s)); !reflect.DeepEqual(out, s) {
			t.Errorf("%s twice is not what it was", name)
		}
	}
	if out := Flip([2]int{0, 1})(nil, s); out.Points[0] != (Point{63, 2, 1}) {
		t.Errorf("points after a flip with a swap: %v", out.Points)
	}
}

// noisy returns an image of random pixels.
func noisy(c, h, w int) Image {
	r := rand.New(philox.NewSource(1))
	im := NewImage(c, h, w)
	for i := range im.Pix {
		im.Pix[i] = uint8(r.Uint32())
	}
	return im
}

// TestBoxesAreDropped tries the rule at its edges.
func TestBoxesAreDropped(t *testing.T) {
	for _, c := range []struct {
		box  Box
		want []Box
	}{
		{Box{Class: 1, X0: -30, Y0: 0, X1: 10, Y1: 20}, []Box{{Class: 1, X0: 0, Y0: 0, X1: 10, Y1: 20}}}, // a quarter is left
		{Box{Class: 1, X0: -31, Y0: 0, X1: 10, Y1: 20}, []Box{}},                                         // less
		{Box{Class: 1, X0: 5, Y0: 5, X1: 5.9, Y1: 20}, []Box{}},                                          // less than a pixel wide
		{Box{Class: 1, X0: 90, Y0: -1, X1: 105, Y1: 101}, []Box{{Class: 1, X0: 90, Y0: 0, X1: 100, Y1: 100}}},
		{Box{Class: 1, X0: 200, Y0: 200, X1: 210, Y1: 210}, []Box{}},
		{Box{Class: 1, X0: float32(math.NaN()), Y0: 0, X1: 1, Y1: 1}, []Box{}},
	} {
		s := Sample{Image: NewImage(1, 100, 100), Boxes: []Box{c.box}}
		if s.window(0, 0, 100, 100, Black); !reflect.DeepEqual(s.Boxes, c.want) {
			t.Errorf("%v: %v, want %v", c.box, s.Boxes, c.want)
		}
	}
}

// TestAlternatingFlip sees each image both ways in any two epochs, and about half of them mirrored in each.
func TestAlternatingFlip(t *testing.T) {
	f := AlternatingFlip(3)
	im := Image{1, 1, 2, []uint8{1, 2}}
	mirrored := 0
	for i := range 1000 {
		for epoch := range 4 {
			a := f(nil, Sample{Image: im, Index: i, Epoch: epoch}).Image.Pix
			b := f(nil, Sample{Image: im, Index: i, Epoch: epoch + 1}).Image.Pix
			if a[0] == b[0] {
				t.Fatalf("image %d is the same in epochs %d and %d", i, epoch, epoch+1)
			}
			if epoch == 0 && a[0] == 2 {
				mirrored++
			}
		}
	}
	if mirrored < 450 || mirrored > 550 {
		t.Errorf("%d of 1000 mirrored in epoch 0", mirrored)
	}
}

// TestResizedCropParts sees that shares and proportions are those asked for.
func TestResizedCropParts(t *testing.T) {
	r := rand.New(philox.NewSource(1))
	c := RandomResizedCrop{Scale: [2]float64{0.2, 0.6}, Ratio: [2]float64{0.5, 2}}
	low, high := 1.0, 0.0
	for range 2000 {
		top, left, h, w, ok := c.part(r, 300, 400)
		if !ok {
			t.Fatal("no part fits")
		}
		share, ratio := float64(h*w)/120000, float64(w)/float64(h)
		if top < 0 || left < 0 || top+h > 300 || left+w > 400 || share < 0.19 || share > 0.61 || ratio < 0.49 || ratio > 2.05 {
			t.Fatalf("part of %dx%d at (%d, %d): %.2f of the area, ratio %.2f", h, w, top, left, share, ratio)
		}
		low, high = min(low, share), max(high, share)
	}
	if low > 0.21 || high < 0.59 {
		t.Errorf("shares from %.2f to %.2f", low, high)
	}
	c = RandomResizedCrop{Scale: [2]float64{1, 1}, Ratio: [2]float64{0.75, 1.25}}
	if _, _, _, _, ok := c.part(r, 10, 100); ok {
		t.Error("all of an image is a part that is too wide")
	}
	if top, left, h, w := c.middle(10, 100); top != 0 || left != 43 || h != 10 || w != 13 {
		t.Errorf("an image that is too wide: %d, %d, %d, %d", top, left, h, w)
	}
}

// BenchmarkTransforms counts images per second and allocations.
func BenchmarkTransforms(b *testing.B) {
	some := map[string]Transform{
		"brightness": Brightness(1.2), "contrast": Contrast(1.2), "saturation": Saturation(1.2), "hue": Hue(0.1), "sharpness": Sharpness(1.5),
		"blur": Blur(1), "posterize": Posterize(4), "solarize": Solarize(128), "equalize": Equalize(), "autocontrast": AutoContrast(),
		"invert": Invert(), "grey": Grey(), "jitter": all["jitter"], "affine": all["affine"], "perspective": all["perspective"],
		"flip": Flip(), "vertical flip": VerticalFlip(), "erasing": RandomErasing{P: 1}.Apply, "cutout": Cutout(8),
		"randaugment": RandAugment{2, 9}.Apply, "trivialaugment": TrivialAugment(),
	}
	for _, size := range []int{32, 224} {
		s := Sample{Image: noisy(3, size, size)}
		some["crop"] = RandomCrop(size, size, size/8, Black)
		some["crop, reflect"] = RandomCrop(size, size, size/8, Reflect)
		some["resized crop"] = RandomResizedCrop{H: size, W: size}.Apply
		for name, f := range some {
			b.Run(name+"/"+map[int]string{32: "32", 224: "224"}[size], func(b *testing.B) {
				b.ReportAllocs()
				r := rand.New(philox.NewSource(1))
				for b.Loop() {
					f(r, s)
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "images/s")
			})
		}
	}
}
