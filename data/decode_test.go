package data

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testFile returns a file of testdata.
func testFile(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

func TestReadLimits(t *testing.T) {
	file := testFile(t, "420.jpg") // 37 x 27
	small := Fit{C: 3, H: 8, W: 8}
	for _, c := range []struct {
		content   []byte
		fit       Fit
		maxPixels int
		want      string
	}{
		{file, small, 37*27 - 1, "image of 37 x 27 pixels, at most 998 are allowed"},
		{file, Fit{C: 3, H: 100, W: 100}, 1000, "image of 37 x 27 pixels, which would become one of 100 x 100, at most 1000 are allowed"},
		{append(file, make([]byte, 2<<20)...), small, 1000, "file of more than 1064576 bytes"},
		{file, Fit{C: 2, H: 8, W: 8}, 0, "images of 2 planes asked for, expected 1 or 3"},
		{file, Fit{C: 1, Whole: true}, 0, "smaller side of 0 pixels"},
		{file, Fit{C: 1, H: 8, W: 8, Resize: 7}, 0, "after resizing to 7, which is less"},
		{nil, small, 0, "an empty file"},
		{file[:len(file)/2], small, 0, "jpeg: truncated"},
		{testFile(t, "rgb.png")[:900], small, 0, "png: invalid format: not enough pixel data"},
	} {
		if _, err := Read(bytes.NewReader(c.content), c.fit, c.maxPixels); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v\nwant  %s", err, c.want)
		}
	}
}

// TestOrientationTags reads tags that are damaged, or where they should not be.
func TestOrientationTags(t *testing.T) {
	good := "II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00"
	for tiff, want := range map[string]orientation{
		good: 6,
		"MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x08\x00\x00": 8,
		"": upright, good[:7]: upright, good[:9]: upright, good[:21]: upright,
		strings.Replace(good, "\x06", "\x09", 1):         upright,
		strings.Replace(good, "\x08", "\xff", 1):         upright,
		"XX" + good[2:]:                                  upright,
		strings.Replace(good, "\x01\x00", "\xff\xff", 1): 6, // more entries than there are
	} {
		if got := orientationOf([]byte(tiff)); got != want {
			t.Errorf("%q: %d, want %d", tiff, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	paths, _ := filepath.Glob("testdata/*.*")
	for _, path := range paths {
		if name := filepath.Base(path); !strings.HasPrefix(name, "photo") && !strings.HasSuffix(name, ".py") {
			f.Add(testFile(f, name))
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		const maxPixels = 1 << 16
		fit := Fit{C: 3, H: 5, W: 7, Resize: 6}
		im, err := Read(bytes.NewReader(file), fit, maxPixels)
		if err != nil {
			return
		}
		if im.C != 3 || im.H != 5 || im.W != 7 || len(im.Pix) != 3*5*7 {
			t.Errorf("%d x %d x %d with %d bytes", im.C, im.H, im.W, len(im.Pix))
		}
		if _, err := Decode(bytes.NewReader(file), maxPixels); err != nil {
			t.Errorf("Read reads it, but Decode says %v", err)
		}
	})
}
