package shapes

import (
	"crypto/sha256"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/internal/philox"
)

func open(t testing.TB, o Options) data.Sets {
	t.Helper()
	sets, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return sets
}

func sample(t testing.TB, d data.Dataset, i int) data.Sample {
	t.Helper()
	s, err := d.Sample(i)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestBoxesAndMasks sees that each box is the smallest around its mask, that no pixel belongs to two things, and that the masks of both views tell the same.
func TestBoxesAndMasks(t *testing.T) {
	sets := open(t, Options{Train: 200})
	segments, err := sets.For("segment")
	if err != nil {
		t.Fatal(err)
	}
	seen, overlaps := make([]int, len(classNames)), 0
	for i := range 200 {
		s, m := sample(t, sets.Train, i), sample(t, segments.Train, i)
		if !slices.Equal(s.Image.Pix, m.Image.Pix) || m.Boxes != nil || s.Mask != nil || s.Label != -1 {
			t.Fatalf("scene %d differs between detect and segment", i)
		}
		if len(s.Boxes) < 1 || len(s.Boxes) > 7 {
			t.Fatalf("scene %d has %d things", i, len(s.Boxes))
		}
		want := make([]uint16, len(m.Mask.Pix))
		for _, b := range s.Boxes {
			seen[b.Class]++
			around := data.Box{Class: b.Class, X0: 1e9, Y0: 1e9, Shape: b.Shape}
			for p, v := range b.Shape.Mask.Pix {
				if v == 0 {
					continue
				}
				if want[p] != 0 {
					t.Fatalf("scene %d: pixel %d is of two things", i, p)
				}
				want[p] = uint16(1 + b.Class)
				x, y := float32(p%128), float32(p/128)
				around.X0, around.Y0, around.X1, around.Y1 = min(around.X0, x), min(around.Y0, y), max(around.X1, x+1), max(around.Y1, y+1)
			}
			if around != b {
				t.Fatalf("scene %d: box %+v, its mask is in %+v", i, b, around)
			}
			for _, other := range s.Boxes {
				if other != b && b.X0 < other.X1 && other.X0 < b.X1 && b.Y0 < other.Y1 && other.Y0 < b.Y1 {
					overlaps++
				}
			}
		}
		if !slices.Equal(m.Mask.Pix, want) {
			t.Fatalf("scene %d: the mask is not that of the things", i)
		}
	}
	if slices.Min(seen) < 40 || slices.Max(seen) > 160 {
		t.Errorf("things of each class: %v", seen)
	}
	if overlaps < 100 {
		t.Errorf("%d pairs of boxes that overlap", overlaps/2)
	}
	if c := segments.Train.Classes(); len(c) != len(classNames)+1 || c[0] != "background" {
		t.Errorf("classes of segment: %v", c)
	}
}

// TestAreas compares the pixels of lone things with the area of their outline.
func TestAreas(t *testing.T) {
	const r = 40.0
	areas := map[string]float64{
		"circle": math.Pi, "square": 2, "triangle": 3 * math.Sqrt(3) / 4, "ring": math.Pi * (1 - 0.54*0.54), "star": 10 * 0.5 * 0.45 * math.Sin(math.Pi/5),
		"cross": 2*1.9*0.58 - 0.58*0.58,
		// The lines are as long as an ellipse of these half axes (Ramanujan's first formula), or as given, with two half circles at loose ends.
		"0": 2 * stroke * math.Pi * (3*1.14 - math.Sqrt((3*0.42+0.72)*(0.42+3*0.72))),
	}
	for class, name := range classNames {
		want, ok := areas[name]
		if !ok {
			continue
		}
		p := placed{outline: outlines[class], r: r, x: 64.3, y: 63.6}
		p.cos, p.sin = direction(0.07)
		w := p.window(128)
		n := 0
		for _, a := range p.cover(w, nil) {
			if a >= half {
				n++
			}
		}
		if got := float64(n) / (r * r); math.Abs(got-want) > 0.025 {
			t.Errorf("%s: area %.3f, want %.3f", name, got, want)
		}
	}
}

// TestOutlines sees that no outline reaches out of its circle, and that none says more than the distance is, on which cover relies.
func TestOutlines(t *testing.T) {
	r := rand.New(philox.NewSource(3))
	for class, f := range outlines {
		for range 20000 {
			x, y := 3*r.Float64()-1.5, 3*r.Float64()-1.5
			d := f(x, y)
			if math.IsNaN(d) || d <= 0 && math.Hypot(x, y) > 1.0001 {
				t.Fatalf("%s: %v at (%v, %v)", classNames[class], d, x, y)
			}
			u, v := x+0.2*(r.Float64()-0.5), y+0.2*(r.Float64()-0.5)
			if far := math.Hypot(u-x, v-y); math.Abs(f(u, v)-d) > far+1e-6 {
				t.Fatalf("%s: from %v to %v within %v", classNames[class], d, f(u, v), far)
			}
		}
	}
}

// TestPure draws the same scenes in turn, at once, and in other sets. The digest is the same on every processor.
func TestPure(t *testing.T) {
	sets := open(t, Options{Train: 40, Test: 40})
	hash := sha256.New()
	first := make([]data.Sample, 40)
	for i := range first {
		first[i] = sample(t, sets.Train, i)
		hash.Write(first[i].Image.Pix)
		fmt.Fprint(hash, first[i].Boxes[0].Class, first[i].Boxes[0].X1)
	}
	if got, want := fmt.Sprintf("%x", hash.Sum(nil)[:8]), "f545ba97f66ffe05"; got != want {
		t.Errorf("other scenes than before: digest %s, want %s", got, want)
	}
	var wg sync.WaitGroup
	for i := range first {
		wg.Go(func() {
			if s, err := sets.Train.Sample(i); err != nil || !reflect.DeepEqual(s, first[i]) {
				t.Errorf("scene %d is another one the second time", i)
			}
		})
	}
	wg.Wait()
	other := open(t, Options{Train: 1, Seed: 1})
	for _, s := range []data.Sample{sample(t, sets.Test, 0), sample(t, sets.Train, 1), sample(t, other.Train, 0)} {
		if slices.Equal(s.Image.Pix, first[0].Image.Pix) {
			t.Error("two scenes are the same")
		}
	}
}

func TestSingle(t *testing.T) {
	d := open(t, Options{Task: "localize", Train: 100}).Train
	for i := range 100 {
		s := sample(t, d, i)
		label, _, err := data.Labels(d, i)
		if err != nil || len(s.Boxes) != 1 || s.Boxes[0].Class != s.Label || label != s.Label {
			t.Fatalf("scene %d: label %d, without the image %d, boxes %v", i, s.Label, label, s.Boxes)
		}
	}
	if name := d.Name(17); name != "shapes/train#17" {
		t.Error(name)
	}
}

func TestOptions(t *testing.T) {
	o, err := ParseOptions(map[string]string{"task": "segment", "train": "3", "val": "0", "test": "2", "size": "64", "seed": "18446744073709551615"})
	if err != nil || o != (Options{"segment", 3, 0, 2, 64, math.MaxUint64}) {
		t.Errorf("%+v, %v", o, err)
	}
	sets := open(t, o)
	if sets.Validation != nil || sets.Test.Len() != 2 || sample(t, sets.Test, 1).Image.H != 64 {
		t.Errorf("%+v", sets)
	}
	if _, err := sets.Test.Sample(2); err == nil {
		t.Error("no error for scene 2 of 2")
	}
	all := open(t, Options{})
	if all.Train.Len() != 20000 || all.Validation.Len() != 500 || all.Test.Len() != 1000 {
		t.Error("other sizes than the usual ones")
	}
	for key, value := range map[string][2]string{
		"task": {"segmnt", `unknown task "segmnt": did you mean "segment"? there are classify, localize, detect, instances and segment`},
		"size": {"20", "images of 20 x 20 pixels, expected 48 to 1024"}, "train": {"-1", "a set of -1 images, expected 0 to 10000000"},
		"val": {"x", `val is "x", expected a whole number`}, "seed": {"-1", `seed is "-1", expected a whole number, 0 or more`},
	} {
		if _, err := ParseOptions(map[string]string{key: value[0]}); err == nil || err.Error() != value[1] {
			t.Errorf("%s=%s: %v, want %s", key, value[0], err, value[1])
		}
	}
}

// BenchmarkSample counts scenes per second of one core.
func BenchmarkSample(b *testing.B) {
	d := open(b, Options{}).Train
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		sample(b, d, i%d.Len())
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "images/s")
}
