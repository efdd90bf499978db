// Package check examines a data set before it is trained on: files that cannot be read, pictures that are there twice or in more than one set, the same picture with
// different classes, classes that are rare, and what sizes, proportions and colours there are. Of boxes, outlines and masks it tells what was wrong when they were read,
// and what looks wrong.
package check

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/lince-ml/lince/data"
)

// DefaultDistance is how many bits the perceptual hashes of near duplicates differ in at most, if Options does not say it.
const DefaultDistance = 4

// Options say how to examine.
type Options struct {
	Distance int                   // bits that the hashes of near duplicates may differ in, 0 to 16; -1 looks for none
	Workers  int                   // goroutines; 0 means one per CPU. It changes no result.
	Progress func(done, total int) // is told how far it is, if not nil; called by one goroutine at a time
}

// An image is what is known about a sample.
type image struct {
	set, index int // of the sample
	label      int
	labels     []float32
	err        error
	w, h       int
	format     string // of the file; "" if there is none
	turned     bool
	planes     int
	alpha      bool
	digest     [16]byte // the first half of the SHA-256 of the pixels
	look       look
	annotated  bool    // with boxes or a mask, and with no label of its own: labels are what is in it
	boxes      int     // how many it has, -1 if it is not said
	faults     []fault // in its annotations
}

// A Checker has looked at all images of some sets.
type Checker struct {
	names   []string // of the sets
	sets    []data.Dataset
	images  []image
	sums    []sums // over the images of each set
	classes []string
}

// Run looks at all images of sets. It keeps some 500 bytes of each. An image that cannot be read is not an error, but a finding.
func Run(ctx context.Context, sets data.Sets, opt Options) (*Checker, error) {
	c := &Checker{}
	for name, d := range sets.All() {
		for i := range d.Len() {
			c.images = append(c.images, image{set: len(c.sets), index: i})
		}
		c.names, c.sets, c.classes = append(c.names, name), append(c.sets, d), d.Classes()
	}
	c.sums = make([]sums, len(c.sets))
	workers := opt.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	var next, done atomic.Int64
	var lock sync.Mutex // of the sums and of Progress
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			part := make([]sums, len(c.sets))
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= len(c.images) {
					break
				}
				im := &c.images[i]
				im.examine(c.sets[im.set], &part[im.set])
				n := int(done.Add(1))
				if opt.Progress != nil && lock.TryLock() {
					opt.Progress(n, len(c.images))
					lock.Unlock()
				}
			}
			lock.Lock()
			defer lock.Unlock()
			for i := range part {
				c.sums[i].add(&part[i])
			}
		})
	}
	wg.Wait()
	return c, ctx.Err()
}

// name returns the name of an image.
func (c *Checker) name(im *image) string { return c.sets[im.set].Name(im.index) }
