package check

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	goimage "image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/bits"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/annotation"
	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/data/masks"
	"github.com/lince-ml/lince/data/yolo"
)

// scene is a picture of some coloured discs, another for each seed, w x h pixels.
func scene(seed uint64, w, h int) *goimage.NRGBA {
	r := rand.New(rand.NewPCG(seed, 0))
	type disc struct {
		x, y, size float64
		c          color.NRGBA
	}
	discs := make([]disc, 12)
	for i := range discs {
		discs[i] = disc{r.Float64(), r.Float64(), 0.1 + 0.2*r.Float64(), color.NRGBA{uint8(r.IntN(256)), uint8(r.IntN(256)), uint8(r.IntN(256)), 255}}
	}
	m := goimage.NewNRGBA(goimage.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{uint8(x * 255 / w), 90, uint8(y * 255 / h), 255}
			for _, d := range discs {
				dx, dy := float64(x)/float64(w)-d.x, float64(y)/float64(h)-d.y
				if dx*dx+dy*dy < d.size*d.size {
					c = d.c
				}
			}
			m.SetNRGBA(x, y, c)
		}
	}
	return m
}

func pngOf(m goimage.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func jpegOf(m goimage.Image, quality int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// turned returns a JPEG whose EXIF data say that it is to be turned by a quarter (orientation 6).
func turned(m goimage.Image) []byte {
	exif := []byte("\xff\xe1\x00\x22Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00\x00\x00\x00\x00")
	b := jpegOf(m, 90)
	return slices.Concat(b[:2], exif, b[2:])
}

// planted is a folder with one of each fault, among pictures without. It returns the files at fault by kind of finding, those that belong together sorted.
func planted(t testing.TB) (dir string, faults map[string][]string) {
	t.Helper()
	files := map[string][]byte{}
	for i := range 24 {
		class := []string{"cat", "dog"}[i%2]
		set := []string{"train", "train", "test"}[i%3]
		files[fmt.Sprintf("%s/%s/%02d.png", set, class, i)] = pngOf(scene(uint64(i), 60, 40+i))
	}
	files["train/cat/empty.png"] = nil
	files["train/cat/text.jpg"] = []byte("this is no picture")
	files["train/dog/cut.png"] = pngOf(scene(50, 60, 40))[:700]
	files["train/dog/cut.jpg"] = jpegOf(scene(51, 60, 40), 90)[:900]
	files["train/cat/png.jpg"] = pngOf(scene(52, 60, 40))
	files["train/dog/lying.jpg"] = turned(scene(53, 60, 40))
	for _, name := range []string{"train/cat/twice.png", "train/cat/twice again.png"} {
		files[name] = pngOf(scene(54, 60, 40))
	}
	for _, name := range []string{"train/cat/both.png", "train/dog/both.png"} {
		files[name] = pngOf(scene(55, 60, 40))
	}
	for _, name := range []string{"train/dog/leak.png", "test/dog/leak.png"} {
		files[name] = pngOf(scene(56, 60, 40))
	}
	files["train/cat/near.png"], files["train/cat/saved again.jpg"] = pngOf(scene(57, 120, 80)), jpegOf(scene(57, 60, 40), 60)
	files["train/dog/like.png"], files["test/dog/like.jpg"] = pngOf(scene(58, 60, 40)), jpegOf(scene(58, 90, 60), 80)
	files["train/cat/either.png"], files["train/dog/either.jpg"] = pngOf(scene(59, 60, 40)), jpegOf(scene(59, 60, 40), 70)
	dir = t.TempDir()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir, map[string][]string{
		"unreadable":     {"train/cat/empty.png", "train/cat/text.jpg", "train/dog/cut.jpg", "train/dog/cut.png"},
		"leak":           {"train/dog/leak.png + test/dog/leak.png"},
		"conflict":       {"train/cat/both.png + train/dog/both.png"},
		"duplicate":      {"train/cat/twice again.png + train/cat/twice.png"},
		"near-leak":      {"train/dog/like.png + test/dog/like.jpg"},
		"near-conflict":  {"train/cat/either.png + train/dog/either.jpg"},
		"near-duplicate": {"train/cat/near.png + train/cat/saved again.jpg"},
		"suffix":         {"train/cat/png.jpg"},
		"rotated":        {"train/dog/lying.jpg"},
	}
}

func run(t testing.TB, dir string, opt Options) (*Checker, *Report) {
	t.Helper()
	sets, err := folder.Open(dir, folder.Options{C: 3, H: 8, W: 8})
	if err != nil {
		t.Fatal(err)
	}
	c, err := Run(context.Background(), sets.Sets, opt)
	if err != nil {
		t.Fatal(err)
	}
	return c, c.Report("planted", opt)
}

func TestPlantedFaults(t *testing.T) {
	dir, want := planted(t)
	var first []byte
	for _, workers := range []int{1, 3} {
		_, r := run(t, dir, Options{Distance: DefaultDistance, Workers: workers})
		got := map[string][]string{}
		for _, f := range r.Findings {
			for _, g := range f.Groups {
				var names []string
				for _, it := range g {
					name, err := filepath.Rel(dir, it.Name)
					if err != nil {
						t.Fatal(err)
					}
					names = append(names, filepath.ToSlash(name))
				}
				got[f.Kind] = append(got[f.Kind], strings.Join(names, " + "))
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
		if n := r.Errors(); n != 3 {
			t.Errorf("%d errors, want unreadable files, a leak and a conflict", n)
		}
		all, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = all
		} else if !bytes.Equal(first, all) {
			t.Error("another report with more workers")
		}
	}
}

func TestStatistics(t *testing.T) {
	dir, _ := planted(t)
	_, r := run(t, dir, Options{Distance: -1})
	if got := fmt.Sprint(r.Images, r.Classes, r.Sets[0].Counts, r.Sets[1].Counts, *r.Widths, *r.Heights); got != "42 [cat dog] [17 15] [4 6] {40 60 120} {40 48 80}" {
		t.Errorf("%s", got)
	}
	if s, err := json.Marshal(r.Sets[0]); err != nil || string(s) != `{"name":"train","images":32,"counts":[17,15]}` {
		t.Errorf("%s, %v", s, err)
	}
	if got := fmt.Sprint(r.Formats); got != "[{png 34} {jpeg 4}]" {
		t.Errorf("formats %s", got)
	}
	for _, f := range r.Findings {
		if strings.HasPrefix(f.Kind, "near") {
			t.Errorf("%s, though none was to be looked for", f.Kind)
		}
	}
}

// TestMoments has pixels whose mean and deviation are known, grey and in colour.
func TestMoments(t *testing.T) {
	m := goimage.NewNRGBA(goimage.Rect(0, 0, 2, 1))
	m.SetNRGBA(0, 0, color.NRGBA{255, 0, 51, 255})
	m.SetNRGBA(1, 0, color.NRGBA{0, 0, 51, 255})
	g := goimage.NewGray(goimage.Rect(0, 0, 2, 1))
	g.Pix = []byte{102, 102}
	dir := t.TempDir()
	for name, content := range map[string][]byte{"a/1.png": pngOf(m), "b/2.png": pngOf(g)} {
		os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o777)
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	_, r := run(t, dir, Options{})
	// Red is 1, 0, 0.4, 0.4; green 0, 0, 0.4, 0.4; blue 0.2, 0.2, 0.4, 0.4.
	if got, want := fmt.Sprintf("%.4f %.4f", r.Mean, r.Std), "[0.4500 0.2000 0.3000] [0.3571 0.2000 0.1000]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := fmt.Sprint(r.Colours); got != "[{colour 1} {grey 1}]" {
		t.Errorf("colours %s", got)
	}
}

func TestHTML(t *testing.T) {
	dir, _ := planted(t)
	c, r := run(t, dir, Options{Distance: DefaultDistance})
	r.Data = `<script>alert("hello")</script>`
	var page bytes.Buffer
	if err := c.WriteHTML(&page, r); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"data:image/", "cannot be read", "saved again.jpg", "prefers-color-scheme: dark", "3 errors"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("%q is not in the page", want)
		}
	}
	for _, bad := range []string{"<script", "http://", "https://", "ZgotmplZ"} {
		if strings.Contains(page.String(), bad) {
			t.Errorf("%q is in the page", bad)
		}
	}
}

// TestClasses has a class without images, and one that is much larger than another.
func TestClasses(t *testing.T) {
	dir := t.TempDir()
	for class, n := range map[string]int{"train/cat": 12, "train/cow": 0, "train/dog": 1, "val/cat": 1, "val/dog": 1} {
		if err := os.MkdirAll(filepath.Join(dir, class), 0o777); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			if err := os.WriteFile(filepath.Join(dir, class, fmt.Sprintf("%d.png", i)), pngOf(scene(uint64(i), 16, 16)), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	sets, err := folder.Open(dir, folder.Options{C: 3, H: 8, W: 8, Empty: true})
	if err != nil {
		t.Fatal(err)
	}
	opt := Options{Distance: -1}
	c, err := Run(t.Context(), sets.Sets, opt)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range c.Report("classes", opt).Findings {
		if f.Kind != "leak" {
			got = append(got, f.Severity+": "+f.Title+": "+f.Advice)
		}
	}
	want := []string{
		"error: Classes without images: There are no train images of cow: add some, or remove the class.",
		"warning: Classes of very different size: cat has 12 train images, dog has 1: a model may hardly learn the small ones. Collect more of them, or weigh classes.",
		"warning: Classes without images in val: Nothing is measured of cow.",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestAnnotations plants faults in annotations: each is found, with file and line.
func TestAnnotations(t *testing.T) {
	files := map[string][]byte{
		"a.png": pngOf(scene(1, 60, 40)), "b.png": pngOf(scene(2, 60, 40)), "c.png": pngOf(scene(3, 60, 40)),
		"a.txt":       []byte("0 0.5 0.5 0.2 0.2\n0 0.5 0.5 0.2 0.2\n1 0.5 0.5 0 0\n1 0.9 0.9 0.4 0.1\n"),
		"b.txt":       []byte("1 0.1 0.1 0.9 0.9 0.9 0.1 0.1 0.9\n7 0.5 0.5 0.1 0.1\n"),
		"classes.txt": []byte("cat\ndog\n"),
	}
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	sets, err := yolo.Open(dir, annotation.Options{Images: folder.Options{C: 3, H: 8, W: 8}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := Run(t.Context(), sets, Options{Distance: -1})
	if err != nil {
		t.Fatal(err)
	}
	r := c.Report("planted", Options{Distance: -1})
	var got []string
	for _, f := range r.Findings {
		for _, g := range f.Groups {
			got = append(got, fmt.Sprintf("%s: %s: %s, line %d: %s", f.Severity, f.Title, filepath.Base(g[0].Name), g[0].Line, g[0].Detail))
		}
	}
	want := []string{
		"error: Things of unknown classes, left out: b.txt, line 2: the class 7 has no name, there are 2",
		"error: Boxes of a point or less, left out: a.txt, line 3: the box from (30, 20) to (30, 20) has 0 x 0 pixels, expected more than a point",
		"warning: Boxes that reach beyond the image, cut off at the edge of the image: a.txt, line 4: the box from (42, 34) to (66, 38) reaches beyond the image of 60 x 40",
		"warning: Boxes that are there twice, kept: a.txt, line 2: the same box of cat is there already",
		"warning: Outlines that cross themselves, kept: b.txt, line 1: the outline of dog crosses itself at (30.0, 20.0)",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if s := r.Sets[0]; s.Boxes != 4 || s.Empty != 1 || !slices.Equal(s.Counts, []int{1, 2}) {
		t.Errorf("%+v", s)
	}
	var page bytes.Buffer
	if err := c.WriteHTML(&page, r); err != nil || !strings.Contains(page.String(), "b.txt, line 2") {
		t.Errorf("the page: %v", err)
	}
}

// annotated is a set of pictures with boxes or masks.
type annotated struct {
	classes []string
	samples []data.Sample
}

func (a annotated) Len() int                          { return len(a.samples) }
func (a annotated) Classes() []string                 { return a.classes }
func (a annotated) Sample(i int) (data.Sample, error) { return a.samples[i], nil }
func (a annotated) Name(i int) string                 { return fmt.Sprintf("#%d", i) }

func picture(seed uint64, w, h int) data.Image { return data.FromImage(scene(seed, w, h), 3, h, w) }

// TestBoxes counts boxes and not images.
func TestBoxes(t *testing.T) {
	box := func(class int, side float32) data.Box {
		return data.Box{Class: class, X0: 1, Y0: 2, X1: 1 + side, Y1: 2 + side}
	}
	many := []data.Box{box(1, 31), box(1, 32), box(1, 96), box(1, 97)}
	for i := range 18 {
		many = append(many, box(1, 8+float32(i)/4))
	}
	with := func(seed uint64, boxes ...data.Box) data.Sample {
		return data.Sample{Image: picture(seed, 120, 110), Label: -1, Boxes: append([]data.Box{}, boxes...)}
	}
	train := annotated{[]string{"cat", "dog"}, []data.Sample{with(1, many...), with(2, box(0, 8), box(1, 9)), with(3), with(4, box(1, 100)), with(5, box(0, 9))}}
	val := annotated{train.classes, []data.Sample{with(6)}} // nothing but background
	c, err := Run(t.Context(), data.Sets{Train: train, Validation: val}, Options{Distance: -1})
	if err != nil {
		t.Fatal(err)
	}
	r := c.Report("boxes", Options{Distance: -1})
	got, err := json.Marshal(r.Sets[0])
	if want := `{"name":"train","images":5,"counts":[2,3],"boxes":26,"box_counts":[2,24],"boxes_per_image":{"min":0,"median":1,"max":22},` +
		`"box_sizes":{"small":22,"medium":2,"large":2},"empty":1}`; err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	if a := r.Sets[0].Amounts(); a.Unit != "boxes" || a.Share(1) != 24.0/26 {
		t.Errorf("%+v", a)
	}
	wantFinding(t, r, "imbalance", "dog has 24 train boxes, cat has 2: a model may hardly learn the small ones. Collect more of them, or weigh classes.")
	wantFinding(t, r, "missing", "Nothing is measured of cat, dog.")
	var page bytes.Buffer
	if err := c.WriteHTML(&page, r); err != nil || !strings.Contains(page.String(), "0 to 22, median 1") {
		t.Errorf("the page: %v", err)
	}
}

// TestNothingAnnotated has classes of which no training image has anything.
func TestNothingAnnotated(t *testing.T) {
	train := annotated{[]string{"cat", "dog"}, []data.Sample{{Image: picture(1, 40, 30), Label: -1, Boxes: []data.Box{}}}}
	c, err := Run(t.Context(), data.Sets{Train: train}, Options{Distance: -1})
	if err != nil {
		t.Fatal(err)
	}
	wantFinding(t, c.Report("nothing", Options{Distance: -1}), "empty", "There are no train images of cat, dog: add some, or remove the class.")
}

// TestFaultyMasks has a mask with a value that is no class, one that is cut off, and one that is a JPEG.
func TestFaultyMasks(t *testing.T) {
	value := goimage.NewGray(goimage.Rect(0, 0, 60, 40))
	value.Pix[61] = 9
	noise := goimage.NewGray(value.Rect)
	for k := range noise.Pix {
		noise.Pix[k] = uint8(k * k % 2)
	}
	dir := t.TempDir()
	for name, content := range map[string][]byte{"images/a.png": pngOf(scene(1, 60, 40)), "images/b.png": pngOf(scene(2, 60, 40)), "images/c.png": pngOf(scene(3, 60, 40)),
		"masks/a.png": pngOf(value), "masks/b.png": pngOf(noise)[:60], "masks/c.jpg": jpegOf(noise, 90), "classes.txt": []byte("road\nsign\n")} {
		path := filepath.Join(dir, name)
		os.MkdirAll(filepath.Dir(path), 0o777)
		if err := os.WriteFile(path, content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	sets, err := masks.Open(dir, masks.Options{Options: annotation.Options{Images: folder.Options{C: 3, H: 8, W: 8}}})
	if err != nil {
		t.Fatal(err)
	}
	c, err := Run(t.Context(), sets, Options{Distance: -1})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range c.Report("masks", Options{Distance: -1}).Findings {
		for _, g := range f.Groups {
			got = append(got, fmt.Sprintf("%s: %s: %s: %s", f.Severity, f.Title, filepath.Base(g[0].Name), strings.ReplaceAll(g[0].Detail, dir, "DIR")))
		}
	}
	want := []string{
		"error: Masks that cannot be read, left out: c.jpg: the mask DIR/masks/c.jpg is a JPEG, which does not keep values as they are; expected PNG",
		"error: Masks with values that are no classes: a.png: the value 9 at x 1, y 1 is no class; void=VALUE leaves it out, void=rest all that are none",
		"error: Masks that are damaged: b.png: png: invalid format: not enough pixel data",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// TestMasks counts pixels. Frames of a video look the same, but have not the same classes: that contradicts nothing, but for the set that they are in.
func TestMasks(t *testing.T) {
	frame := func(seed uint64, w, h int, values ...uint16) data.Sample {
		m := &data.Mask{H: h, W: w, Pix: make([]uint16, w*h)}
		copy(m.Pix, values)
		return data.Sample{Image: picture(seed, w, h), Label: -1, Mask: m}
	}
	train := annotated{[]string{"road", "sign"}, []data.Sample{frame(1, 60, 40, 1, 1, data.Ignore), frame(1, 90, 60), frame(2, 60, 40), frame(3, 60, 40), frame(3, 90, 60)}}
	test := annotated{train.classes, []data.Sample{frame(2, 90, 60, 1)}}
	c, err := Run(t.Context(), data.Sets{Train: train, Test: test}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := c.Report("masks", Options{Distance: DefaultDistance})
	got, err := json.Marshal(r.Sets[0])
	if want := `{"name":"train","images":5,"counts":[5,1],"pixel_counts":[17997,2],"unknown_pixels":1}`; err != nil || string(got) != want {
		t.Errorf("got  %s, %v\nwant %s", got, err, want)
	}
	wantFinding(t, r, "imbalance", "road has 100 % of the train pixels, sign has 0.0111 %: a model may hardly learn the small ones. Collect more of them, or weigh classes.")
	wantFinding(t, r, "near-leak", "Look at them: are they parts of one series, or the same picture saved again?")
	wantFinding(t, r, "near-duplicate", "Look at them: the same picture saved again adds nothing.")
	if i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Kind == "near-conflict" }); i >= 0 {
		t.Errorf("%+v", r.Findings[i])
	}
	var page bytes.Buffer
	if err := c.WriteHTML(&page, r); err != nil || !strings.Contains(page.String(), "train pixels") {
		t.Errorf("the page: %v", err)
	}
}

// wantFinding expects one finding of a kind, with an advice.
func wantFinding(t *testing.T, r *Report, kind, advice string) {
	t.Helper()
	i := slices.IndexFunc(r.Findings, func(f Finding) bool { return f.Kind == kind })
	if i < 0 {
		t.Errorf("no %s among %+v", kind, r.Findings)
	} else if got := r.Findings[i].Advice; got != advice {
		t.Errorf("got  %s\nwant %s", got, advice)
	}
}

func TestCancelled(t *testing.T) {
	dir, _ := planted(t)
	sets, err := folder.Open(dir, folder.Options{C: 3, H: 8, W: 8})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, sets.Sets, Options{}); err != context.Canceled {
		t.Errorf("error %v", err)
	}
}

// TestNear compares the pairs that share a band with all pairs, for hashes near each other.
func TestNear(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	hashes := make([]uint64, 300)
	for i := range hashes {
		hashes[i] = r.Uint64()
		if i > 0 && i%2 == 0 { // some bits away from the one before
			hashes[i] = hashes[i-1]
			for range r.IntN(12) {
				hashes[i] ^= 1 << r.IntN(64)
			}
		}
	}
	for _, distance := range []int{0, 1, 4, 7, 16} {
		want, got := map[[2]int32]bool{}, map[[2]int32]bool{}
		for i := range hashes {
			for j := range i {
				if bits.OnesCount64(hashes[i]^hashes[j]) <= distance {
					want[[2]int32{int32(j), int32(i)}] = true
				}
			}
		}
		near(hashes, distance, func(i, j int32) { got[[2]int32{min(i, j), max(i, j)}] = true })
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("distance %d: %d pairs, want %d", distance, len(got), len(want))
		}
	}
}

// FuzzExamine looks at any bytes as a file: an error, or a picture with pixels.
func FuzzExamine(f *testing.F) {
	f.Add(pngOf(scene(1, 9, 7)))
	f.Add(turned(scene(2, 9, 7)))
	dir := f.TempDir()
	for _, class := range []string{"a", "b"} {
		os.MkdirAll(filepath.Join(dir, class), 0o777)
		os.WriteFile(filepath.Join(dir, class, "x.png"), nil, 0o666)
	}
	sets, err := folder.Open(dir, folder.Options{C: 3, H: 8, W: 8})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) > 1<<16 {
			return
		}
		path := filepath.Join(dir, "a", "x.png")
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
		im := image{}
		var sums sums
		im.examine(sets.Train, &sums)
		if im.err == nil && (im.w*im.h == 0 || sums.n != uint64(im.w*im.h)) {
			t.Errorf("%d x %d, %d pixels", im.w, im.h, sums.n)
		}
	})
}

func BenchmarkLook(b *testing.B) {
	im := data.FromImage(scene(1, 640, 480), 3, 480, 640)
	for b.Loop() {
		lookOf(im)
	}
}
