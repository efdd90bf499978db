package outline

import (
	"fmt"

	"github.com/lince-ml/lince/data"
)

// An RLE is a bitmap as the lengths of its runs, column by column from the left and each from the top: first of zeros, then of ones, and so on in turn. It is
// how COCO keeps masks; see https://github.com/cocodataset/cocoapi.
type RLE struct {
	H, W   int
	Counts []uint32 // their sum is H x W
}

// NewRLE returns the RLE of h x w pixels with the given runs.
func NewRLE(counts []int64, h, w int) (RLE, error) {
	if err := checkSize(h, w); err != nil {
		return RLE{}, err
	}
	r := RLE{h, w, make([]uint32, len(counts))}
	sum, pixels := int64(0), int64(h)*int64(w)
	for i, n := range counts {
		if n < 0 || n > pixels {
			return RLE{}, fmt.Errorf("RLE with a run of %d pixels, expected 0 to %d", n, pixels)
		}
		r.Counts[i] = uint32(n)
		sum += n
	}
	if sum != pixels {
		return RLE{}, fmt.Errorf("RLE of %d pixels, expected %d x %d", sum, h, w)
	}
	return r, nil
}

func checkSize(h, w int) error {
	if h <= 0 || w <= 0 || w > data.MaxPixels/h {
		return fmt.Errorf("RLE of an image of %d x %d pixels, at least one and at most %d are allowed", w, h, data.MaxPixels)
	}
	return nil
}

// ParseRLE reads COCO's compressed form: numbers in base 32, the lowest digit first, each digit d as the letter 48 + d, plus 32 if more follow; from the fourth
// number on, they are differences to the one before the last.
func ParseRLE(text string, h, w int) (RLE, error) {
	if err := checkSize(h, w); err != nil {
		return RLE{}, err
	}
	counts := make([]int64, 0, min(len(text), h*w+2))
	for i := 0; i < len(text); {
		n, used, err := parseNumber(text[i:])
		if err != nil {
			return RLE{}, fmt.Errorf("RLE at letter %d: %w", i+1, err)
		}
		if k := len(counts); k > 2 {
			n += counts[k-2]
		}
		counts = append(counts, n)
		i += used
	}
	return NewRLE(counts, h, w)
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
	return 0, 0, fmt.Errorf("it ends amid a number")
}

// String returns the compressed form.
func (r RLE) String() string {
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

// EncodeRLE returns the runs of m: its ones are all pixels other than 0.
func EncodeRLE(m *data.Mask) RLE {
	r := RLE{m.H, m.W, nil}
	run, on := uint32(0), false
	for x := range m.W {
		for y := range m.H {
			if v := m.Pix[y*m.W+x] != 0; v != on {
				r.Counts = append(r.Counts, run)
				run, on = 0, v
			}
			run++
		}
	}
	r.Counts = append(r.Counts, run)
	return r
}

// ones calls visit for each run of ones: n pixels from pixel at on, column by column.
func (r RLE) ones(visit func(at, n int)) {
	at := 0
	for i, c := range r.Counts {
		if i%2 == 1 && c > 0 {
			visit(at, int(c))
		}
		at += int(c)
	}
}

// Mask returns the bitmap, of 0 and 1.
func (r RLE) Mask() *data.Mask {
	m := newMask(r.H, r.W)
	r.ones(func(at, n int) {
		x, y := at/r.H, at%r.H
		for range n {
			m.Pix[y*r.W+x] = 1
			if y++; y == r.H {
				x, y = x+1, 0
			}
		}
	})
	return m
}

// Area returns the number of ones.
func (r RLE) Area() int {
	sum := 0
	r.ones(func(_, n int) { sum += n })
	return sum
}

// Bounds returns the smallest rectangle around the ones; all is 0 if there are none.
func (r RLE) Bounds() (x0, y0, x1, y1 int) {
	x0, y0 = r.W, r.H
	r.ones(func(at, n int) {
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
