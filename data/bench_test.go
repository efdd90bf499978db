package data

import (
	"bytes"
	"image"
	stdjpeg "image/jpeg"
	"math"
	"math/rand/v2"
	"testing"

	"golang.org/x/image/draw"
)

// photograph returns a JPEG of 500 x 375 pixels and quality 92 with what photographs have: smooth shades, edges, texture and noise, in colour. It has some
// 85 KB.
func photograph(tb testing.TB) []byte {
	tb.Helper()
	const w, h = 500, 375
	r := rand.New(rand.NewPCG(1, 2))
	im := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			u, v := float64(x)/w, float64(y)/h
			level := 120 + 60*math.Sin(5*u+3*v) + 30*math.Cos(9*v-4*u*v) + 14*r.NormFloat64()
			if math.Hypot(u-0.4, v-0.5) < 0.2 || (x/40+y/50)%5 == 0 {
				level -= 70
			}
			tint := 40 * math.Sin(7*u) * math.Cos(6*v)
			for c, d := range [3]float64{tint, 0, -tint} {
				im.Pix[im.PixOffset(x, y)+c] = uint8(min(max(level+d, 0), 255))
			}
			im.Pix[im.PixOffset(x, y)+3] = 255
		}
	}
	var b bytes.Buffer
	if err := stdjpeg.Encode(&b, im, &stdjpeg.Options{Quality: 92}); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// BenchmarkPhotograph compares ways from a file to the input of a network: resize the smaller side to 256, keep the middle 224 x 224.
func BenchmarkPhotograph(b *testing.B) {
	file := photograph(b)
	b.Logf("%d bytes", len(file))
	for _, c := range []struct {
		name string
		run  func() error
	}{
		{"read", func() error {
			_, err := Read(bytes.NewReader(file), Fit{C: 3, H: 224, W: 224, Resize: 256}, 0)
			return err
		}},
		{"read-small", func() error { // decoded at half size
			_, err := Read(bytes.NewReader(file), Fit{C: 3, H: 128, W: 128, Resize: 146}, 0)
			return err
		}},
		{"decode+fit", func() error {
			im, err := Decode(bytes.NewReader(file), 0)
			if err == nil {
				FromMiddle(im, 3, 224, 224, 256)
			}
			return err
		}},
		{"image-jpeg+approx", func() error { return standard(file, draw.ApproxBiLinear) }},
		{"image-jpeg+bilinear", func() error { return standard(file, draw.BiLinear) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := c.run(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}

// standard is what the standard library and golang.org/x/image offer for it.
func standard(file []byte, scaler draw.Scaler) error {
	im, err := stdjpeg.Decode(bytes.NewReader(file))
	if err != nil {
		return err
	}
	dst := image.NewRGBA(image.Rect(0, 0, 341, 256))
	scaler.Scale(dst, dst.Rect, im, im.Bounds(), draw.Src, nil)
	out := NewImage(3, 224, 224)
	for y := range 224 {
		row := dst.Pix[dst.PixOffset(58, 16+y):]
		for x := range 224 {
			for c := range 3 {
				out.Pix[(c*224+y)*224+x] = row[4*x+c]
			}
		}
	}
	return nil
}
