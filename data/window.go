package data

import "math/rand/v2"

// window returns the h x w pixels of im from row top and column left on. What lies outside im is black.
func window(im Image, top, left, h, w int) Image {
	out := NewImage(im.C, h, w)
	x0, x1 := max(0, left), min(im.W, left+w) // the columns that im has
	if x0 >= x1 {
		return out
	}
	for c := range im.C {
		for y := max(0, top); y < min(im.H, top+h); y++ {
			copy(out.Pix[(c*h+y-top)*w+x0-left:], im.Pix[(c*im.H+y)*im.W:][x0:x1])
		}
	}
	return out
}

// between returns a random integer from -n to n.
func between(r *rand.Rand, n int) int { return r.IntN(2*n+1) - n }
