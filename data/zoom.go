package data

import (
	"cmp"
	"math/rand/v2"
)

// RandomZoomOut puts the image at a random place of a grey one whose sides are up to Most times as long, so that things become small (Liu et al. 2016,
// "SSD: Single Shot MultiBox Detector", section 3.6; it is torchvision's RandomZoomOut). The result has another size. Its Apply is a Transform.
type RandomZoomOut struct {
	Most float64 // 1 or more; 0 means 4
	P    float64 // the share of the images, 0 to 1
}

// Apply returns a variation of s.
func (z RandomZoomOut) Apply(r *rand.Rand, s Sample) Sample {
	if r.Float64() >= z.P {
		return s
	}
	top, left, h, w := z.canvas(r.Float64, s.Image.H, s.Image.W)
	s.window(-top, -left, h, w, Grey114)
	return s
}

// canvas returns the size of the larger image, and the place of the other one in it.
func (z RandomZoomOut) canvas(draw func() float64, ih, iw int) (top, left, h, w int) {
	times := 1 + (cmp.Or(z.Most, 4)-1)*draw()
	h, w = int(float64(ih)*times), int(float64(iw)*times)
	left, top = int(float64(w-iw)*draw()), int(float64(h-ih)*draw())
	return top, left, h, w
}

// RandomLetterbox is Letterbox at a random scale: the image is made as large as fits into H x W, times a number from Scale. A smaller one is put at a random
// place of grey, of a larger one a random part is cut out. So a network that takes images of one size learns things of many sizes, as it would from images
// of many (Redmon and Farhadi 2017, "YOLO9000: Better, Faster, Stronger", section 2, multi-scale training; Ghiasi et al. 2021, section 3, large scale
// jittering). Its Apply is a Transform.
type RandomLetterbox struct {
	H, W  int
	Scale [2]float64 // from and to; all zero means 0.5 to 1.5
}

// Apply returns a variation of s.
func (l RandomLetterbox) Apply(r *rand.Rand, s Sample) Sample {
	scale := cmp.Or(l.Scale, [2]float64{0.5, 1.5})
	h, w := fitting(s.Image.H, s.Image.W, l.H, l.W, scale[0]+(scale[1]-scale[0])*r.Float64())
	s.resize(0, 0, s.Image.H, s.Image.W, h, w)
	top := anywhere(r, h-l.H)
	s.window(top, anywhere(r, w-l.W), l.H, l.W, Grey114)
	return s
}

// anywhere returns a number from 0 to n, or from n to 0 if n is negative.
func anywhere(r *rand.Rand, n int) int {
	if n < 0 {
		return -r.IntN(1 - n)
	}
	return r.IntN(n + 1)
}
