package data

import (
	"math"
	"math/rand/v2"
)

// levels is how many magnitudes a policy knows, as in torchvision.
const levels = 31

// A RandAugment applies N operations, each drawn from fourteen, all of magnitude M: 0 to 30 (Cubuk et al. 2020, "RandAugment: Practical automated
// data augmentation with a reduced search space"). Operations and magnitudes are torchvision's, but that values between pixels are
// interpolated. Its Apply is a Transform.
type RandAugment struct{ N, M int }

// Apply returns a variation of s.
func (a RandAugment) Apply(r *rand.Rand, s Sample) Sample {
	m := float64(a.M) / (levels - 1)
	for range a.N {
		op := r.IntN(len(operations))
		s = operations[op](r, s, magnitude{m: m, shear: 0.3, move: 150. / 331, turn: 30, enhance: 0.9, bits: 4})
	}
	return s
}

// TrivialAugment applies one operation drawn from fourteen, of a magnitude drawn from 31 (Müller and Hutter 2021, "TrivialAugment: Tuning-free
// Yet State-of-the-Art Data Augmentation", the wide space). Operations and magnitudes are torchvision's, but that values
// between pixels are interpolated. Images are moved by up to 32 pixels, whatever their size.
func TrivialAugment() Transform {
	return func(r *rand.Rand, s Sample) Sample {
		op := r.IntN(len(operations))
		m := float64(r.IntN(levels)) / (levels - 1)
		return operations[op](r, s, magnitude{m: m, shear: 0.99, pixels: 32, turn: 135, enhance: 0.99, bits: 6})
	}
}

// A magnitude says how strong an operation is: m, 0 to 1, times its largest value in the policy.
type magnitude struct {
	m       float64
	shear   float64 // tangent of the angle
	move    float64 // share of the width or height
	pixels  float64 // or pixels
	turn    float64 // degrees
	enhance float64 // distance of a factor from 1
	bits    float64 // that posterizing takes away
}

// distance returns how far an image of the given size moves, in whole pixels.
func (m magnitude) distance(size int) float64 {
	return math.Trunc(m.m * (m.pixels + m.move*float64(size)))
}

// signed returns v or -v, by chance.
func signed(r *rand.Rand, v float64) float64 {
	if r.Uint64()&1 == 1 {
		return -v
	}
	return v
}

// operations are those of both policies.
var operations = [...]func(r *rand.Rand, s Sample, m magnitude) Sample{
	func(_ *rand.Rand, s Sample, _ magnitude) Sample { return s },
	func(r *rand.Rand, s Sample, m magnitude) Sample { return s.warped(shearX(signed(r, m.m*m.shear))) },
	func(r *rand.Rand, s Sample, m magnitude) Sample { return s.warped(shearY(signed(r, m.m*m.shear))) },
	func(r *rand.Rand, s Sample, m magnitude) Sample {
		return Shift(int(signed(r, m.distance(s.Image.W))), 0, Black)(r, s)
	},
	func(r *rand.Rand, s Sample, m magnitude) Sample {
		return Shift(0, int(signed(r, m.distance(s.Image.H))), Black)(r, s)
	},
	func(r *rand.Rand, s Sample, m magnitude) Sample {
		return s.warped(rotation(signed(r, m.m*m.turn), s.Image.H, s.Image.W))
	},
	func(r *rand.Rand, s Sample, m magnitude) Sample { return Brightness(1+signed(r, m.m*m.enhance))(r, s) },
	func(r *rand.Rand, s Sample, m magnitude) Sample { return Saturation(1+signed(r, m.m*m.enhance))(r, s) },
	func(r *rand.Rand, s Sample, m magnitude) Sample { return Contrast(1+signed(r, m.m*m.enhance))(r, s) },
	func(r *rand.Rand, s Sample, m magnitude) Sample { return Sharpness(1+signed(r, m.m*m.enhance))(r, s) },
	func(r *rand.Rand, s Sample, m magnitude) Sample {
		return Posterize(8-int(math.RoundToEven(m.m*m.bits)))(r, s)
	},
	func(r *rand.Rand, s Sample, m magnitude) Sample { return Solarize(255*(1-m.m))(r, s) },
	func(r *rand.Rand, s Sample, _ magnitude) Sample { return AutoContrast()(r, s) },
	func(r *rand.Rand, s Sample, _ magnitude) Sample { return Equalize()(r, s) },
}

// warped is warp for a copy.
func (s Sample) warped(m matrix) Sample {
	s.warp(m)
	return s
}

// shearX returns the matrix that moves each row by t times its distance from the upper edge, to the left.
func shearX(t float64) matrix { return matrix{xx: 1, xy: t, yy: 1}.around(0, 0, 0, 0) }

// shearY does so with columns, upwards.
func shearY(t float64) matrix { return matrix{xx: 1, yx: t, yy: 1}.around(0, 0, 0, 0) }

// rotation returns the matrix that turns an image of h x w pixels about its middle, counterclockwise.
func rotation(degrees float64, h, w int) matrix {
	sin, cos := math.Sincos(degrees * math.Pi / 180)
	return matrix{xx: cos, xy: -sin, yx: sin, yy: cos}.around(float64(w)/2, float64(h)/2, 0, 0)
}
