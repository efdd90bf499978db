package data

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lince-ml/lince/tensor"
)

// numbers is a dataset of n images of one pixel, which is the number of the sample; labels go round.
type numbers struct {
	n, classes int
	sample     func(i int, s *Sample) error // if set, may change a sample
}

func (d numbers) Len() int          { return d.n }
func (d numbers) Classes() []string { return make([]string, d.classes) }
func (d numbers) Name(i int) string { return fmt.Sprintf("numbers#%d", i) }

func (d numbers) Sample(i int) (Sample, error) {
	s := Sample{Image: Image{1, 1, 1, []uint8{uint8(i)}}, Label: i % d.classes}
	if d.sample != nil {
		return s, d.sample(i, &s)
	}
	return s, nil
}

// row is a row of a batch.
type row struct {
	index, label int
	pix          string
}

// collect returns the rows of all batches, and the first error.
func collect(l Loader, epoch, from int) (rows []row, err error) {
	for b, err := range l.Batches(context.Background(), epoch, from) {
		if err != nil {
			return rows, err
		}
		size := b.X.Size() / l.Batch
		for i, index := range b.Index {
			rows = append(rows, row{index, int(b.Y.I32()[i]), string(b.X.U8()[i*size : (i+1)*size])})
		}
	}
	return rows, nil
}

func TestBatches(t *testing.T) {
	l := Loader{Data: numbers{n: 10, classes: 3}, Batch: 4, Workers: 2}
	var got []string
	for b, err := range l.Batches(t.Context(), 0, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if b.X.DType() != tensor.U8 || b.X.Shape() != tensor.ShapeOf(4, 1, 1, 1) || b.Y.Shape() != tensor.ShapeOf(4) {
			t.Errorf("batch of %v and %v", b.X, b.Y)
		}
		got = append(got, fmt.Sprint(b.N, b.Index, b.X.U8(), b.Y.I32()))
	}
	want := []string{
		"4 [0 1 2 3] [0 1 2 3] [0 1 2 0]",
		"4 [4 5 6 7] [4 5 6 7] [1 2 0 1]",
		"2 [8 9] [8 9 0 0] [2 0 0 0]",
	}
	if !slices.Equal(got, want) || l.Len() != 3 {
		t.Errorf("%d batches\n%s", l.Len(), strings.Join(got, "\n"))
	}
	l.DropLast = true
	if rows, err := collect(l, 0, 0); err != nil || len(rows) != 8 || l.Len() != 2 {
		t.Errorf("without the last: %d rows, %d batches, %v", len(rows), l.Len(), err)
	}
}

// noise adds a random amount to each pixel, after a random time.
func noise(r *rand.Rand, s Sample) Sample {
	time.Sleep(rand.N(50 * time.Microsecond))
	out := NewImage(s.Image.C, s.Image.H, s.Image.W)
	for i := range out.Pix {
		out.Pix[i] = s.Image.Pix[i] + uint8(r.IntN(100))
	}
	s.Image = out
	return s
}

func TestSameForAnyWorkers(t *testing.T) {
	l := Loader{Data: numbers{n: 205, classes: 5}, Batch: 8, Seed: 7, Shuffle: true, Transform: noise}
	for epoch := range 2 {
		l.Workers = 1
		want, err := collect(l, epoch, 0)
		if err != nil || len(want) != 205 {
			t.Fatal(len(want), err)
		}
		for _, workers := range []int{0, 2, 5, 100} {
			l.Workers = workers
			for _, from := range []int{0, 17, 26} {
				got, err := collect(l, epoch, from)
				if err != nil || !slices.Equal(got, want[min(205, 8*from):]) {
					t.Errorf("epoch %d from batch %d with %d workers differs (%v)", epoch, from, workers, err)
				}
			}
		}
	}
}

func TestEpochsAndSeedsDiffer(t *testing.T) {
	seen := map[string]string{}
	for _, seed := range []uint64{0, 1} {
		for epoch := range 3 {
			l := Loader{Data: numbers{n: 50, classes: 5}, Batch: 50, Seed: seed, Shuffle: true, Transform: noise}
			rows, err := collect(l, epoch, 0)
			if err != nil {
				t.Fatal(err)
			}
			var order []int
			var noise []uint8
			for _, r := range rows {
				order = append(order, r.index)
				noise = append(noise, r.pix[0]-uint8(r.index))
			}
			for _, key := range []string{fmt.Sprint(order), fmt.Sprint(noise)} {
				if seen[key] != "" {
					t.Errorf("seed %d epoch %d is as %s", seed, epoch, seen[key])
				}
				seen[key] = fmt.Sprintf("seed %d epoch %d", seed, epoch)
			}
			slices.Sort(order)
			if order[0] != 0 || order[49] != 49 || len(slices.Compact(order)) != 50 {
				t.Errorf("not each sample once: %v", order)
			}
		}
	}
}

// TestOrderIsFixed notices if another Go release shuffles in another way: runs would no longer repeat.
func TestOrderIsFixed(t *testing.T) {
	l := Loader{Data: numbers{n: 10, classes: 2}, Seed: 1, Shuffle: true}
	if got, was := fmt.Sprint(l.order(3)), "[4 2 6 8 7 0 5 3 9 1]"; got != was {
		t.Errorf("order %s, was %s", got, was)
	}
}

func TestLoaderErrors(t *testing.T) {
	broken := errors.New("broken")
	at := func(n int, change func(s *Sample) error) numbers {
		return numbers{n: 40, classes: 4, sample: func(i int, s *Sample) error {
			if i != n {
				return nil
			}
			return change(s)
		}}
	}
	for want, c := range map[string]struct {
		data  numbers
		batch int
		from  int
		rows  int // delivered before the error
	}{
		"broken":                                 {at(21, func(*Sample) error { return broken }), 4, 0, 20},
		"numbers#21: label 4, expected 0 to 3":   {at(21, func(s *Sample) error { s.Label = 4; return nil }), 4, 0, 20},
		"numbers#0: label -1, expected 0 to 3":   {at(0, func(s *Sample) error { s.Label = -1; return nil }), 4, 0, 0},
		"numbers#21: image of 1x2x1, others are": {at(21, func(s *Sample) error { s.Image = NewImage(1, 2, 1); return nil }), 4, 0, 20},
		"numbers#21: batch of [1 1 2 1], others": {at(21, func(s *Sample) error { s.Image = NewImage(1, 2, 1); return nil }), 1, 0, 21},
		"numbers#20: image with 0 bytes":         {at(20, func(s *Sample) error { s.Image.Pix = nil; return nil }), 4, 0, 20},
		"loader: batches of 0 samples":           {numbers{n: 40, classes: 4}, 0, 0, 0},
		"loader: start at batch 11, expected 0":  {numbers{n: 40, classes: 4}, 4, 11, 0},
		"loader: start at batch -1, expected 0":  {numbers{n: 40, classes: 4}, 4, -1, 0},
	} {
		rows, err := collect(Loader{Data: c.data, Batch: c.batch, Workers: 3}, 0, c.from)
		if err == nil || !strings.HasPrefix(err.Error(), want) || len(rows) != c.rows {
			t.Errorf("%d rows, then %v; want %d, then %s", len(rows), err, c.rows, want)
		}
	}
}

// TestNothingIsLeft stops iterations early and counts the goroutines.
func TestNothingIsLeft(t *testing.T) {
	before := runtime.NumGoroutine()
	l := Loader{Data: numbers{n: 1000, classes: 5}, Batch: 4, Workers: 8, Transform: noise}
	for range l.Batches(t.Context(), 0, 0) {
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	n := 0
	for _, err := range l.Batches(ctx, 0, 0) {
		if n++; n == 3 {
			cancel()
		}
		if n > 3 && !errors.Is(err, context.Canceled) {
			t.Errorf("batch %d after the end: %v", n, err)
		}
	}
	if n != 4 {
		t.Errorf("%d steps, expected three batches and an error", n)
	}
	// A goroutine counts for a moment after its last statement.
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines, before there were %d", runtime.NumGoroutine(), before)
}

// TestMemoryIsRecycled sees that batches take turns in a few buffers.
func TestMemoryIsRecycled(t *testing.T) {
	l := Loader{Data: numbers{n: 100, classes: 5}, Batch: 2, Workers: 2}
	seen := map[*uint8]bool{}
	for b, err := range l.Batches(t.Context(), 0, 0) {
		if err != nil {
			t.Fatal(err)
		}
		seen[&b.X.U8()[0]] = true
	}
	if len(seen) > 5 {
		t.Errorf("50 batches in %d buffers", len(seen))
	}
}

func TestSubset(t *testing.T) {
	d := Subset(Subset(numbers{n: 50, classes: 5}, []int{10, 21, 32, 43}), []int{3, 1})
	s, err := d.Sample(0)
	want := Sample{Image: Image{1, 1, 1, []uint8{43}}, Label: 3}
	if err != nil || !reflect.DeepEqual(s, want) || d.Len() != 2 || d.Name(1) != "numbers#21" {
		t.Errorf("%v, %v, %d samples, second %s", s, err, d.Len(), d.Name(1))
	}
	if l, err := d.(Labeler).Label(1); l != 1 || err != nil {
		t.Errorf("label %d, %v", l, err)
	}
}

func TestSplit(t *testing.T) {
	d := numbers{n: 100, classes: 2, sample: func(i int, s *Sample) error {
		s.Label = 0
		if i < 10 {
			s.Label = 1
		}
		return nil
	}}
	indices := func(d Dataset) []int { return d.(*subset).indices }
	train, val, err := Split(d, 0.2, 1)
	if err != nil || train.Len() != 80 || val.Len() != 20 {
		t.Fatal(err)
	}
	all := slices.Concat(indices(train), indices(val))
	slices.Sort(all)
	if len(slices.Compact(all)) != 100 || !slices.IsSorted(indices(train)) || !slices.IsSorted(indices(val)) {
		t.Errorf("not a division in order: %v %v", indices(train), indices(val))
	}
	rare := 0
	for i := range val.Len() {
		if s, _ := val.Sample(i); s.Label == 1 {
			rare++
		}
	}
	if rare != 2 {
		t.Errorf("%d of the 10 rare samples in the 20 %% for validation", rare)
	}
	_, again, _ := Split(d, 0.2, 1)
	_, other, _ := Split(d, 0.2, 2)
	if !slices.Equal(indices(val), indices(again)) || slices.Equal(indices(val), indices(other)) {
		t.Error("the division does not follow the seed")
	}
	for _, f := range []float64{-0.1, 1.1} {
		if _, _, err := Split(d, f, 1); err == nil {
			t.Errorf("fraction %v accepted", f)
		}
	}
	d.sample = func(i int, s *Sample) error { s.Label = 2; return nil }
	if _, _, err := Split(d, 0.2, 1); err == nil || err.Error() != "numbers#0: label 2, expected 0 to 1" {
		t.Errorf("error %v", err)
	}
}

// photographs is a dataset of n copies of a JPEG file of 500 x 375 pixels.
type photographs struct {
	file []byte
	n    int
}

func (d photographs) Len() int          { return d.n }
func (d photographs) Classes() []string { return []string{"photograph"} }
func (d photographs) Name(i int) string { return "photograph" }

func (d photographs) Sample(i int) (Sample, error) {
	im, err := Read(bytes.NewReader(d.file), Fit{C: 3, Resize: 256, Whole: true}, 0)
	return Sample{Image: im}, err
}

// BenchmarkLoader224 feeds a network for ImageNet: files are decoded, and transformed as is usual, by one worker.
func BenchmarkLoader224(b *testing.B) {
	crop, jitter := RandomResizedCrop{H: 224, W: 224}.Apply, Jitter{0.4, 0.4, 0.4, 0.1}.Apply
	decoded := photographs{photograph(b), 64}
	whole, err := decoded.Sample(0)
	if err != nil {
		b.Fatal(err)
	}
	inMemory := numbers{n: 64, classes: 1, sample: func(_ int, s *Sample) error {
		s.Image = whole.Image
		return nil
	}}
	for name, c := range map[string]struct {
		d Dataset
		t Transform
	}{
		"decode, crop, flip":             {decoded, Compose(crop, RandomFlip())},
		"decode, crop, flip, jitter":     {decoded, Compose(crop, RandomFlip(), jitter)},
		"in memory, crop, flip":          {inMemory, Compose(crop, RandomFlip())},
		"in memory, crop, flip, trivial": {inMemory, Compose(crop, RandomFlip(), TrivialAugment())},
	} {
		b.Run(name, func(b *testing.B) {
			l := Loader{Data: c.d, Batch: 32, Workers: 1, Transform: c.t}
			for b.Loop() {
				for _, err := range l.Batches(b.Context(), 0, 0) {
					if err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(b.N*c.d.Len())/b.Elapsed().Seconds(), "images/s")
		})
	}
}
