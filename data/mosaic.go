package data

import (
	"cmp"
	"fmt"
	"image"
	"math/rand/v2"
)

// A Mosaic puts four images around a random point in the middle half of the result, each with the corner that is there (Bochkovskiy, Wang and Liao 2020,
// "YOLOv4: Optimal Speed and Accuracy of Object Detection", section 3.3). What sticks out is cut off, and where nothing is, there is grey. The sample is
// one of the four, the others are drawn. The result has the boxes of all, and a mask if the sample has one, but no points. Images with labels are an error. Its Apply is a Collage.
type Mosaic struct {
	H, W  int
	Scale [2]float64 // of the images, each on its own: 1 is as large as fits into H x W; all zero means 0.5 to 1
	P     float64    // the share of the images, 0 to 1; others stay as they are
}

// Apply returns a mosaic of s and others.
func (m Mosaic) Apply(r *rand.Rand, s Sample, n int, read func(i int) (Sample, error)) (Sample, error) {
	if err := unlabelled(s, "mosaic"); err != nil || r.Float64() >= m.P {
		return s, err
	}
	scale := cmp.Or(m.Scale, [2]float64{0.5, 1})
	place := r.IntN(4) // of s
	y, x := m.H/4+r.IntN(m.H-m.H/2), m.W/4+r.IntN(m.W-m.W/2)
	out := Sample{Label: -1, Image: NewImage(s.Image.C, m.H, m.W), Boxes: []Box{}}
	if s.Mask != nil {
		out.Mask = &Mask{m.H, m.W, make([]uint16, m.H*m.W)}
	}
	for i, part := range [4]image.Rectangle{image.Rect(0, 0, x, y), image.Rect(x, 0, m.W, y), image.Rect(0, y, x, m.H), image.Rect(x, y, m.W, m.H)} {
		one := s
		if i != place {
			var err error
			if one, err = read(r.IntN(n)); err != nil {
				return s, err
			}
		}
		h, w := fitting(one.Image.H, one.Image.W, m.H, m.W, scale[0]+(scale[1]-scale[0])*r.Float64())
		if part.Empty() {
			continue
		}
		one.resize(0, 0, one.Image.H, one.Image.W, h, w)
		top, left := 0, 0
		if i < 2 { // its lower edge is at the point
			top = h - part.Dy()
		}
		if i%2 == 0 {
			left = w - part.Dx()
		}
		one.window(top, left, part.Dy(), part.Dx(), Grey114)
		out.put(one, part.Min)
	}
	return out, nil
}

// unlabelled returns an error if s has a label, which would not be true of several images.
func unlabelled(s Sample, collage string) error {
	if s.Label >= 0 || s.Labels != nil {
		return fmt.Errorf("%s of images with labels, expected boxes or masks alone", collage)
	}
	return nil
}

// put lays part, with all that is known about it, over s with its upper left corner at a place where all of it is inside.
func (s *Sample) put(part Sample, at image.Point) {
	h, w := part.Image.H, part.Image.W
	for c := range min(s.Image.C, part.Image.C) {
		putPlane(s.Image.plane(c), part.Image.plane(c), at, s.Image.W, w)
	}
	if s.Mask != nil {
		if part.Mask == nil {
			part.Mask = &Mask{h, w, make([]uint16, h*w)}
			fillAll(part.Mask.Pix, Ignore)
		}
		putPlane(s.Mask.Pix, part.Mask.Pix, at, s.Image.W, w)
	}
	part.Image.C, part.Mask = 0, nil // what is left to be moved is boxes
	part.window(-at.Y, -at.X, s.Image.H, s.Image.W, Black)
	s.Boxes = append(s.Boxes, part.Boxes...)
}

// putPlane copies the rows of src, of w values each, to a place in dst, whose rows have dstW.
func putPlane[T any](dst, src []T, at image.Point, dstW, w int) {
	for y := range len(src) / w {
		copy(dst[(at.Y+y)*dstW+at.X:], src[y*w:][:w])
	}
}
