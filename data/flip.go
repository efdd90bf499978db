package data

import (
	"math/rand/v2"
	"slices"
)

// RandomFlip mirrors every other image, left to right.
func RandomFlip() Transform {
	return func(r *rand.Rand, s Sample) Sample {
		if r.Uint64()&1 == 0 {
			return s
		}
		im := &s.Image
		im.Pix = slices.Clone(im.Pix)
		for i := 0; i < len(im.Pix); i += im.W {
			slices.Reverse(im.Pix[i : i+im.W])
		}
		return s
	}
}
