package data

import (
	"encoding/binary"
	"math"
	"slices"
	"sync"

	"github.com/lince-ml/lince/internal/kernel"
)

// weightBits is how many bits the weights of resizing have behind the point, for kernel.MixRows.
const weightBits = 22

// An axis says of which samples, in which shares, the pixels along one side of the result are made.
type axis struct {
	taps    []tap
	weights []uint32  // of 2^weightBits; those of a tap sum up to it exactly, so no result can be out of range
	shares  []float64 // of the samples of a tap, while it is made
}

// A tap is where the samples of one pixel begin, and where their weights stand.
type tap struct{ first, from, to int }

// A span is the part of one side of a picture, resized, that is wanted.
type span struct {
	extent float64 // how many pixels the side has; not a whole number if it was reduced
	full   int     // how many it is resized to
	from   int     // the first of those that are wanted
	n      int     // how many are
}

// pixels returns the samples from which pixel i of the resized side is made, first to end, and calls weigh for the weight of each, if it is not nil. The
// filter is a triangle around the pixel's middle, as wide as a pixel of the result on each side, or of the picture if that is more: linear interpolation
// that takes all samples into account, as Pillow's BILINEAR and torchvision's Resize with antialias.
func (s span) pixels(i, samples int, weigh func(x int, w float64)) (first, end int) {
	scale := s.extent / float64(s.full)
	radius := max(scale, 1)
	center := (float64(i) + 0.5) * scale
	first, end = max(0, int(center-radius+0.5)), min(samples, int(center+radius+0.5))
	first = min(first, samples-1)
	end = max(end, first+1)
	if weigh != nil {
		for x := first; x < end; x++ {
			weigh(x, 1-math.Abs(float64(x)+0.5-center)/radius)
		}
	}
	return first, end
}

// used returns the pixels of the picture, of which there are samples along this side, from which what is wanted is made.
func (s span) used(samples int) (first, end int) {
	first, _ = s.pixels(s.from, samples, nil)
	_, end = s.pixels(s.from+s.n-1, samples, nil)
	return first, end
}

// axis returns the taps for a plane with samples in place of the pixels of the picture, each for sub of them. Pixels between samples are interpolated,
// if smooth is true, with weights of 3/4 and 1/4 as libjpeg does it for planes of half the size; the two interpolations are made one.
func (s span) axis(a *axis, pixels, samples, sub int, smooth bool) {
	a.taps, a.weights = slices.Grow(a.taps[:0], s.n), a.weights[:0]
	for i := s.from; i < s.from+s.n; i++ {
		start, end := s.pixels(i, pixels, nil)
		first, last := max(0, (start-1)/sub), min(samples-1, end/sub)
		if sub == 1 {
			first, last = start, end-1
		}
		shares := slices.Grow(a.shares[:0], last-first+1)[:last-first+1]
		a.shares = shares
		clear(shares)
		s.pixels(i, pixels, func(x int, w float64) {
			w = max(w, 0)
			at := min(x/sub, samples-1) - first
			if !smooth || sub != 2 {
				shares[at] += w
				return
			}
			near := min(max(x/2+2*(x%2)-1, 0), samples-1) - first
			shares[at] += 0.75 * w
			shares[near] += 0.25 * w
		})
		a.add(first, shares)
	}
}

// add appends the tap of a pixel. Rounding the running sum, not each weight, keeps the sum exact.
func (a *axis) add(first int, shares []float64) {
	sum := 0.0
	for _, w := range shares {
		sum += w
	}
	if sum <= 0 { // the filter fell between two samples
		shares[0], sum = 1, 1
	}
	for len(shares) > 1 && shares[0] == 0 {
		first, shares = first+1, shares[1:]
	}
	for len(shares) > 1 && shares[len(shares)-1] == 0 {
		shares = shares[:len(shares)-1]
	}
	t := tap{first: first, from: len(a.weights)}
	running, before := 0.0, uint32(0)
	for i, w := range shares {
		running += w / sum
		upTo := uint32(running*(1<<weightBits) + 0.5)
		if i == len(shares)-1 {
			upTo = 1 << weightBits
		}
		a.weights = append(a.weights, upTo-before)
		before = upTo
	}
	t.to = len(a.weights)
	a.taps = append(a.taps, t)
}

// blend makes rows: row i of dst is the weighted sum of the rows of src that tap i of a names, of which it takes width bytes.
func blend(dst []byte, dstStride int, src []byte, srcStride, width int, a *axis) {
	mix := kernel.Images().MixRows
	for i, t := range a.taps {
		out, in := dst[i*dstStride:][:width], src[t.first*srcStride:]
		if t.to-t.from == 1 {
			copy(out, in)
			continue
		}
		mix(out, in, a.weights[t.from:t.to], srcStride)
	}
}

// transpose writes the h x w bytes of src to dst as w x h.
func transpose(dst []byte, dstStride int, src []byte, srcStride, w, h int) {
	for y := 0; y < h; y += 8 {
		for x := 0; x < w; x += 8 {
			if x+8 <= w && y+8 <= h {
				transpose8(dst[x*dstStride+y:], dstStride, src[y*srcStride+x:], srcStride)
				continue
			}
			for v := y; v < min(y+8, h); v++ {
				for u := x; u < min(x+8, w); u++ {
					dst[u*dstStride+v] = src[v*srcStride+u]
				}
			}
		}
	}
}

// transpose8 does it for 8 x 8 bytes: it exchanges the quarters that are off the diagonal, then those of each quarter, then of each of these.
func transpose8(dst []byte, dstStride int, src []byte, srcStride int) {
	var r [8]uint64
	for i := range r {
		r[i] = binary.LittleEndian.Uint64(src[i*srcStride:])
	}
	for i := range 4 {
		t := (r[i]>>32 ^ r[i+4]) & 0x00000000ffffffff
		r[i], r[i+4] = r[i]^t<<32, r[i+4]^t
	}
	for _, i := range [...]int{0, 1, 4, 5} {
		t := (r[i]>>16 ^ r[i+2]) & 0x0000ffff0000ffff
		r[i], r[i+2] = r[i]^t<<16, r[i+2]^t
	}
	for i := 0; i < 8; i += 2 {
		t := (r[i]>>8 ^ r[i+1]) & 0x00ff00ff00ff00ff
		r[i], r[i+1] = r[i]^t<<8, r[i+1]^t
	}
	for i := range r {
		binary.LittleEndian.PutUint64(dst[i*dstStride:], r[i])
	}
}

// scratch is the memory that resizing takes.
type scratch struct {
	rows, columns axis
	left, width   int // of the columns: the first sample that is used, and how many there are
	a, b          []byte
	planes        [3][]byte
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// room returns *b with n bytes, whatever they hold.
func room(b *[]byte, n int) []byte {
	*b = slices.Grow((*b)[:0], n)[:n]
	return *b
}
