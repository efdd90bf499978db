package data

import "math/rand/v2"

// Shift moves the image right by dx pixels and down by dy.
func Shift(dx, dy int, border Border) Transform {
	return func(_ *rand.Rand, s Sample) Sample {
		s.window(-dy, -dx, s.Image.H, s.Image.W, border)
		return s
	}
}

// RandomShift moves the image by up to maxPixels in both directions, each shift as likely as any other.
func RandomShift(maxPixels int, border Border) Transform {
	return func(r *rand.Rand, s Sample) Sample {
		top := between(r, maxPixels)
		s.window(top, between(r, maxPixels), s.Image.H, s.Image.W, border)
		return s
	}
}

// between returns a random integer from -n to n.
func between(r *rand.Rand, n int) int { return r.IntN(2*n+1) - n }
