package jpeg

import (
	"bytes"
	"image"
	"image/color"
	stdjpeg "image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// read returns a file of ../testdata, which testdata/make.py made with Pillow; what Pillow reads from each is compared in package data.
func read(tb testing.TB, name string) []byte {
	tb.Helper()
	b, err := os.ReadFile(filepath.Join("..", "testdata", name))
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// decode decodes all of file.
func decode(file []byte, opt Options) (*Picture, error) {
	d, err := Open(file)
	if err != nil {
		return nil, err
	}
	return d.Decode(opt)
}

// samples returns the samples of a plane without the margin.
func (p Plane) samples() []byte {
	var all []byte
	for y := range p.H {
		all = append(all, p.Pix[y*p.Stride:][:p.W]...)
	}
	return all
}

func TestConstants(t *testing.T) {
	c := func(n float64) float64 { return math.Sqrt2 * math.Cos(n*math.Pi/16) }
	cos := func(n float64) float64 { return math.Cos(n * math.Pi / 16) }
	sin := func(n float64) float64 { return math.Sin(n * math.Pi / 16) }
	for i, v := range []struct {
		got  int32
		want float64
	}{
		{pair1a, c(1) * cos(2)}, {pair1b, c(1) * cos(6)}, {pair3a, c(3) * cos(6)}, {pair3b, c(3) * cos(2)},
		{pair5a, math.Sqrt2 * sin(3) * cos(6)}, {pair5b, math.Sqrt2 * sin(3) * cos(2)}, {pair7a, math.Sqrt2 * sin(1) * cos(2)},
		{pair7b, math.Sqrt2 * sin(1) * cos(6)}, {pair2, cos(2)}, {pair6, sin(2)},
		{quad1, cos(1) * cos(2)}, {quad3, -cos(3) * sin(2)}, {quad5, sin(3) * sin(2)}, {quad7, -sin(1) * cos(2)},
	} {
		if want := int32(math.Round(v.want * (1 << factorBits))); v.got != want {
			t.Errorf("constant %d is %d, want %d", i, v.got, want)
		}
	}
}

// waves[x][u] is the value at sample x of the wave with frequency u.
var waves = func() (w [8][8]float64) {
	for x := range 8 {
		for u := range 8 {
			w[x][u] = math.Cos(float64(2*x+1)*float64(u)*math.Pi/16) / 2
		}
		w[x][0] = math.Sqrt(1. / 8)
	}
	return w
}()

// inverse is the transform of T.81, A.3.3, and the average over parts of 8/n x 8/n of its results.
func inverse(coefs *[64]int16, n int) (out [64]float64) {
	for y := range 8 {
		for x := range 8 {
			sum := 128.0
			for v := range 8 {
				for u := range 8 {
					sum += waves[x][u] * waves[y][v] * float64(coefs[8*v+u])
				}
			}
			out[y*n/8*n+x*n/8] += sum * float64(n*n) / 64
		}
	}
	return out
}

// TestTransforms compares with the definition, for blocks like those of photographs, some with few coefficients, and with large ones.
func TestTransforms(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for round := range 1000 {
		var coefs [64]int16
		last, filled := 0, 1+r.IntN(64)
		for k := range filled {
			if r.IntN(3) > 0 {
				coefs[zigzag[k]] = int16(r.NormFloat64() * 400 / float64(1+k))
				if round%10 == 0 {
					coefs[zigzag[k]] = int16(r.IntN(2048) - 1024)
				}
				if coefs[zigzag[k]] != 0 {
					last = k
				}
			}
		}
		for _, n := range []int{8, 4, 2, 1} {
			c := component{size: n, stride: n, pix: make([]byte, n*n)}
			c.transform(&coefs, last, 0, 0)
			want := inverse(&coefs, n)
			for i, v := range c.pix {
				if w := min(max(want[i], 0), 255); math.Abs(float64(v)-w) > 1 {
					t.Fatalf("round %d, size %d: sample %d is %d, want %.2f", round, n, i, v, w)
				}
			}
		}
	}
}

// TestProgressive compares files of the same coefficients, coded in one scan and in many.
func TestProgressive(t *testing.T) {
	for _, name := range []string{"444", "422", "420", "411", "grey"} {
		for _, scale := range []int{1, 2, 4, 8} {
			want, err := decode(read(t, name+".jpg"), Options{Scale: scale})
			if err != nil {
				t.Fatal(err)
			}
			got, err := decode(read(t, name+"-progressive.jpg"), Options{Scale: scale})
			if err != nil {
				t.Fatal(err)
			}
			for i := range want.Planes {
				if !bytes.Equal(got.Planes[i].samples(), want.Planes[i].samples()) {
					t.Errorf("%s at 1/%d: plane %d differs", name, scale, i)
				}
			}
		}
	}
}

// TestScales sees that a picture of a smaller scale is the average of the pixels that each of its samples stands for.
func TestScales(t *testing.T) {
	for _, name := range []string{"444.jpg", "420.jpg", "411.jpg", "grey.jpg"} {
		full, err := decode(read(t, name), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, scale := range []int{2, 4, 8} {
			p, err := decode(read(t, name), Options{Scale: scale})
			if err != nil {
				t.Fatal(err)
			}
			if p.W != ceilDiv(37, scale) || p.H != ceilDiv(27, scale) {
				t.Errorf("%s at 1/%d: %d x %d pixels", name, scale, p.W, p.H)
			}
			for i, plane := range p.Planes {
				by := scale * plane.SubX / full.Planes[i].SubX // samples in each direction that became one
				for y := range plane.H {
					for x := range plane.W {
						sum := 0
						for v := range by {
							for u := range by {
								sum += int(full.Planes[i].Pix[(y*by+v)*full.Planes[i].Stride+x*by+u])
							}
						}
						if d := float64(sum)/float64(by*by) - float64(plane.Pix[y*plane.Stride+x]); math.Abs(d) > 2 { // full samples are cut off at 0 and 255
							t.Fatalf("%s at 1/%d: plane %d, sample (%d, %d) is off by %.1f", name, scale, i, x, y, d)
						}
					}
				}
			}
		}
	}
}

// TestWindow sees that the pixels of a window, with those around that interpolation needs, are those of the whole picture.
func TestWindow(t *testing.T) {
	for _, name := range []string{"444.jpg", "420.jpg", "411-progressive.jpg"} {
		for _, scale := range []int{1, 2} {
			full, err := decode(read(t, name), Options{Scale: scale})
			if err != nil {
				t.Fatal(err)
			}
			for x := range full.W {
				for y := range full.H {
					window := image.Rect(x, y, min(x+3, full.W), min(y+2, full.H))
					part, err := decode(read(t, name), Options{Scale: scale, Window: window})
					if err != nil {
						t.Fatal(err)
					}
					for i, p := range part.Planes {
						x0, x1 := max(0, window.Min.X/p.SubX-1), min(p.W, ceilDiv(window.Max.X, p.SubX)+1)
						for v := max(0, window.Min.Y/p.SubY-1); v < min(p.H, ceilDiv(window.Max.Y, p.SubY)+1); v++ {
							if !bytes.Equal(p.Pix[v*p.Stride+x0:v*p.Stride+x1], full.Planes[i].Pix[v*p.Stride+x0:v*p.Stride+x1]) {
								t.Fatalf("%s at 1/%d: window %v, plane %d, row %d", name, scale, window, i, v)
							}
						}
					}
					part.Release()
				}
			}
		}
	}
}

// TestStandard compares the planes with those of image/jpeg, for tables that its encoder makes.
func TestStandard(t *testing.T) {
	im := image.NewRGBA(image.Rect(0, 0, 101, 67))
	r := rand.New(rand.NewPCG(5, 6))
	for y := range 67 {
		for x := range 101 {
			im.Set(x, y, color.RGBA{uint8(2 * x), uint8(3*y + r.IntN(20)), uint8(x ^ y), 255})
		}
	}
	for _, quality := range []int{1, 50, 100} {
		var b bytes.Buffer
		if err := stdjpeg.Encode(&b, im, &stdjpeg.Options{Quality: quality}); err != nil {
			t.Fatal(err)
		}
		want, err := stdjpeg.Decode(bytes.NewReader(b.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		got, err := decode(b.Bytes(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		std := want.(*image.YCbCr)
		for y := range 67 {
			for x := range 101 {
				for i, w := range []byte{std.Y[std.YOffset(x, y)], std.Cb[std.COffset(x, y)], std.Cr[std.COffset(x, y)]} {
					p := got.Planes[i]
					if d := int(p.Pix[y/p.SubY*p.Stride+x/p.SubX]) - int(w); d < -1 || d > 1 {
						t.Fatalf("quality %d, plane %d, pixel (%d, %d): off by %d", quality, i, x, y, d)
					}
				}
			}
		}
	}
}

func TestTruncated(t *testing.T) {
	for _, name := range []string{"420.jpg", "420-progressive.jpg", "restart.jpg", "cmyk.jpg"} {
		file := read(t, name)
		for n := range len(file) - 2 {
			p, err := decode(file[:n], Options{})
			if err != nil {
				continue
			}
			// The last bytes before the end marker may be padding.
			if want, _ := decode(file, Options{}); n < len(file)-4 || !slices.Equal(p.Planes[0].samples(), want.Planes[0].samples()) {
				t.Errorf("%s: %d of %d bytes, and nothing said", name, n, len(file))
			}
		}
		if p, err := decode(append(slices.Clone(file), "what follows does not matter"...), Options{}); err != nil || p == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// with returns file with the bytes from offset at on, counted from the first place where mark stands, replaced.
func with(t *testing.T, file []byte, mark string, at int, replacement ...byte) []byte {
	t.Helper()
	file = slices.Clone(file)
	start := bytes.Index(file, []byte(mark))
	if start < 0 {
		t.Fatalf("no %q", mark)
	}
	copy(file[start+at:], replacement)
	return file
}

func TestErrors(t *testing.T) {
	file, progressive := read(t, "420.jpg"), read(t, "420-progressive.jpg")
	restart := read(t, "restart.jpg")
	for want, bad := range map[string][]byte{
		"expected one that begins with FF D8 FF":          []byte("GIF"),
		"12 bits per sample, expected 8":                  with(t, file, "\xff\xc0", 4, 12),
		"arithmetic coding, expected baseline":            with(t, file, "\xff\xc0", 1, 0xc9),
		"lossless, expected baseline":                     with(t, file, "\xff\xc0", 1, 0xc3),
		"the height is given behind the image":            with(t, file, "\xff\xc0", 5, 0, 0),
		"image without pixels":                            with(t, file, "\xff\xc0", 7, 0, 0),
		"too few for 60000 x 60000 pixels":                with(t, file, "\xff\xc0", 5, 0xea, 0x60, 0xea, 0x60),
		"2 components":                                    slices.Concat(file[:bytes.Index(file, []byte("\xff\xc0"))], []byte("\xff\xc0\x00\x0e\x08\x00\x10\x00\x10\x02\x01\x11\x00\x02\x11\x00")),
		"sampling 0x2":                                    with(t, file, "\xff\xc0", 11, 0x02),
		"expected whole ratios":                           with(t, file, "\xff\xc0", 11, 0x31, 0, 2, 0x21),
		"two components are called 1":                     with(t, file, "\xff\xc0", 13, 1),
		"without its quantisation table 3":                with(t, file, "\xff\xc0", 12, 3),
		"scan of component 9, which there is not":         with(t, file, "\xff\xda", 5, 9),
		"scan with component 1 twice":                     with(t, file, "\xff\xda", 7, 1),
		"without its Huffman tables":                      with(t, file, "\xff\xda", 6, 0x33),
		"scan of coefficients 5 to 3":                     with(t, progressive, "\xff\xda\x00\x08", 7, 5, 3),
		"Huffman table with more codes than there can be": with(t, file, "\xff\xc4", 5, 3, 1, 2),
		"expected restart FF D0":                          with(t, restart, "\xff\xd0", 1, 0xd5),
		"marker FF D9 within the image data":              with(t, file, "\xff\xda", 40, 0xff, 0xd9),
		"segment FF DB of 1 bytes":                        with(t, file, "\xff\xdb", 2, 0, 1),
		"no frame header before the image data":           []byte("\xff\xd8\xff\xd9"),
		"the file ends before all components have come":   slices.Concat(progressive[:bytes.Index(progressive, []byte("\xff\xda"))], []byte("\xff\xd9")),
	} {
		if _, err := decode(bad, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v\nwant  %s", err, want)
		}
	}
	if _, err := decode(file, Options{Scale: 3}); err == nil || !strings.Contains(err.Error(), "expected 1, 2, 4 or 8") {
		t.Errorf("error %v", err)
	}
}

// TestScans bounds the work of a file that repeats a scan.
func TestScans(t *testing.T) {
	file := read(t, "420-progressive.jpg")
	first := bytes.Index(file, []byte("\xff\xda"))
	next := first + 2 + bytes.Index(file[first+2:], []byte("\xff\xc4"))
	bad := slices.Concat(file[:first], bytes.Repeat(file[first:next], maxScans+1))
	if _, err := decode(bad, Options{}); err == nil || err.Error() != "jpeg: more than 100 scans" {
		t.Errorf("error %v", err)
	}
}

// TestSharing sees that pictures whose memory is used again do not show through, and that decoding in several goroutines is safe.
func TestSharing(t *testing.T) {
	names := []string{"444.jpg", "420-progressive.jpg", "grey.jpg", "cmyk.jpg"}
	var want [][]byte
	for _, name := range names {
		p, err := decode(read(t, name), Options{})
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, slices.Clone(p.Planes[0].samples()))
	}
	done := make(chan bool)
	for g := range 4 {
		go func() {
			defer func() { done <- true }()
			for i := range 200 {
				k := (g + i) % len(names)
				p, err := decode(read(t, names[k]), Options{})
				if err != nil || !bytes.Equal(p.Planes[0].samples(), want[k]) {
					t.Errorf("%s: %v, or other samples", names[k], err)
					return
				}
				p.Release()
			}
		}()
	}
	for range 4 {
		<-done
	}
}

func FuzzDecode(f *testing.F) {
	paths, _ := filepath.Glob("../testdata/*.jpg")
	for _, path := range paths {
		if filepath.Base(path) != "photo.jpg" {
			f.Add(read(f, filepath.Base(path)), uint8(1))
		}
	}
	f.Fuzz(func(t *testing.T, file []byte, scale uint8) {
		d, err := Open(file)
		if err != nil || d.Width*d.Height > 1<<18 {
			return
		}
		p, err := d.Decode(Options{Scale: 1 << (scale % 4)})
		if err != nil {
			return
		}
		for _, plane := range p.Planes {
			if plane.W*plane.SubX < p.W || plane.H*plane.SubY < p.H || len(plane.samples()) != plane.W*plane.H {
				t.Errorf("%+v of %d x %d", plane, p.W, p.H)
			}
		}
		p.Release()
	})
}

func BenchmarkDecode(b *testing.B) {
	file := read(b, "photo.jpg")
	for name, run := range map[string]func() error{
		"full": func() error { return decodeAndRelease(file, 1) },
		"half": func() error { return decodeAndRelease(file, 2) },
		"image-jpeg": func() error {
			_, err := stdjpeg.Decode(bytes.NewReader(file))
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			b.ReportAllocs()
			for b.Loop() {
				if err := run(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func decodeAndRelease(file []byte, scale int) error {
	p, err := decode(file, Options{Scale: scale})
	if err == nil {
		p.Release()
	}
	return err
}
