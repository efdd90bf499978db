package annotation

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/cache"
	"github.com/lince-ml/lince/data/outline"
)

// A Dataset is annotated images.
type Dataset struct {
	classes []string
	items   []Item
	faults  []Fault
	ids     []int64 // of classes; nil without
	cache   *cache.Cache
	opt     Options
	masks   maskCache
}

var (
	_ data.Dataset      = (*Dataset)(nil)
	_ data.Labeler      = (*Dataset)(nil)
	_ data.MultiLabeler = (*Dataset)(nil)
	_ data.Filer        = (*Dataset)(nil)
	_ data.Annotator    = (*Dataset)(nil)
	_ data.Numberer     = (*Dataset)(nil)
	_ Faulty            = (*Dataset)(nil)
)

var setNames = []string{"train", "val", "test"}

// New makes the sets with the names train, val and test. root is the folder of all. Each image's size is read, so that what annotations say can be compared with it.
func New(root string, classes []string, sets map[string]*Set, opt Options) (all data.Sets, err error) {
	if err := opt.Images.Check(); err != nil {
		return all, fmt.Errorf("read %s: %w", root, err)
	}
	if err := checkClasses(classes); err != nil {
		for _, name := range setNames {
			if f := sets[name].refused(); len(classes) == 0 && f != nil {
				return all, fmt.Errorf("read %s: %w; the first that was left out: %w", root, err, f)
			}
		}
		return all, fmt.Errorf("read %s: %w", root, err)
	}
	c, err := opt.Images.OpenCache(root)
	if err != nil {
		return all, err
	}
	for _, name := range setNames {
		s := sets[name]
		if s == nil {
			continue
		}
		s.sift(opt.Images.MaxPixels)
		if opt.Refuse {
			if f := s.refused(); f != nil {
				return all, f
			}
		}
		if len(s.Items) == 0 {
			if len(s.Faults) > 0 {
				return all, fmt.Errorf("read %s: no %s images are left; the first was left out because: %w", root, name, s.Faults[0])
			}
			return all, fmt.Errorf("read %s: no %s images", root, name)
		}
		d := &Dataset{classes: classes, items: s.Items, faults: s.Faults, ids: s.IDs, cache: c, opt: opt}
		if opt.Masks {
			if d.classes, err = d.asMasks(); err != nil {
				return all, fmt.Errorf("read %s: %w", root, err)
			}
		}
		all.Put(name, d)
	}
	if all.Train == nil && all.Validation == nil && all.Test == nil {
		return all, fmt.Errorf("read %s: no images", root)
	}
	return all, nil
}

// refused returns the first fault that has changed something, nil if none has.
func (s *Set) refused() error {
	if s == nil {
		return nil
	}
	if i := slices.IndexFunc(s.Faults, func(f Fault) bool { return f.Did != Kept }); i >= 0 {
		return s.Faults[i]
	}
	return nil
}

// maxClasses is how many classes there may be: masks have 16 bits.
const maxClasses = data.Ignore

func checkClasses(classes []string) error {
	if len(classes) == 0 {
		return errors.New("no classes: nothing is annotated")
	}
	if len(classes) > maxClasses {
		return fmt.Errorf("%d classes, at most %d are allowed", len(classes), maxClasses)
	}
	seen := map[string]bool{}
	for _, c := range classes {
		if seen[c] {
			return fmt.Errorf("the class %q is there twice", c)
		}
		seen[c] = true
	}
	return nil
}

// asMasks returns the classes of masks that are made of outlines, or those of the format's own.
func (d *Dataset) asMasks() ([]string, error) {
	if slices.ContainsFunc(d.items, func(it Item) bool { return it.Mask != nil }) {
		return d.classes, nil
	}
	only := false // boxes
	for _, it := range d.items {
		if it.Objects != nil || slices.ContainsFunc(it.Things, func(t Thing) bool { return t.Shape != nil || t.RLE != nil }) {
			only = false
			break
		}
		only = only || len(it.Things) > 0
	}
	if only {
		return nil, errors.New("masks asked for, but there are only boxes")
	}
	return append([]string{Background}, d.classes...), nil
}

// Len returns the number of images.
func (d *Dataset) Len() int { return len(d.items) }

// Classes returns the names of the classes.
func (d *Dataset) Classes() []string { return d.classes }

// Name returns the path of image i.
func (d *Dataset) Name(i int) string { return d.items[i].Path }

// Label returns the class of image i, -1 if only its boxes or pixels have classes.
func (d *Dataset) Label(i int) (int, error) { return d.items[i].Label, nil }

// Labels returns nothing.
func (d *Dataset) Labels(int) ([]float32, error) { return nil, nil }

// ImageID returns the number of image i in the file, or its place, from 1, if that has no numbers.
func (d *Dataset) ImageID(i int) int64 {
	if d.ids == nil {
		return int64(i + 1)
	}
	return d.items[i].ID
}

// ClassID returns the number of a class in the file, or its place, from 1, if that has no numbers.
func (d *Dataset) ClassID(class int) int64 {
	if class >= len(d.ids) {
		return int64(class + 1)
	}
	return d.ids[class]
}

// Faults returns what was wrong when the set was opened.
func (d *Dataset) Faults() []Fault { return d.faults }

// Line returns where box k of image i is said: the file, and the line or 0.
func (d *Dataset) Line(i, k int) (file string, line int) {
	it := &d.items[i]
	if k < 0 || k >= len(it.Things) {
		return it.File, it.Line
	}
	return it.File, it.Things[k].Line
}

// OpenFile opens the file of image i.
func (d *Dataset) OpenFile(i int) (io.ReadCloser, error) {
	f, err := os.Open(d.items[i].Path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", d.items[i].Path, errors.Unwrap(err))
	}
	return f, nil
}

// Sample returns image i, fitted, with its annotations.
func (d *Dataset) Sample(i int) (data.Sample, error) {
	it := &d.items[i]
	im, err := d.cache.ReadFile(it.Path, d.opt.Images.MaxPixels)
	if err != nil {
		return data.Sample{}, err
	}
	s, err := d.known(i, func(s data.Sample) data.Sample { return d.opt.Images.Fit().Follow(s, it.W, it.H) })
	s.Image = im
	return s, err
}

// Annotations returns all but the image, in the pixels of the file.
func (d *Dataset) Annotations(i int) (s data.Sample, h, w int, err error) {
	s, err = d.known(i, nil)
	return s, d.items[i].H, d.items[i].W, err
}

// known returns what is known of image i, fitted to it if fit is not nil.
func (d *Dataset) known(i int, fit func(data.Sample) data.Sample) (s data.Sample, err error) {
	it := &d.items[i]
	s.Label = it.Label
	if it.Mask != nil && (d.opt.Masks || len(it.Things) == 0) {
		s.Mask, err = d.mask(i, it, fit)
		return s, err
	}
	if s.Boxes, err = it.boxes(); err != nil {
		return s, err
	}
	h, w := it.H, it.W
	if fit != nil {
		s = fit(s)
		h, w = d.size(it)
	}
	if d.opt.Masks {
		s.Mask, s.Boxes = paint(s.Boxes, h, w), nil
	}
	return s, nil
}

// size returns how large the image of it becomes.
func (d *Dataset) size(it *Item) (h, w int) { return d.opt.Images.Fit().Size(it.H, it.W) }

// mask returns the mask of image i. What is fitted is kept, in memory.
func (d *Dataset) mask(i int, it *Item, fit func(data.Sample) data.Sample) (*data.Mask, error) {
	if fit == nil {
		return it.Mask.Read(it.H, it.W)
	}
	if m := d.masks.get(i); m != nil {
		return m, nil
	}
	m, err := it.Mask.Read(it.H, it.W)
	if err != nil {
		return nil, err
	}
	m = fit(data.Sample{Mask: m}).Mask
	if d.opt.Images.Cache.Mode != cache.None {
		d.masks.put(i, m)
	}
	return m, nil
}

// boxes returns the boxes of it with their outlines.
func (it *Item) boxes() ([]data.Box, error) {
	boxes := make([]data.Box, len(it.Things))
	var objects *data.Mask
	for k, t := range it.Things {
		boxes[k] = t.Box
		switch {
		case t.RLE != nil:
			boxes[k].Shape = &data.Shape{Mask: t.RLE.Mask()}
		case t.Object > 0 && it.Objects != nil:
			if objects == nil {
				var err error
				if objects, err = it.Objects.Read(it.H, it.W); err != nil {
					return nil, err
				}
			}
			boxes[k].Shape = &data.Shape{Mask: only(objects, t.Object)}
		}
	}
	return boxes, nil
}

// only returns 1 where m has the value v, else 0.
func only(m *data.Mask, v uint16) *data.Mask {
	out := &data.Mask{H: m.H, W: m.W, Pix: make([]uint16, len(m.Pix))}
	for i, p := range m.Pix {
		if p == v {
			out.Pix[i] = 1
		}
	}
	return out
}

// paint returns the mask of boxes with outlines, 0 where none is: small things lie on large ones, and of a crowd nothing is known.
func paint(boxes []data.Box, h, w int) *data.Mask {
	m := &data.Mask{H: h, W: w, Pix: make([]uint16, h*w)}
	boxes = slices.Clone(boxes)
	slices.SortStableFunc(boxes, func(a, b data.Box) int {
		if a.Crowd != b.Crowd {
			if a.Crowd {
				return -1
			}
			return 1
		}
		switch x, y := area(a), area(b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	for _, b := range boxes {
		if b.Shape == nil {
			continue
		}
		value := uint16(b.Class + 1)
		if b.Crowd {
			value = data.Ignore
		}
		for i, on := range outline.Raster(b.Shape, h, w).Pix {
			if on != 0 {
				m.Pix[i] = value
			}
		}
	}
	return m
}

func area(b data.Box) float32 { return (b.X1 - b.X0) * (b.Y1 - b.Y0) }

// A maskCache keeps masks in memory, up to a size.
type maskCache struct {
	mu   sync.RWMutex
	kept map[int]*data.Mask
	used int
}

const maskBytes = 512 << 20

func (c *maskCache) get(i int) *data.Mask {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.kept[i]
}

func (c *maskCache) put(i int, m *data.Mask) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept = map[int]*data.Mask{}
	}
	if n := 2 * len(m.Pix); c.kept[i] == nil && c.used+n <= maskBytes {
		c.kept[i], c.used = m, c.used+n
	}
}
