package data

import (
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"github.com/lince-ml/lince/internal/philox"
)

// bright is a dataset of dark images with a bright rectangle each, as thing has it, somewhere else in every one. Sample bad-1 cannot be read.
type bright struct{ n, bad int }

func (d bright) Len() int          { return d.n }
func (d bright) Classes() []string { return make([]string, 8) }
func (d bright) Name(i int) string { return "bright" }

func (d bright) Sample(i int) (Sample, error) {
	if i == d.bad-1 {
		return Sample{}, errors.New("bright: cannot be read")
	}
	return RandomAffine{Translate: 0.2, Scale: 0.3}.Apply(rand.New(philox.NewSource(uint64(i))), thing()), nil
}

var collages = map[string]Collage{
	"mosaic":     Mosaic{H: 70, W: 90, P: 1}.Apply,
	"copy-paste": CopyPaste{P: 1}.Apply,
	"large":      CopyPaste{P: 1, Most: 20, Scale: [2]float64{2, 3}}.Apply,
}

// TestCollagesAgree compares the bright pixels with the mask, and with the shapes of the boxes together; edges may be off by a pixel, for masks take the nearest value and images are interpolated.
func TestCollagesAgree(t *testing.T) {
	d := bright{n: 30}
	for name, f := range collages {
		things := 0
		for seed := range 100 {
			s, _ := d.Sample(seed % d.n)
			s, err := f(rand.New(philox.NewSource(uint64(seed))), s, d.n, d.Sample)
			if err != nil {
				t.Fatal(err)
			}
			if err := checkLabels(s, 8); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			h, w := s.Image.H, s.Image.W
			shapes := make([]bool, h*w)
			for _, b := range s.Boxes {
				things++
				m := b.Shape.Raster(h, w)
				in, _ := extent(h, w, func(i int) bool { return m.Pix[i] != 0 })
				if !nearBox(in, b, 1.6) {
					t.Fatalf("%s, seed %d: box %v around a thing in %v", name, seed, b, in)
				}
				for i, v := range m.Pix {
					shapes[i] = shapes[i] || v != 0
				}
			}
			differ, lost := 0, 0
			for i, v := range s.Mask.Pix {
				if (s.Image.Pix[i] > 125) != (v == 7) {
					differ++
				}
				if shapes[i] && v != 7 {
					differ++
				}
				if !shapes[i] && v == 7 {
					lost++ // of things that were dropped, since too little of them is left
				}
			}
			if differ > 250 || lost > 900 {
				t.Fatalf("%s, seed %d: %d pixels differ between image, mask and shapes, %d are of no thing", name, seed, differ, lost)
			}
		}
		if things < 100 {
			t.Errorf("%s: %d things in 100 images", name, things)
		}
	}
}

// TestBehind hides a thing more and more.
func TestBehind(t *testing.T) {
	square := func(x0, y0, x1, y1 float32) Box {
		b := Box{X0: x0, Y0: y0, X1: x1, Y1: y1, Shape: &Shape{Polygons: [][]float32{{x0, y0, x1, y0, x1, y1, x0, y1}}}}
		b.Shape = &Shape{Mask: b.Shape.Raster(40, 40)}
		return b
	}
	b := square(10, 10, 20, 20)
	for x, want := range map[float32]Box{20: b, 15: square(10, 10, 15, 20), 13: square(10, 10, 13, 20), 12: {}} {
		got, ok := b.behind(square(x, 5, 30, 30), 40, 40)
		if ok != (want != Box{}) || ok && !reflect.DeepEqual(got, want) {
			t.Errorf("behind a thing from %v on: %v, %t, want %v", x, got, ok, want)
		}
	}
	b.Shape = nil
	if got, ok := b.behind(square(0, 0, 40, 40), 40, 40); !ok || got != b {
		t.Errorf("a box without shape becomes %v, %t", got, ok)
	}
}

// TestLoaderOfCollages compares workers, and what is drawn again when an epoch goes on.
func TestLoaderOfCollages(t *testing.T) {
	l := Loader{Data: bright{n: 20}, Batch: 4, Shuffle: true, Seed: 3, Collages: []Collage{collages["mosaic"], collages["copy-paste"]}, Transform: RandomFlip()}
	var want []Sample
	for _, c := range []struct{ workers, from int }{{1, 0}, {3, 0}, {2, 2}} {
		l.Workers = c.workers
		var got []Sample
		for b, err := range l.Batches(t.Context(), 1, c.from) {
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range b.Samples {
				s.Image.Pix = append([]uint8(nil), b.pixels(i)...)
				got = append(got, s)
			}
		}
		if want == nil {
			want = got
		}
		if !reflect.DeepEqual(got, want[4*c.from:]) {
			t.Errorf("other batches with %d workers from batch %d on", c.workers, c.from)
		}
	}
	for b, err := range (&Loader{Data: bright{20, 5}, Batch: 20, Collages: l.Collages}).Batches(t.Context(), 0, 0) {
		if err == nil || !strings.Contains(err.Error(), "cannot be read") {
			t.Errorf("%v, %v", b, err)
		}
	}
}

// TestCollagesOfLabels are errors.
func TestCollagesOfLabels(t *testing.T) {
	for name, f := range collages {
		for _, s := range []Sample{{Label: 3}, {Label: -1, Labels: make([]float32, 8)}} {
			if _, err := f(rand.New(philox.NewSource(1)), s, 0, nil); err == nil || !strings.Contains(err.Error(), "of images with labels, expected boxes or masks alone") {
				t.Errorf("%s: error %v", name, err)
			}
		}
	}
}

// TestMasksOfOtherSizes are errors, not crashes.
func TestMasksOfOtherSizes(t *testing.T) {
	for _, change := range []func(s *Sample){
		func(s *Sample) { s.Mask = &Mask{3, 3, make([]uint16, 9)} },
		func(s *Sample) { s.Mask = &Mask{48, 64, nil} },
		func(s *Sample) { s.Boxes[0].Shape = &Shape{Mask: &Mask{64, 48, make([]uint16, 64*48)}} },
	} {
		s := thing()
		change(&s)
		if err := checkLabels(s, 8); err == nil || !strings.HasPrefix(err.Error(), "mask of ") {
			t.Errorf("error %v", err)
		}
	}
}

// BenchmarkCollages counts images per second.
func BenchmarkCollages(b *testing.B) {
	d := bright{n: 8}
	read := make([]Sample, d.n)
	for i := range read {
		read[i], _ = d.Sample(i)
	}
	for name, f := range collages {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			r := rand.New(philox.NewSource(1))
			for i := 0; b.Loop(); i++ {
				f(r, read[i%d.n], d.n, func(i int) (Sample, error) { return read[i], nil })
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
