package data

import (
	"bytes"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// golden returns a picture of testdata/want, which testdata/make.py made with Pillow, as planes of red, green and blue.
func golden(t *testing.T, name string) Image {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "want", name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	out := NewImage(3, h, w)
	for i := range h * w {
		r, g, b, _ := img.At(i%w, i/w).RGBA()
		out.Pix[i], out.Pix[h*w+i], out.Pix[2*h*w+i] = uint8(r>>8), uint8(g>>8), uint8(b>>8)
	}
	return out
}

// near checks that no value of got is further than limit from that of want.
func near(t *testing.T, what string, got, want Image, limit int) {
	t.Helper()
	if got.C != want.C || got.H != want.H || got.W != want.W {
		t.Errorf("%s: %d x %d x %d, want %d x %d x %d", what, got.C, got.H, got.W, want.C, want.H, want.W)
		return
	}
	for i, v := range got.Pix {
		if d := int(v) - int(want.Pix[i]); d > limit || d < -limit {
			t.Errorf("%s: plane %d, pixel (%d, %d) is %d, want %d", what, i/(got.H*got.W), i%got.W, i/got.W%got.H, v, want.Pix[i])
			return
		}
	}
}

// TestFormats decodes files of many kinds and compares with what Pillow reads. Colours at full size differ where Pillow's decoder rounds once and we twice.
func TestFormats(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.*")
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, path := range paths {
		name := filepath.Base(path)
		if strings.HasSuffix(name, ".py") || strings.HasSuffix(name, ".json") || strings.HasPrefix(name, "photo.") {
			continue
		}
		want, limit := golden(t, name), 0
		switch {
		case strings.HasPrefix(name, "grey") || strings.HasPrefix(name, "alpha"):
			limit = 1
		case name == "lossy.webp":
			limit = 4 // its colours are brought to the full range first
		case strings.HasSuffix(name, ".jpg"):
			limit = 3
		}
		compared++
		img, err := DecodeFile(path, 0)
		if err != nil {
			t.Error(err)
			continue
		}
		near(t, name, FromImage(img, 3, want.H, want.W), want, limit)
		im, err := ReadFile(path, Fit{C: 3, H: want.H, W: want.W}, 0)
		if err != nil {
			t.Error(err)
			continue
		}
		near(t, "Read "+name, im, FromImage(img, 3, want.H, want.W), 0)
	}
	if compared < 30 {
		t.Errorf("%d files compared", compared)
	}
}

// TestResize compares with Pillow's resizing of the same pixels, and for JPEG with that of pixels which Pillow decoded at the same scale. It
// limits colours to 0 to 255 before it resizes, we after.
func TestResize(t *testing.T) {
	for name, fit := range map[string]Fit{
		"small": {C: 3, H: 40, W: 48, Resize: 56},
		"half":  {C: 3, H: 90, W: 90, Resize: 90},
		"large": {C: 3, H: 200, W: 210, Resize: 300},
		"whole": {C: 3, Resize: 77, Whole: true},
	} {
		for format, limit := range map[string]int{"png": 1, "jpg": 4} {
			im, err := ReadFile("testdata/photo."+format, fit, 0)
			if err != nil {
				t.Fatal(err)
			}
			near(t, format+" "+name, im, golden(t, "photo-"+format+"-"+name), limit)
		}
	}
}
