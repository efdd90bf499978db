package folder

import (
	"sync/atomic"

	"github.com/lince-ml/lince/data"
)

// cacheBytes is how large a set may be, resized, to be kept in memory. Decoding a photograph takes milliseconds, so
// without this every epoch would cost as much as the first.
const cacheBytes = 512 << 20

// A Dataset is a set of image files.
type Dataset struct {
	opt     Options
	classes []string
	files   []file
	cache   []atomic.Pointer[data.Image] // of each file, once it has been read; empty if the set is too large
}

type file struct {
	path  string
	label int
}

var (
	_ data.Dataset = (*Dataset)(nil)
	_ data.Labeler = (*Dataset)(nil)
)

func (d *Dataset) prepareCache() {
	if len(d.files) <= cacheBytes/d.opt.C/d.opt.H/d.opt.W {
		d.cache = make([]atomic.Pointer[data.Image], len(d.files))
	}
}

// Len returns the number of images.
func (d *Dataset) Len() int { return len(d.files) }

// Classes returns the names of the classes.
func (d *Dataset) Classes() []string { return d.classes }

// Name returns the path of image i.
func (d *Dataset) Name(i int) string { return d.files[i].path }

// Label returns the class of image i.
func (d *Dataset) Label(i int) (int, error) { return d.files[i].label, nil }

// Sample returns image i.
func (d *Dataset) Sample(i int) (data.Sample, error) {
	f := d.files[i]
	if d.cache != nil {
		if im := d.cache[i].Load(); im != nil {
			return data.Sample{Image: *im, Label: f.label}, nil
		}
	}
	im, err := data.ReadFile(f.path, d.opt.fit(), d.opt.MaxPixels)
	if err != nil {
		return data.Sample{}, err
	}
	if d.cache != nil {
		d.cache[i].Store(&im)
	}
	return data.Sample{Image: im, Label: f.label}, nil
}
