package save

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/annotation"
	"github.com/lince-ml/lince/data/boxes"
	"github.com/lince-ml/lince/data/coco"
	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/data/labelme"
	"github.com/lince-ml/lince/data/masks"
	"github.com/lince-ml/lince/data/outline"
	"github.com/lince-ml/lince/data/tinyimagenet"
	"github.com/lince-ml/lince/data/voc"
	"github.com/lince-ml/lince/data/yolo"
)

// things is a Dataset without files, whose images have what the function says.
type things struct {
	n       int
	classes []string
	known   func(i int) data.Sample
}

const sceneH, sceneW = 30, 40

func (d things) Len() int          { return d.n }
func (d things) Classes() []string { return d.classes }
func (d things) Name(i int) string { return fmt.Sprintf("things#%d", i) }
func (d things) Sample(i int) (data.Sample, error) {
	s := d.known(i)
	s.Image = data.NewImage(3, sceneH, sceneW)
	for k := range s.Image.Pix {
		s.Image.Pix[k] = byte(11*i + k)
	}
	return s, nil
}

var threeClasses = []string{"zebra", "ant <&> co", "never there"}

// boxed has boxes without outlines; image 2 has nothing.
func boxed(i int) data.Sample {
	s := data.Sample{Label: -1, Boxes: []data.Box{}}
	if i == 2 {
		return s
	}
	return data.Sample{Label: -1, Boxes: []data.Box{
		{Class: 0, X0: 3, Y0: 4, X1: float32(20 + i), Y1: 25}, {Class: 1, X0: 0, Y0: 0, X1: sceneW, Y1: sceneH}, {Class: 0, X0: 30.5, Y0: 2.25, X1: 33, Y1: 29},
	}}
}

// outlined has outlines of each kind: a polygon, several, and a bitmap with a hole. They do not overlap.
func outlined(i int) data.Sample {
	ring := newMask(sceneH, sceneW)
	for y := 20; y < 29; y++ {
		for x := 5; x < 15; x++ {
			if y < 23 || y > 25 || x < 8 || x > 11 {
				ring.Pix[y*sceneW+x] = 1
			}
		}
	}
	return data.Sample{Label: -1, Boxes: []data.Box{
		{Class: 1, X0: 1, Y0: 2, X1: 11, Y1: 9, Shape: &data.Shape{Polygons: [][]float32{{1, 2, 11, 2, float32(7 + i), 9}}}},
		{Class: 0, X0: 20, Y0: 1, X1: 39, Y1: 12, Shape: &data.Shape{Polygons: [][]float32{{20, 1, 25, 1, 25, 12}, {30, 5, 39, 5, 39, 9, 33, 9}}}},
		{Class: 1, X0: 5, Y0: 20, X1: 15, Y1: 29, Shape: &data.Shape{Mask: ring}},
	}}
}

// masked has a mask with something of each class, and pixels of which nothing is known.
func masked(classes int) func(i int) data.Sample {
	return func(i int) data.Sample {
		m := newMask(sceneH, sceneW)
		for k := range m.Pix {
			m.Pix[k] = uint16((k/7 + i) % classes)
			if k%sceneW > 35 {
				m.Pix[k] = data.Ignore
			}
		}
		return data.Sample{Label: -1, Mask: m}
	}
}

// describe writes down all that is known of a set, whatever the order of images and classes.
func describe(t *testing.T, d data.Dataset, outlines bool) string {
	t.Helper()
	if d == nil {
		return ""
	}
	var all []string
	for i := range d.Len() {
		s, h, w, err := data.Annotations(d, i)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		fmt.Fprintf(&b, "%d x %d:", w, h)
		for _, box := range s.Boxes {
			fmt.Fprintf(&b, " %s %.3f %.3f %.3f %.3f %v", d.Classes()[box.Class], box.X0, box.Y0, box.X1, box.Y1, box.Crowd)
			if outlines && box.Shape != nil {
				fmt.Fprintf(&b, " %s", outline.EncodeRLE(outline.Raster(box.Shape, h, w)))
			}
		}
		if s.Mask != nil {
			for _, v := range s.Mask.Pix {
				if v == data.Ignore {
					b.WriteString(" -")
				} else {
					fmt.Fprintf(&b, " %s", d.Classes()[v])
				}
			}
		}
		all = append(all, b.String())
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// TestRoundTripsOfAnnotations writes boxes, outlines and masks in each format, and reads them again.
func TestRoundTripsOfAnnotations(t *testing.T) {
	opt := annotation.Options{Images: folder.Options{C: 3, H: 20, W: 20, Framing: data.Contain}, Refuse: true}
	asMasks := opt
	asMasks.Masks = true
	type format struct {
		write func(w *Writer, out string) error
		open  func(out string) (data.Sets, error)
	}
	vocFormat := format{(*Writer).VOC, func(out string) (data.Sets, error) { return voc.Open(out, opt) }}
	cocoFormat := format{(*Writer).COCO, func(out string) (data.Sets, error) { return coco.Open(out, coco.Options{Options: opt}) }}
	yoloFormat := format{(*Writer).YOLO, func(out string) (data.Sets, error) { return yolo.Open(out, opt) }}
	labelmeFormat := format{(*Writer).LabelMe, func(out string) (data.Sets, error) { return labelme.Open(out, opt) }}
	boxesFormat := format{(*Writer).BoxesWithImages, func(out string) (data.Sets, error) { return boxes.Open(out, boxes.Options{Options: opt}) }}
	masksFormat := format{(*Writer).Masks, func(out string) (data.Sets, error) { return masks.Open(out, masks.Options{Options: opt}) }}
	vocMasks := format{(*Writer).VOC, func(out string) (data.Sets, error) { return voc.Open(out, asMasks) }}
	for name, c := range map[string]struct {
		format
		known   func(i int) data.Sample
		classes []string
		without bool // the format has no outlines
	}{
		"voc": {vocFormat, boxed, threeClasses, false}, "voc, outlines": {vocFormat, outlined, threeClasses, false},
		"coco": {cocoFormat, boxed, threeClasses, false}, "coco, outlines": {cocoFormat, outlined, threeClasses, false},
		"yolo": {yoloFormat, boxed, threeClasses, false}, "yolo, outlines": {yoloFormat, outlined, threeClasses, false},
		"labelme": {labelmeFormat, boxed, threeClasses, false}, "labelme, outlines": {labelmeFormat, outlined, threeClasses, false},
		"boxes": {boxesFormat, boxed, threeClasses, false}, "boxes, outlines": {boxesFormat, outlined, threeClasses, true},
		"masks": {masksFormat, masked(3), threeClasses, false}, "masks of two": {masksFormat, masked(2), []string{"no", "yes"}, false},
		"voc, masks": {vocMasks, masked(3), []string{annotation.Background, "z", "a"}, false},
	} {
		for _, sets := range []data.Sets{
			{Train: things{4, c.classes, c.known}},
			{Train: things{4, c.classes, c.known}, Validation: things{3, c.classes, c.known}, Test: things{2, c.classes, c.known}},
		} {
			out := filepath.Join(t.TempDir(), "out")
			if err := c.write(New(t.Context(), sets, nil), out); err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			back, err := c.open(out)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if got := back.Train.Classes(); !slices.Equal(got, c.classes) {
				t.Errorf("%s: classes %q, want %q", name, got, c.classes)
			}
			for _, pair := range [][2]data.Dataset{{back.Train, sets.Train}, {back.Validation, sets.Validation}, {back.Test, sets.Test}} {
				if got, want := describe(t, pair[0], !c.without), describe(t, pair[1], !c.without); got != want {
					t.Errorf("%s:\ngot\n%s\nwant\n%s", name, got, want)
				}
			}
			if s, err := back.Train.Sample(1); err != nil || s.Image.H != 20 || s.Image.W != 20 || s.Mask != nil && s.Mask.H != 20 {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// TestLost says what formats have no place for.
func TestLost(t *testing.T) {
	square := func(x0, y0, x1, y1 float32) data.Box {
		return data.Box{X0: x0, Y0: y0, X1: x1, Y1: y1, Shape: &data.Shape{Polygons: [][]float32{{x0, y0, x1, y0, x1, y1, x0, y1}}}}
	}
	mark := func(b data.Box, crowd, difficult bool) data.Box {
		b.Crowd, b.Difficult = crowd, difficult
		return b
	}
	overlapping := func(int) data.Sample { // the small one comes first, and is seen all the same
		return data.Sample{Label: -1, Boxes: []data.Box{square(5, 5, 10, 10), mark(square(0, 0, 20, 20), true, false), mark(square(30, 2, 35, 9), false, true)}}
	}
	without := func(int) data.Sample {
		return data.Sample{Label: -1, Boxes: []data.Box{square(5, 5, 10, 10), {X1: 5, Y1: 5}}}
	}
	for _, c := range []struct {
		write func(w *Writer, out string) error
		known func(i int) data.Sample
		want  []string
	}{
		{(*Writer).COCO, overlapping, []string{"marks of difficult boxes (2)"}},
		{(*Writer).YOLO, overlapping, []string{"marks of crowds (2)", "marks of difficult boxes (2)"}},
		{(*Writer).LabelMe, overlapping, []string{"marks of crowds (2)", "marks of difficult boxes (2)"}},
		{(*Writer).BoxesWithImages, overlapping, []string{"marks of crowds (2)", "marks of difficult boxes (2)", "outlines (6)"}},
		{(*Writer).VOC, overlapping, []string{"marks of crowds (2)", "pixels of outlines that others lie on (2)"}},
		{(*Writer).VOC, without, []string{"outlines (2)"}},
		{(*Writer).VOC, boxed, nil},
		{(*Writer).COCO, outlined, nil},
	} {
		out := filepath.Join(t.TempDir(), "out")
		w := New(t.Context(), data.Sets{Train: things{2, threeClasses, c.known}}, nil)
		if err := c.write(w, out); err != nil {
			t.Fatal(err)
		}
		if got := w.Lost(); !slices.Equal(got, c.want) {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	out := filepath.Join(t.TempDir(), "out")
	if err := New(t.Context(), data.Sets{Train: things{1, threeClasses, overlapping}}, nil).VOC(out); err != nil {
		t.Fatal(err)
	}
	back, err := voc.Open(out, annotation.Options{Images: folder.Options{C: 3, H: 20, W: 20}, Refuse: true})
	if err != nil {
		t.Fatal(err)
	}
	s, h, w, err := data.Annotations(back.Train, 0)
	if err != nil {
		t.Fatal(err)
	}
	var areas []int
	for _, b := range s.Boxes {
		areas = append(areas, outline.EncodeRLE(outline.Raster(b.Shape, h, w)).Area())
	}
	if !slices.Equal(areas, []int{25, 375, 35}) {
		t.Errorf("%v pixels", areas)
	}
}

func TestTinyImageNetRoundTrip(t *testing.T) {
	one := func(i int) data.Sample {
		return data.Sample{Label: i % 3, Boxes: []data.Box{{Class: i % 3, X0: float32(i), Y0: 2, X1: 20, Y1: 25}}}
	}
	sets := data.Sets{Train: things{5, threeClasses, one}, Validation: things{4, threeClasses, one}}
	out := filepath.Join(t.TempDir(), "out")
	if err := New(t.Context(), sets, nil).TinyImageNet(out); err != nil {
		t.Fatal(err)
	}
	back, err := tinyimagenet.Open(out, annotation.Options{Images: folder.Options{C: 3, H: 8, W: 8}, Refuse: true})
	if err != nil {
		t.Fatal(err)
	}
	for _, pair := range [][2]data.Dataset{{back.Train, sets.Train}, {back.Validation, sets.Validation}} {
		if got, want := describe(t, pair[0], true), describe(t, pair[1], true); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	}
}

// TestListsOfBoxes writes lists that lead to images with boxes where they are.
func TestListsOfBoxes(t *testing.T) {
	opt := annotation.Options{Images: folder.Options{C: 3, H: 20, W: 20}, Refuse: true}
	from, out := filepath.Join(t.TempDir(), "from"), filepath.Join(t.TempDir(), "out")
	if err := New(t.Context(), data.Sets{Train: things{4, threeClasses, boxed}}, nil).YOLO(from); err != nil {
		t.Fatal(err)
	}
	sets, err := yolo.Open(from, opt)
	if err != nil {
		t.Fatal(err)
	}
	if err := New(t.Context(), data.Sets{Train: sets.Train}, nil).Lists(out); err != nil {
		t.Fatal(err)
	}
	back, err := boxes.Open(out, boxes.Options{Options: opt})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := describe(t, back.Train, true), describe(t, sets.Train, true); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAnnotationErrors(t *testing.T) {
	labelled := func(i int) data.Sample { return data.Sample{Label: i} }
	for name, c := range map[string]struct {
		write func(w *Writer, out string) error
		known func(i int) data.Sample
		want  string
	}{
		"no boxes":  {(*Writer).COCO, labelled, "things#0 has no boxes, which this format is for"},
		"no masks":  {(*Writer).Masks, outlined, "things#0 has no mask, which this format is for; outlines become masks with ?as=masks behind DATA"},
		"two boxes": {(*Writer).TinyImageNet, outlined, "things#0 has 3 boxes, in this format it is one"},
		"class": {(*Writer).YOLO, func(int) data.Sample { return data.Sample{Label: -1, Boxes: []data.Box{{Class: 9}}} },
			"things#0: a box of class 9, expected 0 to 2"},
		"background": {(*Writer).VOC, masked(3), "the first class is zebra, in this format it is background: write masks: instead"},
	} {
		out := filepath.Join(t.TempDir(), "out")
		if err := c.write(New(context.Background(), data.Sets{Train: things{2, threeClasses, c.known}}, nil), out); err == nil || err.Error() != c.want {
			t.Errorf("%s: got  %v\nwant %s", name, err, c.want)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s: there is something after an error", name)
		}
	}
}
