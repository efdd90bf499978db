package data

import (
	"math"
	"math/rand/v2"

	"github.com/lince-ml/lince/internal/philox"
)

func (l *Loader) mixes() bool { return l.MixUp > 0 || l.CutMix > 0 }

// mixable reports whether alpha is a parameter of a Beta distribution that beta can draw from, or 0.
func mixable(alpha float64) bool { return alpha == 0 || alpha >= 1e-3 && alpha <= 1e3 }

// mix blends each image of a batch with the next one, the last with the first, and their targets alike.
func (l *Loader) mix(epoch int, s *slot) {
	if !l.mixes() || s.batch.N < 2 {
		return
	}
	r := rand.New(philox.NewSource(l.Seed, mixStream, uint64(epoch), uint64(l.place(s.number))))
	alpha, blend := l.MixUp, mixUp
	if l.MixUp == 0 || l.CutMix > 0 && r.Uint64()&1 == 1 {
		alpha, blend = l.CutMix, cutMix
	}
	s.batch.blend(blend(r, s.batch.Samples[0].Image, beta(r, alpha)), &s.row)
}

// A blending changes the pixels of an image, of which it leaves the given share, by those of another.
type blending struct {
	share  float32
	pixels func(pix, other []uint8)
}

// blend applies f to each image and the next. row is room for the pixels of one.
func (b *Batch) blend(f blending, row *[]uint8) {
	first := room(row, len(b.pixels(0)))
	copy(first, b.pixels(0))
	target := append([]float32(nil), b.target(0)...)
	labels := b.Y.I32()
	label := labels[0]
	for i := range b.N {
		nextPixels, nextTarget, nextLabel := first, target, label
		if i+1 < b.N {
			nextPixels, nextTarget, nextLabel = b.pixels(i+1), b.target(i+1), labels[i+1]
		}
		f.pixels(b.pixels(i), nextPixels)
		own := b.target(i)
		for c, v := range nextTarget {
			own[c] = float32(f.share*own[c]) + float32((1-f.share)*v)
		}
		if f.share < 0.5 {
			labels[i] = nextLabel
		}
	}
}

// mixUp is the weighted mean of two images (Zhang et al. 2018, "mixup: Beyond Empirical Risk Minimization", section 2).
func mixUp(_ *rand.Rand, _ Image, share float64) blending {
	weight := uint32(share*(1<<16) + 0.5)
	return blending{float32(weight) / (1 << 16), func(pix, other []uint8) {
		other = other[:len(pix)]
		for i, p := range pix {
			pix[i] = uint8((weight*uint32(p) + (1<<16-weight)*uint32(other[i]) + 1<<15) >> 16)
		}
	}}
}

// cutMix puts a rectangle of the other image over one, at the same place in all images of the batch. Its middle is anywhere, its sides are those of
// the image times √(1-share), cut off at the edges (Yun et al. 2019, "CutMix: Regularization Strategy to Train Strong Classifiers with
// Localizable Features", section 3.1). The share of the image is then what is left of its area.
func cutMix(r *rand.Rand, im Image, share float64) blending {
	side := math.Sqrt(1 - share)
	h, w := int(side*float64(im.H)), int(side*float64(im.W))
	y, x := r.IntN(im.H), r.IntN(im.W)
	y0, y1, x0, x1 := max(0, y-h/2), min(im.H, y+h-h/2), max(0, x-w/2), min(im.W, x+w-w/2)
	left := 1 - float32((y1-y0)*(x1-x0))/float32(im.H*im.W)
	return blending{left, func(pix, other []uint8) {
		for c := range im.C {
			for y := y0; y < y1; y++ {
				row := (c*im.H + y) * im.W
				copy(pix[row+x0:row+x1], other[row+x0:row+x1])
			}
		}
	}}
}

// beta draws from a Beta distribution with both parameters alpha: the share of one of two that are drawn from a Gamma distribution.
func beta(r *rand.Rand, alpha float64) float64 {
	a, b := logGamma(r, alpha), logGamma(r, alpha)
	return 1 / (1 + math.Exp(b-a))
}

// logGamma draws from a Gamma distribution with scale 1, and returns the logarithm, since for a small alpha the number itself may be too small for a
// float64 (Marsaglia and Tsang 2000, "A Simple Method for Generating Gamma Variables", which for alpha below 1 draws with alpha + 1 and multiplies by a power of another number).
func logGamma(r *rand.Rand, alpha float64) float64 {
	boost := 0.0
	if alpha < 1 {
		boost = math.Log(1-r.Float64()) / alpha
		alpha++
	}
	d := alpha - 1./3
	c := 1 / math.Sqrt(9*d)
	for {
		x := r.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if math.Log(1-r.Float64()) < 0.5*x*x+d-float64(d*v)+float64(d*math.Log(v)) {
			return math.Log(d*v) + boost
		}
	}
}
