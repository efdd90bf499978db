package detection

// A Shape is what is compared: a box, or a mask with the box around it.
type Shape struct {
	Area float64
	box  Box
	mask Mask
}

// ThingShape returns what is compared of thing i.
func (s *Set) ThingShape(i int) Shape { return s.shape(s.Things[i].Box, s.Things[i].Mask) }

// DetectionShape returns what is compared of detection i.
func (s *Set) DetectionShape(i int) Shape { return s.shape(s.Detections[i].Box, s.Detections[i].Mask) }

func (s *Set) shape(b Box, m Mask) Shape {
	if !s.Masks {
		return Shape{Area: b.W * b.H, box: b}
	}
	return Shape{Area: float64(m.Area()), box: m.Box(), mask: m}
}

// IoU returns the area that the shapes share by the area of both together: intersection over union, 0 to 1.
func IoU(a, b Shape) float64 {
	i := intersection(a, b)
	if i == 0 {
		return 0
	}
	return i / (a.Area + b.Area - i)
}

// Inside returns the share of a that is inside of b: what COCO compares with a crowd.
func Inside(a, b Shape) float64 {
	i := intersection(a, b)
	if i == 0 {
		return 0
	}
	return i / a.Area
}

// intersection returns the area that the shapes share. The products are converted, so that no processor fuses them with a sum: the same bits
// everywhere, and those of pycocotools.
func intersection(a, b Shape) float64 {
	w := min(a.box.X+a.box.W, b.box.X+b.box.W) - max(a.box.X, b.box.X)
	h := min(a.box.Y+a.box.H, b.box.Y+b.box.H) - max(a.box.Y, b.box.Y)
	switch {
	case w <= 0 || h <= 0:
		return 0
	case a.mask.Counts != nil:
		return float64(a.mask.Intersection(b.mask.Runs))
	}
	return float64(w * h)
}
