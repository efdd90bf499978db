package data

import "image"

// Picture returns the pixels of im as package image has them: grey for one plane, in colour for three.
func (im Image) Picture() image.Image {
	box := image.Rect(0, 0, im.W, im.H)
	if im.C == 1 {
		return &image.Gray{Pix: im.Pix, Stride: im.W, Rect: box}
	}
	m := image.NewNRGBA(box)
	for i := range im.H * im.W {
		for c := range 3 {
			m.Pix[4*i+c] = im.Pix[c*im.H*im.W+i]
		}
		m.Pix[4*i+3] = 255
	}
	return m
}
