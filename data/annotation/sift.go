package annotation

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/outline"
)

// sift reads the sizes of all images and masks, and leaves out of s what is wrong; faults say what and why.
func (s *Set) sift(maxPixels int) {
	looks := make([]look, len(s.Items))
	parallel(len(s.Items), func(i int) { looks[i] = s.Items[i].look(maxPixels) })
	kept := s.Items[:0]
	for i := range s.Items {
		if it := &s.Items[i]; s.check(it, looks[i]) {
			kept = append(kept, *it)
		}
	}
	s.Items = kept
}

// parallel calls do for 0 to n-1, by as many goroutines as there are CPUs.
func parallel(n int, do func(i int)) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(n, runtime.GOMAXPROCS(0)) {
		wg.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(i)
			}
		})
	}
	wg.Wait()
}

// A look is what the headers of an image and its masks say.
type look struct {
	h, w     int
	err      error
	masks    [2]data.Header
	maskErrs [2]error
}

func (it *Item) masks() [2]*Mask { return [2]*Mask{it.Mask, it.Objects} }

func (it *Item) look(maxPixels int) (l look) {
	h, err := data.ReadFileHeader(it.Path, maxPixels)
	if err != nil {
		l.err = err
		return l
	}
	l.h, l.w = h.H, h.W
	for k, m := range it.masks() {
		if m != nil {
			l.masks[k], l.maskErrs[k] = data.ReadFileHeader(m.Path, maxPixels)
		}
	}
	return l
}

// check reports whether the image can be used, and leaves out its things that cannot.
func (s *Set) check(it *Item, l look) bool {
	switch {
	case errors.Is(l.err, fs.ErrNotExist):
		s.Add("missing", it, it.Line, LeftOut, "the image %s is not there", it.Path)
		return false
	case l.err != nil:
		s.Add("unreadable", it, it.Line, LeftOut, "the image %s cannot be read: %v", it.Path, errors.Unwrap(l.err))
		return false
	case it.W > 0 && it.H > 0 && (it.W != l.w || it.H != l.h):
		s.Add("size", it, it.Line, LeftOut, "the image %s has %d x %d pixels, but %d x %d are annotated", it.Path, l.w, l.h, it.W, it.H)
		return false
	}
	it.H, it.W = l.h, l.w
	for k, m := range it.masks() {
		switch h := l.masks[k]; {
		case m == nil:
		case l.maskErrs[k] != nil:
			s.Add("mask", it, 0, LeftOut, "the mask %s cannot be read: %v", m.Path, errors.Unwrap(l.maskErrs[k]))
			return false
		case h.Format == "jpeg":
			s.Add("mask", it, 0, LeftOut, "the mask %s is %v", m.Path, errJPEG)
			return false
		case h.W != it.W || h.H != it.H:
			s.Add("mask-size", it, 0, LeftOut, "the mask %s has %d x %d pixels, the image %d x %d", m.Path, h.W, h.H, it.W, it.H)
			return false
		}
	}
	kept := it.Things[:0]
	for _, t := range it.Things {
		if s.checkThing(it, &t) {
			kept = append(kept, t)
		}
	}
	it.Things = kept
	return true
}

// beyond is how many pixels a box may reach beyond the image without a word: programs round, and count from 0 or 1.
const beyond = 1

// checkThing reports whether t makes sense, and cuts it off at the edges of the image.
func (s *Set) checkThing(it *Item, t *Thing) bool {
	add := func(kind string, did Action, format string, args ...any) {
		text := fmt.Sprintf(format, args...)
		if t.What != "" {
			text = t.What + ": " + text
		}
		s.Add(kind, it, t.Line, did, "%s", text)
	}
	hint := ""
	if t.Relative {
		hint = "; places are shares of the image's sides in this format, not pixels"
		t.scale(float32(it.W), float32(it.H))
	}
	b := &t.Box
	for _, v := range [4]float32{b.X0, b.Y0, b.X1, b.Y1} {
		if !finite(v) {
			add("number", LeftOut, "the box %s: %v, expected a number", place(b), v)
			return false
		}
	}
	if err := t.checkOutline(it); err != nil {
		add("outline", LeftOut, "%v", err)
		return false
	}
	w, h := float32(it.W), float32(it.H)
	dx, dy := b.X1-b.X0, b.Y1-b.Y0
	switch {
	case dx <= 0 || dy <= 0 || dx <= 1 && dy <= 1:
		add("empty", LeftOut, "the box %s has %g x %g pixels, expected more than a point", place(b), dx, dy)
		return false
	case b.X0 >= w || b.Y0 >= h || b.X1 <= 0 || b.Y1 <= 0:
		add("outside", LeftOut, "the box %s is outside of the image of %d x %d%s", place(b), it.W, it.H, hint)
		return false
	case b.X0 < -beyond || b.Y0 < -beyond || b.X1 > w+beyond || b.Y1 > h+beyond:
		add("beyond", CutOff, "the box %s reaches beyond the image of %d x %d", place(b), it.W, it.H)
	}
	if t.Shape != nil && len(t.Shape.Polygons) > 0 {
		o := data.Box{}
		o.X0, o.Y0, o.X1, o.Y1 = outline.Bounds(t.Shape.Polygons)
		if (o.X0 < -beyond || o.Y0 < -beyond || o.X1 > w+beyond || o.Y1 > h+beyond) && (o.X0 != b.X0 || o.Y0 != b.Y0 || o.X1 != b.X1 || o.Y1 != b.Y1) {
			add("outline-beyond", CutOff, "the outline %s reaches beyond the image of %d x %d", place(&o), it.W, it.H)
		}
	}
	b.X0, b.Y0, b.X1, b.Y1 = max(b.X0, 0), max(b.Y0, 0), min(b.X1, w), min(b.Y1, h)
	return true
}

// scale makes pixels of shares.
func (t *Thing) scale(w, h float32) {
	t.Relative = false
	t.X0, t.Y0, t.X1, t.Y1 = t.X0*w, t.Y0*h, t.X1*w, t.Y1*h
	if t.Shape == nil {
		return
	}
	for _, p := range t.Shape.Polygons {
		for k := range p {
			if k%2 == 0 {
				p[k] *= w
			} else {
				p[k] *= h
			}
		}
	}
}

func (t *Thing) checkOutline(it *Item) error {
	if t.RLE != nil && (t.RLE.H != it.H || t.RLE.W != it.W) {
		return fmt.Errorf("an RLE of %d x %d pixels, the image has %d x %d", t.RLE.W, t.RLE.H, it.W, it.H)
	}
	if t.Shape == nil {
		return nil
	}
	for _, p := range t.Shape.Polygons {
		if len(p) < 6 || len(p)%2 != 0 {
			return fmt.Errorf("a polygon of %d numbers, expected x and y of three corners or more", len(p))
		}
		for _, v := range p {
			if !finite(v) {
				return fmt.Errorf("a polygon with %v, expected a number", v)
			}
		}
	}
	return nil
}

func finite(v float32) bool { return !math.IsNaN(float64(v)) && !math.IsInf(float64(v), 0) }

// place words where a box is.
func place(b *data.Box) string {
	return fmt.Sprintf("from (%g, %g) to (%g, %g)", b.X0, b.Y0, b.X1, b.Y1)
}
