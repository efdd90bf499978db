package check

import (
	"math"
	"slices"

	"github.com/lince-ml/lince/data"
)

const (
	grid  = 32 // rows and columns of the small picture that is transformed
	freqs = 8  // frequencies of it that are kept, in both directions
	thumb = 16 // rows and columns of the picture that is compared
)

// A look is how a picture looks, in few numbers.
type look struct {
	hash uint64              // alike for pictures that look alike, see perceptual
	grey [thumb * thumb]byte // the picture, very small
}

// lookOf returns the look of im.
func lookOf(im data.Image) (l look) {
	var small [grid * grid]float64
	shrink(im, grid, small[:])
	l.hash = perceptual(&small)
	for y := range thumb {
		for x := range thumb {
			a := small[2*y*grid+2*x:]
			l.grey[y*thumb+x] = byte((a[0] + a[1] + a[grid] + a[grid+1] + 2) / 4)
		}
	}
	return l
}

// shrink makes im a grey picture of side x side, each pixel the mean of the part of im that it covers.
func shrink(im data.Image, side int, out []float64) {
	clear(out)
	columns, rows := covers(side, im.W), covers(side, im.H)
	line := make([]float64, side) // a row of im, as wide as out
	for y := range im.H {
		clear(line)
		for c := range im.C {
			luma := 1.0
			if im.C == 3 { // ITU-R BT.601
				luma = [3]float64{0.299, 0.587, 0.114}[c]
			}
			for x, v := range im.Pix[(c*im.H+y)*im.W : (c*im.H+y+1)*im.W] {
				for _, k := range columns[x] {
					line[k.i] += luma * k.share * float64(v)
				}
			}
		}
		for _, k := range rows[y] {
			for x, v := range line {
				out[k.i*side+x] += k.share * v
			}
		}
	}
}

// A cover says which share of pixel i another one is.
type cover struct {
	i     int
	share float64
}

// covers returns for each of n pixels which of side pixels it is part of.
func covers(side, n int) [][]cover {
	all := make([][]cover, n)
	for i := range side {
		from, to := float64(i)*float64(n)/float64(side), float64(i+1)*float64(n)/float64(side)
		for x := int(from); x < n && float64(x) < to; x++ {
			if part := min(to, float64(x+1)) - max(from, float64(x)); part > 0 {
				all[x] = append(all[x], cover{i, part / (to - from)})
			}
		}
	}
	return all
}

// cosines[k][i] is the discrete cosine transform (DCT-II) of frequency k+1 at pixel i.
var cosines = func() (c [freqs][grid]float64) {
	for k := range freqs {
		for i := range grid {
			c[k][i] = math.Cos(math.Pi / grid * (float64(i) + 0.5) * float64(k+1))
		}
	}
	return c
}()

// perceptual returns the hash of Zauner, "Implementation and benchmarking of perceptual image hash functions" (2010), section 3.2.1: a bit for each of the
// lowest frequencies of the cosine transform but the constant ones, which is 1 if it is above their median. Pictures of different size, brightness or
// compression have hashes that differ in few of the 64 bits; those of different pictures differ in 32, more or less.
func perceptual(small *[grid * grid]float64) (hash uint64) {
	var rows [grid][freqs]float64 // of frequencies along x
	for y := range grid {
		for k := range freqs {
			for x := range grid {
				rows[y][k] += small[y*grid+x] * cosines[k][x]
			}
		}
	}
	var all [freqs * freqs]float64
	for j := range freqs {
		for k := range freqs {
			for y := range grid {
				all[j*freqs+k] += rows[y][k] * cosines[j][y]
			}
		}
	}
	sorted := all
	slices.Sort(sorted[:])
	median := (sorted[len(all)/2-1] + sorted[len(all)/2]) / 2
	for i, v := range all {
		if v > median {
			hash |= 1 << i
		}
	}
	return hash
}

// difference returns how much the pictures differ, once they are equally bright: the mean difference of their pixels as a share of the mean difference
// of those of l to their mean. It is 0 for equal pictures, and about 1 or more for pictures that have nothing in common.
func (l *look) difference(m *look) float64 {
	var a, b int
	for i := range l.grey {
		a, b = a+int(l.grey[i]), b+int(m.grey[i])
	}
	n := float64(len(l.grey))
	mean, shift := float64(a)/n, float64(a-b)/n
	differ, contrast := 0.0, 0.0
	for i, v := range l.grey {
		differ += math.Abs(float64(v) - float64(m.grey[i]) - shift)
		contrast += math.Abs(float64(v) - mean)
	}
	return differ / max(contrast, 1)
}
