package data

import "math/rand/v2"

// RandomCrop cuts h x w pixels from a random place of the image, after a margin of pad black pixels has been put on
// all sides. RandomCrop(32, 32, 4) is the usual one for CIFAR. An image that even so is too small is padded with
// black in the middle of the result.
func RandomCrop(h, w, pad int) Transform {
	return func(r *rand.Rand, s Sample) Sample {
		s.Image = window(s.Image, cropStart(r, s.Image.H, h, pad), cropStart(r, s.Image.W, w, pad), h, w)
		return s
	}
}

// cropStart chooses where want pixels of size begin.
func cropStart(r *rand.Rand, size, want, pad int) int {
	free := size + 2*pad - want
	if free < 0 {
		return (size - want) / 2
	}
	return r.IntN(free+1) - pad
}
