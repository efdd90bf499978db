package outline

import (
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/rle"
)

// An RLE is a bitmap as the lengths of its runs, as COCO keeps masks.
type RLE struct{ rle.Runs }

// NewRLE returns the RLE of h x w pixels with the given runs.
func NewRLE(counts []int64, h, w int) (RLE, error) {
	r, err := rle.OfCounts(counts, h, w)
	return RLE{r}, err
}

// ParseRLE reads COCO's compressed form, which String writes.
func ParseRLE(text string, h, w int) (RLE, error) {
	r, err := rle.Parse(text, h, w)
	return RLE{r}, err
}

// EncodeRLE returns the runs of m: inside are all pixels other than 0.
func EncodeRLE(m *data.Mask) RLE {
	return RLE{rle.New(m.H, m.W, func(y, x int) bool { return m.Pix[y*m.W+x] != 0 })}
}

// Mask returns the bitmap, of 0 and 1.
func (r RLE) Mask() *data.Mask {
	m := newMask(r.H, r.W)
	paint(m, r.Runs)
	return m
}

// paint makes the pixels of m that are inside of r 1.
func paint(m *data.Mask, r rle.Runs) {
	r.Inside(func(at, n int) {
		x, y := at/r.H, at%r.H
		for range n {
			m.Pix[y*r.W+x] = 1
			if y++; y == r.H {
				x, y = x+1, 0
			}
		}
	})
}
