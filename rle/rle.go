// Package rle has bitmaps as the lengths of their runs, which is how COCO keeps masks (https://github.com/cocodataset/cocoapi), and makes them of polygons as COCO's
// tools do.
package rle

import (
	"errors"
	"fmt"
)

// Runs say which pixels of an image of H x W are a thing's, as lengths of runs: pixels are counted column by column, from the top down. The
// first run, which may be empty, is outside of the thing, the second inside, and so on.
type Runs struct {
	H, W   int
	Counts []uint32 // their sum is H x W
}

// maxPixels limits the size of bitmaps: places in one fit into an uint32, and a file cannot make us count for ever.
const maxPixels = 1 << 30

// New returns the runs of h x w pixels, of which (y, x) is inside where inside says so.
func New(h, w int, inside func(y, x int) bool) Runs {
	b := builder{Runs: Runs{H: h, W: w}}
	for x := range w {
		for y := range h {
			b.add(1, inside(y, x))
		}
	}
	return b.Runs
}

// OfCounts returns the runs counts of h x w pixels, or says why they are none.
func OfCounts(counts []int64, h, w int) (Runs, error) {
	if err := checkSize(h, w); err != nil {
		return Runs{}, err
	}
	r := Runs{h, w, make([]uint32, len(counts))}
	sum, pixels := int64(0), int64(h)*int64(w)
	for i, n := range counts {
		if n < 0 || n > pixels {
			return Runs{}, fmt.Errorf("RLE with a run of %d pixels, expected 0 to %d", n, pixels)
		}
		r.Counts[i] = uint32(n)
		sum += n
	}
	if sum != pixels {
		return Runs{}, fmt.Errorf("RLE of %d pixels, expected %d x %d", sum, h, w)
	}
	return r, nil
}

func checkSize(h, w int) error {
	if h <= 0 || w <= 0 || w > maxPixels/h {
		return fmt.Errorf("RLE of an image of %d x %d pixels, at least one and at most %d are allowed", w, h, maxPixels)
	}
	return nil
}

// Parse reads COCO's compressed form: numbers in base 32, the lowest digit first, each digit d as the letter 48 + d, plus 32 if more follow; from the fourth
// number on, they are differences to the one before the last.
func Parse(text string, h, w int) (Runs, error) {
	if err := checkSize(h, w); err != nil {
		return Runs{}, err
	}
	counts := make([]int64, 0, min(len(text), h*w+2))
	for i := 0; i < len(text); {
		n, used, err := parseNumber(text[i:])
		if err != nil {
			return Runs{}, fmt.Errorf("RLE at letter %d: %w", i+1, err)
		}
		if k := len(counts); k > 2 {
			n += counts[k-2]
		}
		counts = append(counts, n)
		i += used
	}
	return OfCounts(counts, h, w)
}

// parseNumber reads a number and says how many letters it takes.
func parseNumber(text string) (n int64, used int, err error) {
	const most = 8 // digits: 40 bits
	for used < min(len(text), most) {
		digit := int64(text[used]) - 48
		if digit < 0 || digit > 63 {
			return 0, 0, fmt.Errorf("the letter %q, expected one from 0 to o", text[used])
		}
		n |= digit & 31 << (5 * used)
		used++
		if digit&32 != 0 {
			continue
		}
		if digit&16 != 0 {
			n |= -1 << (5 * used)
		}
		return n, used, nil
	}
	if used == most {
		return 0, 0, fmt.Errorf("a number of more than %d digits", most)
	}
	return 0, 0, errors.New("it ends amid a number")
}

// String returns the compressed form.
func (r Runs) String() string {
	text := make([]byte, 0, 2*len(r.Counts))
	for i, c := range r.Counts {
		n := int64(c)
		if i > 2 {
			n -= int64(r.Counts[i-2])
		}
		for more := true; more; {
			digit := byte(n & 31)
			n >>= 5
			if more = n != 0; digit&16 != 0 { // the sign of what stands there so far
				more = n != -1
			}
			if more {
				digit |= 32
			}
			text = append(text, 48+digit)
		}
	}
	return string(text)
}

// Area returns the number of pixels inside.
func (r Runs) Area() int {
	sum := 0
	r.Inside(func(_, n int) { sum += n })
	return sum
}

// Inside calls visit for each run inside: n pixels from pixel at on, column by column.
func (r Runs) Inside(visit func(at, n int)) {
	at := 0
	for i, c := range r.Counts {
		if i%2 == 1 && c > 0 {
			visit(at, int(c))
		}
		at += int(c)
	}
}

// Bounds returns the smallest rectangle around the pixels inside; all is 0 if there are none.
func (r Runs) Bounds() (x0, y0, x1, y1 int) {
	x0, y0 = r.W, r.H
	r.Inside(func(at, n int) {
		last := at + n - 1
		x0, x1 = min(x0, at/r.H), max(x1, last/r.H+1)
		if at/r.H == last/r.H {
			y0, y1 = min(y0, at%r.H), max(y1, last%r.H+1)
		} else {
			y0, y1 = 0, r.H
		}
	})
	if x1 == 0 {
		return 0, 0, 0, 0
	}
	return x0, y0, x1, y1
}

// Intersection returns how many pixels are inside of both, which have the same size.
func (r Runs) Intersection(o Runs) int64 {
	sum := int64(0)
	walk(r, o, func(n uint32, a, b bool) {
		if a && b {
			sum += int64(n)
		}
	})
	return sum
}

// Union returns the runs of the pixels that are inside of r or o, which have the same size.
func (r Runs) Union(o Runs) Runs {
	u := builder{Runs: Runs{H: r.H, W: r.W}}
	walk(r, o, func(n uint32, a, b bool) { u.add(n, a || b) })
	return u.Runs
}

// walk calls f for each run of pixels in which neither changes.
func walk(r, o Runs, f func(n uint32, inR, inO bool)) {
	var i, j int
	var left, right uint32 // what remains of the runs before i and j
	for {
		for left == 0 && i < len(r.Counts) {
			left = r.Counts[i]
			i++
		}
		for right == 0 && j < len(o.Counts) {
			right = o.Counts[j]
			j++
		}
		n := min(left, right)
		if n == 0 {
			return
		}
		f(n, i%2 == 0, j%2 == 0)
		left -= n
		right -= n
	}
}

// A builder appends runs.
type builder struct {
	Runs
	inside bool // of the last run
}

func (b *builder) add(n uint32, inside bool) {
	if len(b.Counts) == 0 {
		b.Counts = append(b.Counts, 0)
	}
	if inside != b.inside {
		b.Counts = append(b.Counts, 0)
		b.inside = inside
	}
	b.Counts[len(b.Counts)-1] += n
}
