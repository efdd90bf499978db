package data

import (
	"math/rand/v2"
	"slices"
)

// RandomFlip mirrors every other image, left to right.
func RandomFlip() Transform {
	return func(r *rand.Rand, im Image) Image {
		if r.Uint64()&1 == 0 {
			return im
		}
		out := im
		out.Pix = slices.Clone(im.Pix)
		for i := 0; i < len(out.Pix); i += im.W {
			slices.Reverse(out.Pix[i : i+im.W])
		}
		return out
	}
}
