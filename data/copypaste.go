package data

import (
	"cmp"
	"image"
	"math/rand/v2"
	"slices"
)

// A CopyPaste copies things of another image, along their shapes, to random places of the image (Ghiasi et al. 2021, "Simple Copy-Paste is a Strong Data
// Augmentation Method for Instance Segmentation"). What they hide is no longer there: shapes, boxes and the mask of the sample say so, and a thing of which
// less than a quarter is left is dropped. Things without a Shape, and crowds, are not copied. Images with labels are an error. Its Apply is a Collage.
type CopyPaste struct {
	P     float64    // the share of the images, 0 to 1; others stay as they are
	Most  int        // things that are copied to an image, at least one; 0 means 5
	Scale [2]float64 // by which they are enlarged, from and to; all zero means 0.75 to 1.25
}

// Apply returns s with things of another sample.
func (c CopyPaste) Apply(r *rand.Rand, s Sample, n int, read func(i int) (Sample, error)) (Sample, error) {
	if err := unlabelled(s, "copy-paste"); err != nil || r.Float64() >= c.P {
		return s, err
	}
	from, err := read(r.IntN(n))
	if err != nil {
		return s, err
	}
	things := slices.DeleteFunc(slices.Clone(from.Boxes), func(b Box) bool { return b.Shape == nil || b.Crowd })
	if len(things) == 0 || from.Image.C != s.Image.C {
		return s, nil
	}
	r.Shuffle(len(things), func(i, j int) { things[i], things[j] = things[j], things[i] })
	s.Image.Pix = slices.Clone(s.Image.Pix)
	if s.Mask != nil {
		s.Mask = &Mask{s.Mask.H, s.Mask.W, slices.Clone(s.Mask.Pix)}
	}
	scale := cmp.Or(c.Scale, [2]float64{0.75, 1.25})
	for _, b := range things[:1+r.IntN(min(len(things), cmp.Or(c.Most, 5)))] {
		thing := from.cutOut(b, scale[0]+(scale[1]-scale[0])*r.Float64(), s.Image.H, s.Image.W)
		at := image.Pt(r.IntN(s.Image.W-thing.Image.W+1), r.IntN(s.Image.H-thing.Image.H+1))
		if len(thing.Boxes) == 1 {
			s.paste(thing, at)
		}
	}
	return s, nil
}

// cutOut returns the part of s that b is around, enlarged by scale but not to more than h x w, with b alone, whose shape becomes a mask.
func (s Sample) cutOut(b Box, scale float64, h, w int) Sample {
	b.Shape = &Shape{Mask: b.Shape.Raster(s.Image.H, s.Image.W)}
	s.Boxes, s.Points = []Box{b}, nil
	in := b.around(s.Image.H, s.Image.W)
	s.window(in.Min.Y, in.Min.X, in.Dy(), in.Dx(), Black)
	scale = min(scale, float64(h)/float64(in.Dy()), float64(w)/float64(in.Dx()))
	s.resize(0, 0, in.Dy(), in.Dx(), min(h, max(1, int(float64(in.Dy())*scale))), min(w, max(1, int(float64(in.Dx())*scale))))
	return s
}

// paste lays the only thing of a sample, along its mask, over s with its upper left corner at a place where all of it is inside. It changes the pixels and the mask of s.
func (s *Sample) paste(thing Sample, at image.Point) {
	shape := thing.Boxes[0].Shape.Mask
	for i, v := range shape.Pix {
		if v == 0 {
			continue
		}
		to := (at.Y+i/shape.W)*s.Image.W + at.X + i%shape.W
		for c := range s.Image.C {
			s.Image.plane(c)[to] = thing.Image.plane(c)[i]
		}
		if s.Mask != nil && thing.Mask != nil {
			s.Mask.Pix[to] = thing.Mask.Pix[i]
		}
	}
	thing.window(-at.Y, -at.X, s.Image.H, s.Image.W, Black)
	boxes := make([]Box, 0, len(s.Boxes)+1)
	for _, b := range s.Boxes {
		if b, ok := b.behind(thing.Boxes[0], s.Image.H, s.Image.W); ok {
			boxes = append(boxes, b)
		}
	}
	s.Boxes = append(boxes, thing.Boxes...)
}

// behind returns what is left of b in an image of h x w pixels behind another thing, which has a mask; ok is false if that is too little. A box without
// Shape stays as it is.
func (b Box) behind(front Box, h, w int) (left Box, ok bool) {
	in := b.around(h, w)
	if b.Shape == nil || in.Intersect(front.around(h, w)).Empty() {
		return b, true
	}
	m := &Mask{h, w, slices.Clone(b.Shape.Raster(h, w).Pix)}
	before, hidden := 0, 0
	for y := in.Min.Y; y < in.Max.Y; y++ {
		row, over := m.Pix[y*w:][:w], front.Shape.Mask.Pix[y*w:][:w]
		for x := in.Min.X; x < in.Max.X; x++ {
			if row[x] == 0 {
				continue
			}
			before++
			if over[x] != 0 {
				hidden++
				row[x] = 0
			}
		}
	}
	if hidden == 0 {
		return b, true
	}
	b.Shape = &Shape{Mask: m}
	return b, float64(before-hidden) >= kept*float64(before) && b.fit(in)
}
