package data

import "math/rand/v2"

// Crop cuts h x w pixels from row top and column left on. What is outside of the image is black.
func Crop(top, left, h, w int) Transform {
	return func(_ *rand.Rand, s Sample) Sample {
		s.window(top, left, h, w, Black)
		return s
	}
}

// CenterCrop cuts h x w pixels from the middle of the image, or puts a smaller image in the middle of black.
func CenterCrop(h, w int) Transform {
	return func(_ *rand.Rand, s Sample) Sample {
		s.window(halfToEven(s.Image.H-h), halfToEven(s.Image.W-w), h, w, Black)
		return s
	}
}

// Pad puts a margin of n pixels on all sides.
func Pad(n int, border Border) Transform {
	return func(_ *rand.Rand, s Sample) Sample {
		s.window(-n, -n, s.Image.H+2*n, s.Image.W+2*n, border)
		return s
	}
}

// RandomCrop cuts h x w pixels from a random place of the image, after a margin of pad pixels has been put on all
// sides. RandomCrop(32, 32, 4, Black) is the usual one for CIFAR. An image that even so is too small is put in the
// middle of the result.
func RandomCrop(h, w, pad int, border Border) Transform {
	return func(r *rand.Rand, s Sample) Sample {
		top := cropStart(r, s.Image.H, h, pad)
		s.window(top, cropStart(r, s.Image.W, w, pad), h, w, border)
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
