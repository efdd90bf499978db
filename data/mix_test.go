package data

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lince-ml/lince/internal/philox"
)

// flat is a dataset of n images of one colour: all pixels of sample i are i.
type flat struct{ n, h, w int }

func (d flat) Len() int          { return d.n }
func (d flat) Classes() []string { return make([]string, d.n) }
func (d flat) Name(i int) string { return "flat" }

func (d flat) Sample(i int) (Sample, error) {
	im := NewImage(2, d.h, d.w)
	fillAll(im.Pix, uint8(i))
	return Sample{Image: im, Label: i}, nil
}

// TestTargetsFollowPixels reads off the pixels how much each image has of which other one, and compares with the targets.
func TestTargetsFollowPixels(t *testing.T) {
	for name, l := range map[string]Loader{
		"mixup": {MixUp: 1}, "cutmix": {CutMix: 1}, "both": {MixUp: 0.2, CutMix: 1},
	} {
		l.Data, l.Batch, l.Shuffle = flat{50, 20, 30}, 8, true
		mixed, whole, rows := 0, 0, 0
		for epoch := range 10 {
			for b, err := range l.Batches(t.Context(), epoch, 0) {
				if err != nil {
					t.Fatal(err)
				}
				for i := range b.N {
					own, next := b.Index[i], b.Index[(i+1)%b.N]
					target := slices.Clone(b.target(i))
					share := target[own]
					if math.Abs(float64(share+target[next])-1) > 1e-6 {
						t.Fatalf("%s: targets %v", name, target)
					}
					if want := []int{next, own}[map[bool]int{true: 1}[share >= 0.5]]; int(b.Y.I32()[i]) != want {
						t.Fatalf("%s: label %d with %v of %d", name, b.Y.I32()[i], share, own)
					}
					sum, others := 0, 0
					for _, p := range b.pixels(i) {
						sum += int(p)
						if int(p) != own && int(p) != next {
							others++
						}
					}
					mean := float64(sum) / float64(len(b.pixels(i)))
					if want := float64(share)*float64(own) + float64(1-share)*float64(next); math.Abs(mean-want) > 0.51 {
						t.Fatalf("%s: mean %.2f, want %.2f", name, mean, want)
					}
					rows++
					if others > 0 {
						mixed++
					}
					if share > 0.99 || share < 0.01 {
						whole++
					}
				}
				if b.N < l.Batch && !slices.Equal(b.target(b.N), make([]float32, 50)) {
					t.Errorf("%s: targets of a row without sample: %v", name, b.target(b.N))
				}
			}
		}
		if blended := map[string]bool{"mixup": true, "both": true}[name]; blended != (mixed > 0) || mixed == rows || whole > rows/2 {
			t.Errorf("%s: %d of %d images are a blend, %d are one image", name, mixed, rows, whole)
		}
	}
}

func TestTargetsOfSeveralLabels(t *testing.T) {
	d := numbers{n: 6, classes: 3, sample: func(i int, s *Sample) error {
		s.Label, s.Labels = -1, []float32{float32(i % 2), float32(i / 2 % 2), 0}
		return nil
	}}
	for b, err := range (&Loader{Data: d, Batch: 6}).Batches(t.Context(), 0, 0) {
		if err != nil {
			t.Fatal(err)
		}
		want := []float32{0, 0, 0, 1, 0, 0, 0, 1, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0}
		if !slices.Equal(b.Targets.F32(), want) || b.Y.I32()[0] != -1 || b.Samples[3].Labels[1] != 1 || b.Samples[3].Image.Pix != nil || b.Samples[3].Image.H != 1 {
			t.Errorf("targets %v, labels %v, samples %v", b.Targets.F32(), b.Y.I32(), b.Samples)
		}
	}
}

// TestBeta compares mean and variance with those of the distribution, 1/2 and 1/(4(2α+1)).
func TestBeta(t *testing.T) {
	for _, alpha := range []float64{0.001, 0.2, 1, 3} {
		r := rand.New(philox.NewSource(1))
		const n = 20000
		var sum, squares float64
		for range n {
			x := beta(r, alpha)
			if !(x >= 0 && x <= 1) {
				t.Fatalf("Beta(%v) gives %v", alpha, x)
			}
			sum += x
			squares += (x - 0.5) * (x - 0.5)
		}
		variance := 1 / (4 * (2*alpha + 1))
		if math.Abs(sum/n-0.5) > 0.012 || math.Abs(squares/n-variance) > 0.05*variance {
			t.Errorf("Beta(%v): mean %.4f, variance %.4f, want 0.5, %.4f", alpha, sum/n, squares/n, variance)
		}
	}
}

func BenchmarkMix(b *testing.B) {
	for name, l := range map[string]Loader{"none": {}, "mixup": {MixUp: 1}, "cutmix": {CutMix: 1}} {
		b.Run(name, func(b *testing.B) {
			l.Data, l.Batch, l.Workers = flat{1000, 32, 32}, 100, 1
			for b.Loop() {
				for range l.Batches(b.Context(), 0, 0) {
				}
			}
			b.ReportMetric(float64(1000*b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
