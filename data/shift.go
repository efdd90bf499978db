package data

import "math/rand/v2"

// RandomShift moves the image by up to maxPixels in both directions, each shift as likely as any other. The pixels
// that come in are black.
func RandomShift(maxPixels int) Transform {
	return func(r *rand.Rand, s Sample) Sample {
		s.Image = window(s.Image, between(r, maxPixels), between(r, maxPixels), s.Image.H, s.Image.W)
		return s
	}
}
