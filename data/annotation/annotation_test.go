package annotation

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/data/outline"
	"github.com/lince-ml/lince/rle"
)

// save writes a picture to a file in a new folder, and returns its path.
func save(t testing.TB, name string, m image.Image) string {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func box(x0, y0, x1, y1 float32) Thing {
	return Thing{Box: data.Box{X0: x0, Y0: y0, X1: x1, Y1: y1}, Line: 7, What: "annotation 3"}
}

var nan = float32(math.NaN())

// TestFaults has one thing of each fault: what is said, and what becomes of it.
func TestFaults(t *testing.T) {
	picture := save(t, "a.png", image.NewGray(image.Rect(0, 0, 20, 10)))
	with := func(t Thing, change func(*Thing)) Thing {
		change(&t)
		return t
	}
	polygon := func(p ...float32) func(*Thing) {
		return func(t *Thing) { t.Shape = &data.Shape{Polygons: [][]float32{p}} }
	}
	for _, c := range []struct {
		thing Thing
		kind  string
		text  string // "" if nothing is wrong
		kept  bool
	}{
		{thing: box(1, 2, 3, 4), kept: true},
		{thing: box(-0.5, 0, 20.9, 10), kept: true},
		{box(nan, 2, 3, 4), "number", "annotation 3: the box from (NaN, 2) to (3, 4): NaN, expected a number", false},
		{box(3, 2, 3, 4), "empty", "annotation 3: the box from (3, 2) to (3, 4) has 0 x 2 pixels, expected more than a point", false},
		{box(3, 2, 1, 4), "empty", "annotation 3: the box from (3, 2) to (1, 4) has -2 x 2 pixels, expected more than a point", false},
		{box(20, 2, 25, 4), "outside", "annotation 3: the box from (20, 2) to (25, 4) is outside of the image of 20 x 10", false},
		{box(10, 2, 25, 4), "beyond", "annotation 3: the box from (10, 2) to (25, 4) reaches beyond the image of 20 x 10", true},
		{with(box(1, 1, 5, 5), polygon(1, 1, 5, 5)), "outline", "annotation 3: a polygon of 4 numbers, expected x and y of three corners or more", false},
		{with(box(1, 1, 5, 5), polygon(1, 1, 5, 5, nan, 2)), "outline", "annotation 3: a polygon with NaN, expected a number", false},
		{with(box(1, 1, 5, 5), func(t *Thing) { t.RLE = &outline.RLE{Runs: rle.Runs{H: 20, W: 10}} }), "outline", "annotation 3: an RLE of 10 x 20 pixels, the image has 20 x 10", false},
		{with(box(5, 6, 15, 8), func(t *Thing) { t.Relative = true }), "outside", "annotation 3: the box from (100, 60) to (300, 80) is outside of the image of 20 x 10; " +
			"places are shares of the image's sides in this format, not pixels", false},
		{with(box(0.1, 0.5, 0.2, 0.6), func(t *Thing) { t.Relative = true }), "", "", true},
		{with(box(1, 1, 5, 5), polygon(1, 1, 5, 1, 1e9, 5)), "outline-beyond", "annotation 3: the outline from (1, 1) to (1e+09, 5) reaches beyond the image of 20 x 10", true},
		{with(box(1, 1, 25, 5), polygon(1, 1, 25, 1, 25, 5)), "beyond", "annotation 3: the box from (1, 1) to (25, 5) reaches beyond the image of 20 x 10", true},
	} {
		s := &Set{Items: []Item{{Path: picture, File: "list", Things: []Thing{c.thing}}}}
		s.sift(0)
		var kind, text string
		if len(s.Faults) > 0 {
			kind, text = s.Faults[0].Kind, s.Faults[0].Text
			if place := s.Faults[0].Place(); place != "list, line 7" {
				t.Errorf("place %s", place)
			}
		}
		if kind != c.kind || text != c.text || len(s.Items[0].Things) == 1 != c.kept {
			t.Errorf("%+v:\ngot  %s: %s, %v\nwant %s: %s", c.thing.Box, kind, text, s.Items[0].Things, c.kind, c.text)
		}
		for _, b := range s.Items[0].Things {
			if b.X0 < 0 || b.Y0 < 0 || b.X1 > 20 || b.Y1 > 10 {
				t.Errorf("%v was not cut off", b.Box)
			}
		}
	}
}

// TestFaultyImages has images and masks that cannot be used.
func TestFaultyImages(t *testing.T) {
	picture, mask := save(t, "a.png", image.NewGray(image.Rect(0, 0, 20, 10))), save(t, "m.png", image.NewGray(image.Rect(0, 0, 10, 20)))
	empty := filepath.Join(t.TempDir(), "empty.png")
	os.WriteFile(empty, nil, 0o666)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewGray(image.Rect(0, 0, 20, 10)), nil); err != nil {
		t.Fatal(err)
	}
	photo := filepath.Join(t.TempDir(), "m.jpg")
	os.WriteFile(photo, b.Bytes(), 0o666)
	for _, c := range []struct {
		item       Item
		kind, text string
	}{
		{Item{Path: "none.png"}, "missing", "the image none.png is not there"},
		{Item{Path: empty}, "unreadable", "the image EMPTY cannot be read: an empty file"},
		{Item{Path: picture, W: 21, H: 10}, "size", "the image A has 20 x 10 pixels, but 21 x 10 are annotated"},
		{Item{Path: picture, Mask: &Mask{Path: mask}}, "mask-size", "the mask MASK has 10 x 20 pixels, the image 20 x 10"},
		{Item{Path: picture, Mask: &Mask{Path: empty}}, "mask", "the mask EMPTY cannot be read: an empty file"},
		{Item{Path: picture, Mask: &Mask{Path: photo}}, "mask", "the mask PHOTO is a JPEG, which does not keep values as they are; expected PNG"},
	} {
		s := &Set{Items: []Item{c.item}}
		s.sift(0)
		if len(s.Items) != 0 || len(s.Faults) != 1 {
			t.Errorf("%s: %v", c.kind, s)
			continue
		}
		text := strings.NewReplacer(picture, "A", mask, "MASK", empty, "EMPTY", photo, "PHOTO").Replace(s.Faults[0].Text)
		if s.Faults[0].Kind != c.kind || text != c.text || kinds[c.kind] == "" {
			t.Errorf("got  %s: %s\nwant %s: %s", s.Faults[0].Kind, text, c.kind, c.text)
		}
	}
}

// TestRefuse makes an error of the first fault that has changed something.
func TestRefuse(t *testing.T) {
	picture := save(t, "a.png", image.NewGray(image.Rect(0, 0, 20, 10)))
	sets := func() map[string]*Set {
		s := &Set{Items: []Item{{Path: picture, File: "f", Label: -1, Things: []Thing{box(1, 1, 5, 5), box(1, 1, 1, 5)}}}}
		s.Add("unannotated", &s.Items[0], 0, Kept, "all is well")
		return map[string]*Set{"train": s}
	}
	opt := Options{Images: folder.Options{C: 1, H: 10, W: 10, Framing: data.Stretch}}
	all, err := New("root", []string{"x"}, sets(), opt)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := all.Train.Sample(0); err != nil || len(s.Boxes) != 1 || s.Boxes[0] != (data.Box{X0: 0.5, Y0: 1, X1: 2.5, Y1: 5}) {
		t.Errorf("%v, %v", s.Boxes, err)
	}
	if s, h, w, err := data.Annotations(data.Subset(all.Train, []int{0}), 0); err != nil || h != 10 || w != 20 || s.Boxes[0] != (data.Box{X0: 1, Y0: 1, X1: 5, Y1: 5}) {
		t.Errorf("%v %d %d %v", s.Boxes, h, w, err)
	}
	want := "root: boxes of a point or less left out (1), such as f, line 7: annotation 3: the box from (1, 1) to (1, 5) has 0 x 4 pixels, expected more than a point. " +
		"`lince data check voc:root` lists all, ?bad=refuse stops at the first"
	if note := Note("root", "voc:root", all); note != want {
		t.Errorf("note %s", note)
	}
	opt.Refuse = true
	if _, err := New("root", []string{"x"}, sets(), opt); err == nil ||
		err.Error() != "read f, line 7: annotation 3: the box from (1, 1) to (1, 5) has 0 x 4 pixels, expected more than a point" {
		t.Errorf("error %v", err)
	}
	for name, c := range map[string]struct {
		classes []string
		sets    map[string]*Set
	}{
		"read root: no classes: nothing is annotated":          {nil, sets()},
		`read root: the class "a" is there twice`:              {[]string{"a", "b", "a"}, sets()},
		"read root: no images":                                 {[]string{"a"}, nil},
		"read root: no val images":                             {[]string{"a"}, map[string]*Set{"val": {}}},
		"read root: masks asked for, but there are only boxes": {[]string{"x"}, sets()},
	} {
		if _, err := New("root", c.classes, c.sets, Options{Images: opt.Images, Masks: true}); err == nil || err.Error() != name {
			t.Errorf("got  %v\nwant %s", err, name)
		}
	}
}

// TestMasksOfOutlines paints things: small ones on large ones, and nothing is known of a crowd.
func TestMasksOfOutlines(t *testing.T) {
	picture := save(t, "a.png", image.NewGray(image.Rect(0, 0, 4, 3)))
	square := func(class int, x0, y0, x1, y1 float32) Thing {
		return Thing{Box: data.Box{Class: class, X0: x0, Y0: y0, X1: x1, Y1: y1, Shape: &data.Shape{Polygons: [][]float32{{x0, y0, x1, y0, x1, y1, x0, y1}}}}}
	}
	crowd := square(0, 0, 0, 4, 1)
	crowd.Crowd = true
	s := &Set{Items: []Item{{Path: picture, Label: -1, Things: []Thing{square(1, 2, 1, 4, 2), square(0, 1, 1, 4, 3), crowd}}}}
	all, err := New("root", []string{"a", "b"}, map[string]*Set{"train": s}, Options{Images: folder.Options{C: 1, H: 3, W: 4}, Masks: true})
	if err != nil {
		t.Fatal(err)
	}
	sample, err := all.Train.Sample(0)
	const x = data.Ignore
	if want := []uint16{x, x, x, x, 0, 1, 2, 2, 0, 1, 1, 1}; err != nil || sample.Boxes != nil || !slices.Equal(sample.Mask.Pix, want) {
		t.Errorf("%v, %v", sample.Mask, err)
	}
	if c := all.Train.Classes(); !slices.Equal(c, []string{Background, "a", "b"}) {
		t.Errorf("%q", c)
	}
}

// TestMaskFiles reads masks of each kind.
func TestMaskFiles(t *testing.T) {
	r := image.Rect(0, 0, 3, 1)
	grey := image.NewGray(r)
	grey.Pix = []uint8{0, 1, 255}
	wide := image.NewGray16(r)
	for x, v := range []uint16{0, 300, 7} {
		wide.SetGray16(x, 0, color.Gray16{Y: v})
	}
	palette := image.NewPaletted(r, color.Palette{color.RGBA{10, 20, 30, 255}, color.RGBA{200, 0, 0, 255}, color.RGBA{0, 0, 9, 255}})
	palette.Pix = []uint8{0, 1, 2}
	colours := image.NewRGBA(r)
	for x := range 3 {
		colours.Set(x, 0, palette.Palette[x])
	}
	numbers := &Legend{Numbers: map[uint16]uint16{0: 0, 1: 1, 255: data.Ignore, 300: 1, 7: 2, 2: 2}}
	named := &Legend{Colours: map[[3]uint8]uint16{{10, 20, 30}: 3, {200, 0, 0}: 4}, Rest: true}
	for name, c := range map[string]struct {
		m      image.Image
		legend *Legend
		want   []uint16
		err    string
	}{
		"grey":              {grey, numbers, []uint16{0, 1, data.Ignore}, ""},
		"16 bits":           {wide, numbers, []uint16{0, 1, 2}, ""},
		"palette":           {palette, numbers, []uint16{0, 1, 2}, ""},
		"palette's colours": {palette, named, []uint16{3, 4, data.Ignore}, ""},
		"colours":           {colours, named, []uint16{3, 4, data.Ignore}, ""},
		"plain":             {grey, &Legend{Plain: true}, []uint16{0, 1, 255}, ""},
		"unknown number":    {grey, &Legend{Numbers: map[uint16]uint16{0: 0}}, nil, "the value 1 at x 1, y 0 is no class; void=VALUE leaves it out, void=rest all that are none"},
		"unknown colour":    {colours, numbers, nil, "the colour 10 20 30 at x 0, y 0 is no class; void=VALUE leaves it out, void=rest all that are none"},
	} {
		path := save(t, "m.png", c.m)
		m, err := (&Mask{path, c.legend}).Read(1, 3)
		if c.err != "" {
			if err == nil || err.Error() != "read "+path+": "+c.err {
				t.Errorf("%s: error %v", name, err)
			}
		} else if err != nil || !slices.Equal(m.Pix, c.want) {
			t.Errorf("%s: %v, %v", name, m, err)
		}
	}
	path := save(t, "m.png", grey)
	if _, err := (&Mask{path, numbers}).Read(2, 3); err == nil || !strings.HasSuffix(err.Error(), "a mask of 3 x 1 pixels, the image has 3 x 2") {
		t.Errorf("error %v", err)
	}
	var b bytes.Buffer
	jpeg.Encode(&b, grey, nil)
	if _, err := parsePicture(b.Bytes()); err == nil || err.Error() != "a JPEG, which does not keep values as they are; expected PNG" {
		t.Errorf("error %v", err)
	}
	// A grey PNG of one bit, as Pillow writes it: package png makes 255 of 1.
	bits := "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x03\x00\x00\x00\x01\x01\x00"
	if greyScale([]byte(bits)) != 255 {
		t.Error("a mask of one bit")
	}
}

func TestLines(t *testing.T) {
	l := NewLines([]byte("a\nb,\n\n  c\nd"))
	for _, c := range [][2]int{{0, 1}, {2, 2}, {3, 4}, {9, 5}, {99, 5}} {
		if got := l.At(int64(c[0])); got != c[1] {
			t.Errorf("offset %d: line %d, want %d", c[0], got, c[1])
		}
	}
}

// FuzzMask reads any bytes as a mask.
func FuzzMask(f *testing.F) {
	var b bytes.Buffer
	png.Encode(&b, image.NewPaletted(image.Rect(0, 0, 3, 2), color.Palette{color.Black, color.White}))
	f.Add(b.Bytes())
	f.Fuzz(func(t *testing.T, content []byte) {
		if h, err := data.ReadHeader(content, 0); err != nil || h.W*h.H > 1<<16 {
			return
		}
		p, err := parsePicture(content)
		if err != nil {
			return
		}
		out := make([]uint16, p.h*p.w)
		for _, l := range []*Legend{{Plain: true}, {Rest: true}, {Colours: map[[3]uint8]uint16{{1, 2, 3}: 1}}, {Numbers: map[uint16]uint16{0: 0}}} {
			l.translate(p, out)
		}
	})
}
