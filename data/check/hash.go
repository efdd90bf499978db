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

// shrink makes im a grey picture of side x side, each pixel the mean of those of im that it covers, of at least one.
func shrink(im data.Image, side int, out []float64) {
	for y := range side {
		y0, y1 := covered(y, side, im.H)
		for x := range side {
			x0, x1 := covered(x, side, im.W)
			var sums [3]int
			for c := range im.C {
				for row := y0; row < y1; row++ {
					for _, v := range im.Pix[(c*im.H+row)*im.W+x0 : (c*im.H+row)*im.W+x1] {
						sums[c] += int(v)
					}
				}
			}
			n := float64((y1 - y0) * (x1 - x0))
			if im.C == 3 { // the luma of ITU-R BT.601
				out[y*side+x] = (0.299*float64(sums[0]) + 0.587*float64(sums[1]) + 0.114*float64(sums[2])) / n
			} else {
				out[y*side+x] = float64(sums[0]) / n
			}
		}
	}
}

// covered returns the pixels of n that pixel i of side covers.
func covered(i, side, n int) (from, to int) {
	from = i * n / side
	return from, max(from+1, (i+1)*n/side)
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

// difference returns by how much the pictures differ on average, of 255, once they are equally bright.
func (l *look) difference(m *look) float64 {
	var a, b int
	for i := range l.grey {
		a, b = a+int(l.grey[i]), b+int(m.grey[i])
	}
	shift := float64(a-b) / float64(len(l.grey))
	sum := 0.0
	for i := range l.grey {
		sum += math.Abs(float64(l.grey[i]) - float64(m.grey[i]) - shift)
	}
	return sum / float64(len(l.grey))
}
