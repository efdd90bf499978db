package data

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// A RandomErasing covers a rectangle with the mean colour of the image (Zhong et al. 2020, "Random Erasing Data Augmentation"): what the
// network takes for nothing, like the zeros after normalisation in torchvision. Its Apply is a Transform.
type RandomErasing struct {
	P     float64    // the share of the images, 0 to 1
	Scale [2]float64 // the rectangle's share of the area, from and to; all zero means 0.02 to 0.33
	Ratio [2]float64 // its height over its width, even on a logarithmic scale; all zero means 0.3 to 3.3
}

// Apply returns a variation of s.
func (e RandomErasing) Apply(r *rand.Rand, s Sample) Sample {
	if r.Float64() >= e.P {
		return s
	}
	scale, ratio := cmp.Or(e.Scale, [2]float64{0.02, 0.33}), cmp.Or(e.Ratio, [2]float64{0.3, 3.3})
	// The part is chosen as one to crop, whose ratio is width over height.
	top, left, h, w, ok := RandomResizedCrop{Scale: scale, Ratio: [2]float64{1 / ratio[1], 1 / ratio[0]}}.part(r, s.Image.H, s.Image.W)
	if ok {
		s.cover(top, left, h, w)
	}
	return s
}

// Cutout covers size x size pixels around a random one with the mean colour of the image (DeVries and Taylor 2017, "Improved Regularization of
// Convolutional Neural Networks with Cutout"). At the edges, less of the square is in the image.
func Cutout(size int) Transform {
	return func(r *rand.Rand, s Sample) Sample {
		top := r.IntN(s.Image.H) - size/2
		left := r.IntN(s.Image.W) - size/2
		y, x := max(0, top), max(0, left)
		s.cover(y, x, min(s.Image.H, top+size)-y, min(s.Image.W, left+size)-x)
		return s
	}
}

// cover fills a rectangle within the image with the mean of each plane.
func (s *Sample) cover(top, left, h, w int) {
	im := s.Image
	im.Pix = slices.Clone(im.Pix)
	for c := range im.C {
		plane := im.plane(c)
		sum := 0
		for _, p := range plane {
			sum += int(p)
		}
		for y := top; y < top+h; y++ {
			fillAll(plane[y*im.W+left:][:w], uint8(sum/len(plane)))
		}
	}
	s.Image = im
}
