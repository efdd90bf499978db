package data

import (
	"bytes"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// gradient is a colour image that starts at a point other than (0, 0), as images may.
func gradient(w, h int) *image.NRGBA {
	im := image.NewNRGBA(image.Rect(3, 5, 3+w, 5+h))
	for y := range h {
		for x := range w {
			im.SetNRGBA(3+x, 5+y, color.NRGBA{uint8(10 * x), uint8(10 * y), 99, 255})
		}
	}
	return im
}

func TestFromImageSameSize(t *testing.T) {
	src := gradient(4, 3)
	rgb, grey := FromImage(src, 3, 3, 4), FromImage(src, 1, 3, 4)
	if rgb.C != 3 || rgb.H != 3 || rgb.W != 4 || len(rgb.Pix) != 36 || len(grey.Pix) != 12 {
		t.Fatalf("%v, %v", rgb, grey)
	}
	for y := range 3 {
		for x := range 4 {
			want := src.NRGBAAt(3+x, 5+y)
			if pixel(rgb, 0, y, x) != want.R || pixel(rgb, 1, y, x) != want.G || pixel(rgb, 2, y, x) != want.B {
				t.Errorf("pixel (%d, %d) differs from %v", x, y, want)
			}
			if g := color.GrayModel.Convert(want).(color.Gray).Y; pixel(grey, 0, y, x) != g {
				t.Errorf("grey (%d, %d) is %d, want %d", x, y, pixel(grey, 0, y, x), g)
			}
		}
	}
}

// TestGreyIsExact sees that each grey comes through as it is: images of MNIST, saved and loaded, must not change.
func TestGreyIsExact(t *testing.T) {
	src := image.NewGray(image.Rect(0, 0, 16, 16))
	for i := range src.Pix {
		src.Pix[i] = uint8(i)
	}
	if got := FromImage(src, 1, 16, 16); !slices.Equal(got.Pix, src.Pix) {
		t.Error("greys changed")
	}
}

func TestTransparencyIsWhite(t *testing.T) {
	src := image.NewNRGBA(image.Rect(0, 0, 3, 1))
	src.SetNRGBA(1, 0, color.NRGBA{0, 0, 0, 255})
	src.SetNRGBA(2, 0, color.NRGBA{0, 0, 0, 128})
	if got := FromImage(src, 1, 1, 3).Pix; !slices.Equal(got, []uint8{255, 0, 127}) {
		t.Errorf("got %v", got)
	}
	big := image.NewNRGBA(image.Rect(0, 0, 40, 40)) // the same when resized
	if got := FromImage(big, 3, 2, 2).Pix; slices.Min(got) != 255 {
		t.Errorf("got %v", got)
	}
}

// TestFrames compares sizes and offsets with those of torchvision's Resize and CenterCrop.
func TestFrames(t *testing.T) {
	for _, c := range []struct {
		w, h int
		fit  Fit
		want frame
	}{
		{500, 375, Fit{H: 224, W: 224, Resize: 256}, frame{341, 256, 58, 16, 224, 224}},
		{375, 500, Fit{H: 224, W: 224, Resize: 256}, frame{256, 341, 16, 58, 224, 224}},
		{60, 20, Fit{H: 10, W: 10}, frame{30, 10, 10, 0, 10, 10}},
		{60, 30, Fit{H: 10, W: 20}, frame{20, 10, 0, 0, 20, 10}},
		{30, 30, Fit{H: 10, W: 5}, frame{10, 10, 2, 0, 5, 10}}, // (10 - 5) / 2 is rounded to the even number
		{31, 30, Fit{H: 10, W: 7}, frame{10, 10, 2, 0, 7, 10}},
		{4, 2, Fit{H: 2, W: 2}, frame{4, 2, 1, 0, 2, 2}},
		{500, 375, Fit{Resize: 256, Whole: true}, frame{341, 256, 0, 0, 341, 256}},
		{5000, 1, Fit{H: 7, W: 9}, frame{35000, 7, 17496, 0, 9, 7}},
	} {
		if got := c.fit.frame(c.w, c.h); got != c.want {
			t.Errorf("%d x %d, %+v: %+v, want %+v", c.w, c.h, c.fit, got, c.want)
		}
	}
}

// TestThinLineSurvives shrinks a line one pixel wide to a tenth: its ink must not get lost.
func TestThinLineSurvives(t *testing.T) {
	for x := range 20 {
		src := image.NewGray(image.Rect(0, 0, 200, 200))
		for y := range 200 {
			src.SetGray(90+x, y, color.Gray{Y: 255})
		}
		sum := 0
		for _, p := range FromImage(src, 1, 20, 20).Pix {
			sum += int(p)
		}
		if want := 255 * 200 / 100; sum < want*8/10 || sum > want*12/10 {
			t.Errorf("line at %d: ink %d, expected %d", x, sum, want)
		}
	}
}

func TestExtremeProportions(t *testing.T) {
	for _, b := range []image.Rectangle{image.Rect(0, 0, 5000, 1), image.Rect(0, 0, 1, 5000), image.Rect(0, 0, 1, 1)} {
		if im := FromImage(image.NewGray(b), 3, 7, 9); len(im.Pix) != 3*7*9 {
			t.Errorf("%v: %d bytes", b, len(im.Pix))
		}
	}
}

func TestDecodeFormats(t *testing.T) {
	src := gradient(8, 8)
	for name, encode := range map[string]func(*bytes.Buffer) error{
		"png":  func(b *bytes.Buffer) error { return png.Encode(b, src) },
		"jpeg": func(b *bytes.Buffer) error { return jpeg.Encode(b, src, &jpeg.Options{Quality: 100}) },
		"tiff": func(b *bytes.Buffer) error { return tiff.Encode(b, src, nil) },
		"gif":  func(b *bytes.Buffer) error { return gif.Encode(b, src, nil) },
		"bmp":  func(b *bytes.Buffer) error { return bmp.Encode(b, src) },
		"webp": func(b *bytes.Buffer) error { _, err := b.WriteString(webp1x1); return err },
		"pgm":  func(b *bytes.Buffer) error { _, err := b.WriteString("P2 1 1 9 9"); return err },
	} {
		var b bytes.Buffer
		if err := encode(&b); err != nil {
			t.Fatal(err)
		}
		im, err := Decode(&b, 64)
		if err != nil || im.Bounds().Empty() {
			t.Errorf("%s: %v", name, err)
		}
		if b.Reset(); encode(&b) != nil {
			t.Fatal(name)
		}
		half := b.Bytes()[:b.Len()/2]
		if _, err := Decode(bytes.NewReader(half), 64); err == nil {
			t.Errorf("%s: half the file, and nothing said", name)
		}
		if name == "webp" || name == "pgm" {
			continue
		}
		if _, err := Decode(&b, 63); err == nil || !strings.HasPrefix(err.Error(), "image of 8 x 8 pixels") {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

// webp1x1 is a lossless WebP of one pixel.
const webp1x1 = "RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"
