package data

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"

	"github.com/lince-ml/lince/internal/philox"
	"github.com/lince-ml/lince/tensor"
)

// Streams of random numbers beside those of the epochs. They are counted down from a number that no epoch has.
const (
	mixStream uint64 = math.MaxUint64 - iota
	flipStream
)

// A Batch is what a training step takes. It is valid until the next step of the iteration, which reuses its memory.
type Batch struct {
	X       *tensor.Tensor   // u8 [B,C,H,W]
	Y       *tensor.Tensor   // i32 [B], the labels, -1 where a sample has none; of mixed images, that with the larger share
	Targets *tensor.Tensor   // f32 [B,classes], how much each image is of each class: of several labels, or mixed; nil where Y says it all
	N       int              // rows that hold samples; the others, in the last batch of an epoch, are zero
	Index   []int            // the N samples' places in the dataset
	Samples []Sample         // the N samples as transformed, without the pixels of their images, which are in X
	Answers []*tensor.Tensor // what else says what is right: what Loader.Encode has made of Samples
}

// A Loader cuts a dataset into batches. What is in a batch is a function of Seed, the epoch and the number of the batch, so these three are
// all there is to save of a training that goes on later.
type Loader struct {
	Data      Dataset
	Batch     int       // rows of a batch
	Seed      uint64    // of the order and of all that is random in the samples
	Shuffle   bool      // a new order in each epoch, else that of Data
	DropLast  bool      // leave out a last batch that is not full
	Workers   int       // goroutines that prepare batches; 0 means one per CPU. It changes no result.
	Collages  []Collage // applied to each sample, in turn
	Transform Transform // applied to each sample, if not nil
	Whole     bool      // the Transform gets the whole image, where Data is a Wholer

	// Answers, if not nil, makes the tensors of Batch.Answers, whose first dimension is Batch, and Encode writes what is right for a sample into row i of each.
	// The workers call it, for different batches at once.
	Answers func() []*tensor.Tensor
	Encode  func(s Sample, i int, answers []*tensor.Tensor) error

	// Weights, if not nil, draws the samples of an epoch, as many as Data has, with replacement: sample i as often as Weights[i] says in proportion
	// to the others. BalancedWeights makes classes equally frequent.
	Weights []float64

	// Rank is the place, from 0, of this loader among Ranks that share the data; 0 of 0 or 1 takes all. Batch k of the ranks together has the samples
	// of batch k of a single loader of Ranks times as many rows. With DropLast, all ranks have the same number of batches.
	Rank, Ranks int

	// MixUp and CutMix blend each image of a batch with the next one, by amounts that follow a Beta distribution with both parameters of the value
	// given; 0 means never. Where both are set, each batch gets one of the two by chance. See Batch.Targets.
	MixUp, CutMix float64
}

// Len returns the number of batches in an epoch.
func (l *Loader) Len() int {
	if l.Batch <= 0 {
		return 0
	}
	n := l.share()
	if !l.DropLast {
		n += l.Batch - 1
	}
	return n / l.Batch
}

// share returns how many samples of an epoch are for this rank.
func (l *Loader) share() int {
	n, ranks := l.Data.Len(), max(1, l.Ranks)
	if !l.DropLast {
		n += ranks - 1 - l.Rank // the first ranks take one more
	}
	return n / ranks
}

// check reports a setting that is out of its range.
func (l *Loader) check() error {
	switch {
	case l.Batch <= 0:
		return fmt.Errorf("loader: batches of %d samples, expected at least 1", l.Batch)
	case l.Rank < 0 || l.Rank >= max(1, l.Ranks):
		return fmt.Errorf("loader: rank %d of %d, expected 0 to %d", l.Rank, l.Ranks, max(1, l.Ranks)-1)
	case !mixable(l.MixUp) || !mixable(l.CutMix):
		return fmt.Errorf("loader: mixup %v and cutmix %v, expected 0, or 0.001 to 1000", l.MixUp, l.CutMix)
	}
	return checkWeights(l.Weights, l.Data)
}

// Batches iterates over the batches of an epoch, beginning with number from: one that stopped after k batches goes
// on exactly with from = k. An error, such as that of a file that cannot be read, ends the iteration and names the sample; that of ctx comes as
// soon as ctx is done. When the loop ends, for whatever reason, no goroutine is left behind. Memory is bounded: about two batches per worker.
func (l *Loader) Batches(ctx context.Context, epoch, from int) iter.Seq2[*Batch, error] {
	return func(yield func(*Batch, error) bool) {
		if err := l.check(); err != nil {
			yield(nil, err)
			return
		}
		if from < 0 || from > l.Len() {
			yield(nil, fmt.Errorf("loader: start at batch %d, expected 0 to %d", from, l.Len()))
			return
		}
		l.run(ctx, epoch, from, yield)
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
		s.number, s.index = batch, order[batch*l.Batch:min((batch+1)*l.Batch, len(order))]
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

// order returns the samples of this rank in the order of the epoch.
func (l *Loader) order(epoch int) []int {
	r := rand.New(philox.NewSource(l.Seed, uint64(epoch)))
	order := make([]int, l.Data.Len())
	for i := range order {
		order[i] = i
	}
	switch {
	case l.Weights != nil:
		drawWith(r, order, l.Weights)
	case l.Shuffle:
		r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
	}
	share := l.share()
	for i := range share {
		order[i] = order[l.place(i)]
	}
	return order[:share]
}

// place returns the place in the order of all ranks of number i of this one's.
func (l *Loader) place(i int) int { return i*max(1, l.Ranks) + l.Rank }

// A slot is a batch in the making.
type slot struct {
	number int // of the batch
	index  []int
	batch  Batch
	done   chan error
	row    []uint8 // room for the pixels of an image
}

func (l *Loader) work(ctx context.Context, epoch int, jobs <-chan *slot) {
	for {
		select {
		case s := <-jobs:
			s.done <- l.attempt(ctx, epoch, s)
		case <-ctx.Done():
			return
		}
	}
}

// attempt is fill, where a panic of the dataset or the transform is an error: in a goroutine of the loader's own it would end the process.
func (l *Loader) attempt(ctx context.Context, epoch int, s *slot) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("internal error in the batch of %s and the %d samples after it: %v", l.Data.Name(s.index[0]), len(s.index)-1, v)
		}
	}()
	return l.fill(ctx, epoch, s)
}

// fill makes the batch of s.index.
func (l *Loader) fill(ctx context.Context, epoch int, s *slot) error {
	b := &s.batch
	for row, i := range s.index {
		if err := ctx.Err(); err != nil {
			return err
		}
		sample, err := l.sample(epoch, i, s.number*l.Batch+row)
		if err != nil {
			return err
		}
		if row == 0 {
			l.allocate(b, sample)
		}
		if err := l.put(b, row, sample); err != nil {
			return fmt.Errorf("%s: %w", l.Data.Name(i), err)
		}
	}
	b.N, b.Index = len(s.index), s.index
	b.clearFrom(b.N)
	l.mix(epoch, s)
	return nil
}

// put makes sample a row of b.
func (l *Loader) put(b *Batch, row int, sample Sample) error {
	if err := fits(sample, b); err != nil {
		return err
	}
	copy(b.pixels(row), sample.Image.Pix)
	b.Y.I32()[row] = int32(sample.Label)
	if b.Targets != nil {
		target := b.target(row)
		clear(target)
		if copy(target, sample.Labels) == 0 {
			target[sample.Label] = 1
		}
	}
	if len(b.Answers) > 0 {
		if err := l.Encode(sample, row, b.Answers); err != nil {
			return err
		}
	}
	sample.Image.Pix = nil
	b.Samples = append(b.Samples, sample)
	return nil
}

// pixels returns row i of X.
func (b *Batch) pixels(i int) []uint8 {
	size := b.X.Size() / b.X.Shape().Dim(0)
	return b.X.U8()[i*size:][:size]
}

// target returns row i of Targets.
func (b *Batch) target(i int) []float32 {
	classes := b.Targets.Shape().Dim(1)
	return b.Targets.F32()[i*classes:][:classes]
}

// clearFrom clears the rows from n on.
func (b *Batch) clearFrom(n int) {
	rows := b.Y.Size()
	clear(b.X.U8()[n*(b.X.Size()/rows):])
	clear(b.Y.I32()[n:])
	if b.Targets != nil {
		clear(b.Targets.F32()[n*(b.Targets.Size()/rows):])
	}
	for _, a := range b.Answers {
		clear(a.Bytes()[n*(len(a.Bytes())/rows):])
	}
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
	switch first := b.Samples; {
	case len(first) > 0 && (s.Labels != nil) != (first[0].Labels != nil):
		return errors.New("some samples have one label, some a list of labels: all must be alike")
	case b.Targets != nil && s.Labels == nil && s.Label < 0:
		return errors.New("no label, and mixup and cutmix mix labels")
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
		if l.Answers != nil {
			b.Answers = l.Answers()
		}
	}
	if b.Targets == nil && (s.Labels != nil || l.mixes()) {
		b.Targets = tensor.New(tensor.F32, tensor.ShapeOf(l.Batch, len(l.Data.Classes())))
	}
	b.Samples = b.Samples[:0]
}

// sample returns sample i as the epoch sees it, where it is number n of this rank.
func (l *Loader) sample(epoch, i, n int) (Sample, error) {
	s, err := l.read(i)
	if err != nil {
		return s, err
	}
	s.Index, s.Epoch = i, epoch
	if l.Transform == nil && l.Collages == nil {
		return s, nil
	}
	source := philox.NewSource(l.Seed, uint64(epoch), uint64(i))
	if l.Weights != nil { // it may come twice
		source = philox.NewSource(l.Seed, uint64(epoch), uint64(i), uint64(l.place(n)))
	}
	r := rand.New(source)
	for _, c := range l.Collages {
		if s, err = c(r, s, l.Data.Len(), l.read); err != nil {
			return s, fmt.Errorf("%s: %w", l.Data.Name(i), err)
		}
		s.Index, s.Epoch = i, epoch
	}
	if l.Transform != nil {
		s = l.Transform(r, s)
	}
	return s, nil
}

// read returns sample i of the data.
func (l *Loader) read(i int) (s Sample, err error) {
	if l.Whole {
		s, err = whole(l.Data, i)
	} else {
		s, err = l.Data.Sample(i)
	}
	if err != nil {
		return s, err
	}
	if err := checkLabels(s, len(l.Data.Classes())); err != nil {
		return s, fmt.Errorf("%s: %w", l.Data.Name(i), err)
	}
	return s, nil
}

// fits reports whether m is nil or of the size of im.
func (m *Mask) fits(im Image) bool {
	return m == nil || m.H == im.H && m.W == im.W && len(m.Pix) == im.H*im.W
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
		if b.Shape != nil && !b.Shape.Mask.fits(s.Image) {
			return fmt.Errorf("mask of a thing of %d x %d pixels in an image of %d x %d", b.Shape.Mask.W, b.Shape.Mask.H, s.Image.W, s.Image.H)
		}
	}
	if !s.Mask.fits(s.Image) {
		return fmt.Errorf("mask of %d x %d pixels of an image of %d x %d", s.Mask.W, s.Mask.H, s.Image.W, s.Image.H)
	}
	return nil
}
