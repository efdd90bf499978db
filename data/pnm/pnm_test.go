package pnm

import (
	"bytes"
	"image"
	"image/color"
	"runtime"
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	grey := func(y ...uint8) (c []color.Color) {
		for _, v := range y {
			c = append(c, color.Gray{Y: v})
		}
		return c
	}
	for file, want := range map[string][]color.Color{
		"P2\n# a comment\n2 1 # another\n255\n0 255": grey(0, 255),
		"P2 2 1 3 1 2\n":                              grey(85, 170),
		"P5 2 1 255\n\x00\x80":                        grey(0, 128),
		"P5 2 1 255\n\n#":                             grey(10, 35), // data that look like space and comment
		"P5 2 1 100 \x00\x32":                         grey(0, 128),
		"P5 2 1 65535 \x12\x34\xff\xff":               {color.Gray16{Y: 0x1234}, color.Gray16{Y: 0xffff}},
		"P5 2 1 256 \x00\x80\x01\x00":                 {color.Gray16{Y: 0x8000}, color.Gray16{Y: 0xffff}},
		"P3 2 1 255 1 2 3 4 5 6":                      {color.RGBA{1, 2, 3, 255}, color.RGBA{4, 5, 6, 255}},
		"P6 2 1 255 \x01\x02\x03\x04\x05\x06":         {color.RGBA{1, 2, 3, 255}, color.RGBA{4, 5, 6, 255}},
		"P3 1 1 1000 0 500 1000":                      {color.RGBA64{0, 32768, 65535, 65535}},
		"P6 1 1 65535 \x01\x02\x03\x04\x05\x06":       {color.RGBA64{0x102, 0x304, 0x506, 65535}},
		"P6\t1\r\n1\v255\f\x01\x02\x03 and the rest.": {color.RGBA{1, 2, 3, 255}},
	} {
		im, format, err := image.Decode(strings.NewReader(file))
		if err != nil || format != "pnm" {
			t.Errorf("%q: format %q, error %v", file, format, err)
			continue
		}
		config, _, err := image.DecodeConfig(strings.NewReader(file))
		if err != nil || config.Width != len(want) || config.Height != 1 || config.ColorModel != im.ColorModel() {
			t.Errorf("%q: config %v, error %v", file, config, err)
		}
		for x, c := range want {
			if got := im.At(x, 0); got != c {
				t.Errorf("%q: pixel %d is %v, want %v", file, x, got, c)
			}
		}
	}
}

func TestTwoRows(t *testing.T) {
	im, err := Decode(strings.NewReader("P6 1 2 255 abcdef"))
	if err != nil || im.At(0, 1) != (color.RGBA{'d', 'e', 'f', 255}) {
		t.Errorf("%v, %v", im, err)
	}
}

func TestBadFiles(t *testing.T) {
	for file, want := range map[string]string{
		"":                       "truncated",
		"P4 1 1 1 ":              `begins with "P4"`,
		"P2":                     "truncated",
		"P2 2 2":                 "truncated",
		"P2 2 2 255 1 2 3":       "truncated after 3 of 4 values",
		"P6 2 2 255 abc":         "truncated after 3 of 12 values",
		"P5 1 2 256 \x00bc":      "truncated after 1 of 2 values",
		"P2 -2 2 255 1":          `found '-', expected a number`,
		"P2 2x 2 255 1":          `found 'x', expected a number`,
		"P2 0 2 255 1":           "0 x 2 pixels",
		"P2 1 1 0 0":             "largest value 0",
		"P2 1 1 65536 0":         "largest value 65536",
		"P2 1 1 100 101":         "value 101, above",
		"P5 100000 100000 255 a": "100000 x 100000 pixels",
		"P5 99999999999999 1 1 ": "number above",
	} {
		if _, err := Decode(strings.NewReader(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", file, err, want)
		}
	}
}

// TestAllocationIsBounded gives headers that promise many pixels.
func TestAllocationIsBounded(t *testing.T) {
	for _, file := range []string{"P5 8192 8192 255 ab", "P6 4096 4096 65535 ab", "P3 8192 8192 255 1 2 3"} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := Decode(strings.NewReader(file)); err == nil || !strings.Contains(err.Error(), "truncated after") {
			t.Errorf("%q: error %v", file, err)
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<18 {
			t.Errorf("%q: %d bytes allocated", file, n)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte("P2 2 1 3 1 2\n"))
	f.Add([]byte("P6 1 1 65535 \x01\x02\x03\x04\x05\x06"))
	f.Fuzz(func(t *testing.T, b []byte) {
		im, err := Decode(bytes.NewReader(b))
		if err != nil {
			return
		}
		config, err := DecodeConfig(bytes.NewReader(b))
		if err != nil || im.Bounds().Dx() != config.Width || im.Bounds().Dy() != config.Height {
			t.Errorf("image of %v, config %v, %v", im.Bounds(), config, err)
		}
		im.At(config.Width-1, config.Height-1)
	})
}
