package data

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/lince-ml/lince/internal/philox"
	"github.com/lince-ml/lince/tensor"
)

// A Batch is what a training step takes. It is valid until the next step of the iteration, which reuses its memory.
type Batch struct {
	X       *tensor.Tensor // u8 [B,C,H,W]
	Y       *tensor.Tensor // i32 [B], the labels, -1 where a sample has none
	Targets *tensor.Tensor // f32 [B,classes], how much each image is of each class; nil where Y says it all
	N       int            // rows that hold samples; the others, in the last batch of an epoch, are zero
	Index   []int          // the N samples' places in the dataset
	Samples []Sample       // the N samples as transformed, without the pixels of their images, which are in X
}

// A Loader cuts a dataset into batches.
type Loader struct {
	Data      Dataset
	Batch     int       // rows of a batch
	Seed      uint64    // of the order and of the Transform's numbers
	Shuffle   bool      // a new order in each epoch, else that of Data
	DropLast  bool      // leave out a last batch that is not full
	Workers   int       // goroutines that prepare batches; 0 means one per CPU. It changes no result.
	Transform Transform // applied to each image, if not nil
}

// Len returns the number of batches in an epoch.
func (l *Loader) Len() int {
	if l.Batch <= 0 {
		return 0
	}
	n := l.Data.Len()
	if !l.DropLast {
		n += l.Batch - 1
	}
	return n / l.Batch
}

// Batches iterates over the batches of an epoch, beginning with number from: one that stopped after k batches goes
// on exactly with from = k. An error ends the iteration; that of ctx comes as soon as ctx is done. When the loop
// ends, for whatever reason, no goroutine is left behind. Memory is bounded: about two batches per worker.
func (l *Loader) Batches(ctx context.Context, epoch, from int) iter.Seq2[*Batch, error] {
	return func(yield func(*Batch, error) bool) {
		switch {
		case l.Batch <= 0:
			yield(nil, fmt.Errorf("loader: batches of %d samples, expected at least 1", l.Batch))
		case from < 0 || from > l.Len():
			yield(nil, fmt.Errorf("loader: start at batch %d, expected 0 to %d", from, l.Len()))
		default:
			l.run(ctx, epoch, from, yield)
		}
	}
}

// run keeps a ring of slots, filled by the workers and emptied in order. Slot i%len(ring) takes batch i, and is
// handed out again when batch i has been consumed, so a channel as long as the ring never blocks.
func (l *Loader) run(ctx context.Context, epoch, from int, yield func(*Batch, error) bool) {
	workers := l.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	ring := make([]*slot, min(2*workers+1, l.Len()-from))
	jobs := make(chan *slot, len(ring))
	order := l.order(epoch)
	submit := func(s *slot, batch int) {
		s.index = order[batch*l.Batch : min((batch+1)*l.Batch, len(order))]
		jobs <- s
	}
	for i := range ring {
		ring[i] = &slot{done: make(chan error, 1)}
		submit(ring[i], from+i)
	}

	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	for range min(workers, len(ring)) {
		wg.Go(func() { l.work(ctx, epoch, jobs) })
	}
	defer wg.Wait()
	defer cancel()
	l.consume(ctx, ring, submit, from, yield)
}

func (l *Loader) consume(ctx context.Context, ring []*slot, submit func(*slot, int), from int, yield func(*Batch, error) bool) {
	var shape tensor.Shape
	for i := from; i < l.Len(); i++ {
		s := ring[(i-from)%len(ring)]
		var err error
		select {
		case err = <-s.done:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		if err == nil && i > from && s.batch.X.Shape() != shape {
			err = fmt.Errorf("%s: batch of %v, others are %v", l.Data.Name(s.index[0]), s.batch.X.Shape(), shape)
		}
		if err != nil {
			yield(nil, err)
			return
		}
		shape = s.batch.X.Shape()
		if !yield(&s.batch, nil) {
			return
		}
		if next := i + len(ring); next < l.Len() {
			submit(s, next)
		}
	}
}

// order returns the samples in the order of the epoch.
func (l *Loader) order(epoch int) []int {
	order := make([]int, l.Data.Len())
	for i := range order {
		order[i] = i
	}
	if l.Shuffle {
		r := rand.New(philox.NewSource(l.Seed, uint64(epoch)))
		r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	return order
}

// A slot is a batch in the making.
type slot struct {
	index []int
	batch Batch
	done  chan error
}

func (l *Loader) work(ctx context.Context, epoch int, jobs <-chan *slot) {
	for {
		select {
		case s := <-jobs:
			s.done <- l.fill(ctx, epoch, s)
		case <-ctx.Done():
			return
		}
	}
}

// fill makes the batch of s.index.
func (l *Loader) fill(ctx context.Context, epoch int, s *slot) error {
	b := &s.batch
	var size int // bytes of an image
	for row, i := range s.index {
		if err := ctx.Err(); err != nil {
			return err
		}
		sample, err := l.sample(epoch, i)
		if err != nil {
			return err
		}
		if row == 0 {
			l.allocate(b, sample)
			size = len(sample.Image.Pix)
		}
		if err := fits(sample, b); err != nil {
			return fmt.Errorf("%s: %w", l.Data.Name(i), err)
		}
		copy(b.X.U8()[row*size:], sample.Image.Pix)
		b.Y.I32()[row] = int32(sample.Label)
		if b.Targets != nil {
			copy(b.Targets.F32()[row*b.Targets.Shape().Dim(1):], sample.Labels)
		}
		sample.Image.Pix = nil
		b.Samples = append(b.Samples, sample)
	}
	b.N, b.Index = len(s.index), s.index
	clear(b.X.U8()[b.N*size:])
	clear(b.Y.I32()[b.N:])
	if b.Targets != nil {
		clear(b.Targets.F32()[b.N*b.Targets.Shape().Dim(1):])
	}
	return nil
}

// fits checks that s is a row of b.
func fits(s Sample, b *Batch) error {
	im, shape := s.Image, b.X.Shape()
	if c, h, w := shape.Dim(1), shape.Dim(2), shape.Dim(3); im.C != c || im.H != h || im.W != w {
		return fmt.Errorf("image of %dx%dx%d, others are %dx%dx%d (planes x height x width)", im.C, im.H, im.W, c, h, w)
	}
	if n := im.C * im.H * im.W; len(im.Pix) != n {
		return fmt.Errorf("image with %d bytes of pixels, expected %d", len(im.Pix), n)
	}
	if (s.Labels != nil) != (b.Targets != nil) {
		return errors.New("some samples have one label, some a list of labels: all must be alike")
	}
	return nil
}

// allocate makes room in b for samples like s, unless there is already.
func (l *Loader) allocate(b *Batch, s Sample) {
	im := s.Image
	shape := tensor.ShapeOf(l.Batch, im.C, im.H, im.W)
	if b.X == nil || b.X.Shape() != shape {
		b.X = tensor.New(tensor.U8, shape)
		b.Y = tensor.New(tensor.I32, tensor.ShapeOf(l.Batch))
		b.Samples = make([]Sample, 0, l.Batch)
	}
	if s.Labels != nil && b.Targets == nil {
		b.Targets = tensor.New(tensor.F32, tensor.ShapeOf(l.Batch, len(s.Labels)))
	}
	b.Samples = b.Samples[:0]
}

// sample returns sample i as the epoch sees it.
func (l *Loader) sample(epoch, i int) (Sample, error) {
	s, err := l.Data.Sample(i)
	if err != nil {
		return s, err
	}
	if err := checkLabels(s, len(l.Data.Classes())); err != nil {
		return s, fmt.Errorf("%s: %w", l.Data.Name(i), err)
	}
	s.Index, s.Epoch = i, epoch
	if l.Transform != nil {
		s = l.Transform(rand.New(philox.NewSource(l.Seed, uint64(epoch), uint64(i))), s)
	}
	return s, nil
}

// checkLabels reports a label of s that is none of the classes. A sample of boxes, a mask or points need not have one.
func checkLabels(s Sample, classes int) error {
	other := s.Labels != nil || s.Boxes != nil || s.Mask != nil || s.Points != nil
	if (s.Label < 0 || s.Label >= classes) && !(other && s.Label == -1) {
		return fmt.Errorf("label %d, expected 0 to %d", s.Label, classes-1)
	}
	if s.Labels != nil && len(s.Labels) != classes {
		return fmt.Errorf("a list of %d labels, expected one for each of %d classes", len(s.Labels), classes)
	}
	for _, v := range s.Labels {
		if v != 0 && v != 1 {
			return fmt.Errorf("label %v in a list of labels, expected 0 or 1", v)
		}
	}
	for _, b := range s.Boxes {
		if b.Class < 0 || b.Class >= classes {
			return fmt.Errorf("box of class %d, expected 0 to %d", b.Class, classes-1)
		}
	}
	return nil
}
