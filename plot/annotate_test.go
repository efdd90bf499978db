package plot

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math"
	"testing"

	"github.com/lince-ml/lince/data"
)

// scene returns a grey picture of w x h pixels, and a mask of a disc in it.
func scene(w, h int) (*image.RGBA, *data.Mask) {
	img, m := image.NewRGBA(image.Rect(0, 0, w, h)), &data.Mask{H: h, W: w, Pix: make([]uint16, w*h)}
	for i := range w * h {
		x, y := i%w, i/w
		img.SetRGBA(x, y, color.RGBA{uint8(90 + x*60/w), 120, uint8(90 + y*60/h), 255})
		if math.Hypot(float64(x-w/2), float64(y-h/2)) < float64(min(w, h))/5 {
			m.Pix[i] = 1
		}
	}
	return img, m
}

func TestAnnotate(t *testing.T) {
	img, m := scene(320, 240)
	before := bytes.Clone(img.Pix)
	r := float32(48)
	things := []Thing{
		{Box: [4]float32{160 - r, 120 - r, 160 + r, 120 + r}, Label: "disc 0.98", Mask: m},
		{Box: [4]float32{2, 2, 60, 60}, Label: "at the edge 0.5", Color: 1},
		{Box: [4]float32{250, 180, 330, 250}, Label: "in the corner, of a name that is long", Color: 2},
		{Box: [4]float32{10, 8, 70, 64}, Label: "near the other one", Color: 3},
		{Box: [4]float32{-1e30, 100, float32(math.NaN()), 110}, Label: "odd", Color: 4},
	}
	out := Annotate(img, things, AnnotateOptions{}).(*image.RGBA)
	save(t, "annotate.png", out)
	save(t, "annotate-large.png", Annotate(img, things, AnnotateOptions{Side: 1000}))
	if !bytes.Equal(img.Pix, before) {
		t.Error("the image was changed")
	}
	if b := out.Bounds(); b.Dx() != 320 || b.Dy() != 240 {
		t.Errorf("a picture of %v", b)
	}
	if out.RGBAAt(160, 72) != Color(0) || out.RGBAAt(160-48, 120) != Color(0) {
		t.Error("the frame of a box is not where the box is")
	}
	if c := out.RGBAAt(160, 120); c == img.RGBAAt(160, 120) || c == Color(0) {
		t.Errorf("the middle of the mask is %v", c)
	}
	if out.RGBAAt(230, 30) != img.RGBAAt(230, 30) {
		t.Error("a pixel beside the things has changed")
	}
	if b := Annotate(img, nil, AnnotateOptions{Side: 100}).Bounds(); b.Dx() != 100 || b.Dy() != 75 {
		t.Errorf("a picture of 320x240 with side 100 is %v", b)
	}
}

// TestLabelsStayInside tries boxes everywhere, of labels of any length.
func TestLabelsStayInside(t *testing.T) {
	picture := image.Rect(0, 0, 100, 80)
	for x := -50; x < 150; x += 10 {
		for y := -50; y < 130; y += 10 {
			for _, width := range []int{10, 60, 100} {
				box := image.Rect(x, y, x+30, y+30)
				if r := besides(box, image.Pt(width, 12), picture, nil); !r.In(picture) || r.Empty() {
					t.Fatalf("label of %d pixels of %v at %v", width, box, r)
				}
			}
		}
	}
	box, size := image.Rect(20, 30, 60, 60), image.Pt(30, 12)
	first := besides(box, size, picture, nil)
	if second := besides(box, size, picture, []image.Rectangle{first}); second.Overlaps(first) {
		t.Errorf("two labels over each other: %v, %v", first, second)
	}
}

// TestColors sees that the colours of the first classes are far from each other, and letters legible on them.
func TestColors(t *testing.T) {
	luminance := func(c color.Color) float64 {
		r, g, b, _ := c.RGBA()
		f := func(v uint32) float64 { return math.Pow(float64(v)/65535, 2.2) }
		return 0.2126*f(r) + 0.7152*f(g) + 0.0722*f(b)
	}
	for i := range 40 {
		c := Color(i)
		a, b := luminance(c)+0.05, luminance(legible(c))+0.05
		if max(a, b)/min(a, b) < 4.5 {
			t.Errorf("contrast %.1f on colour %d, %v", max(a, b)/min(a, b), i, c)
		}
		for j := range min(i, 12) {
			d := Color(j)
			far := math.Abs(float64(c.R)-float64(d.R)) + math.Abs(float64(c.G)-float64(d.G)) + math.Abs(float64(c.B)-float64(d.B))
			if i < 12 && far < 50 {
				t.Errorf("colours %d and %d: %v, %v", j, i, c, d)
			}
		}
	}
	Color(-1) // is some colour, too
}

func TestSegments(t *testing.T) {
	img, m := scene(200, 150)
	for i := range 50 * 200 {
		m.Pix[i] = data.Ignore
		if i%200 > 100 {
			m.Pix[i] = 2
		}
	}
	out := Segments(img, m, []string{"background", "disc", "sky", "nowhere"}, AnnotateOptions{Legend: true}).(*image.RGBA)
	save(t, "segments.png", out)
	if out.RGBAAt(10, 140) != img.RGBAAt(10, 140) || out.RGBAAt(10, 10) != img.RGBAAt(10, 10) {
		t.Error("the background or what is not known has a colour")
	}
	if out.RGBAAt(100, 75) == img.RGBAAt(100, 75) || out.RGBAAt(150, 10) == img.RGBAAt(150, 10) {
		t.Error("a class has no colour")
	}
	if h := out.Bounds().Dy(); h != 150+4+3*22 {
		t.Errorf("%d rows with the legend of 3 classes", h)
	}
	if h := Segments(img, m, nil, AnnotateOptions{Side: 400}).Bounds().Dy(); h != 300 {
		t.Errorf("%d rows without legend", h)
	}
}

func TestPairs(t *testing.T) {
	img, m := scene(128, 128)
	var pairs []Pair
	for i := range 3 {
		truth := Annotate(img, []Thing{{Box: [4]float32{38, 38, 90, 90}, Label: "disc", Mask: m}}, AnnotateOptions{Side: 320})
		found := Annotate(img, []Thing{{Box: [4]float32{30, 41, 92, 88}, Label: "ring 0.71", Color: 4}}, AnnotateOptions{Side: 320})
		pairs = append(pairs, Pair{truth, found, fmt.Sprintf("shapes/test#%d", i), "1 of another class"})
	}
	out := Pairs("The worst images", pairs)
	save(t, "pairs.png", out)
	if w := out.Bounds().Dx(); w != gap+4*(panelSide+gap) {
		t.Errorf("%d columns of pixels", w)
	}
	Pairs("", nil)
}
