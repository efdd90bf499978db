package data

import "math/rand/v2"

// RandomIoUCrop cuts out a part of random size and proportions in which at least one thing, by its middle, is, and which overlaps a box by an intersection
// over union of at least a number drawn from 0, 0.1, 0.3, 0.5, 0.7 and 0.9; or leaves the image as it is, one time in seven. Boxes whose middle is outside
// are dropped (Liu et al. 2016, "SSD: Single Shot MultiBox Detector", section 2.2; it is torchvision's RandomIoUCrop). The result has another size. Its
// Apply is a Transform; an image without boxes stays as it is.
type RandomIoUCrop struct{}

// The settings of torchvision: the shares of width and height, the proportions, and how often a part is tried for one overlap.
const (
	leastSide, mostAspect = 0.3, 2.0
	cropTrials            = 40
)

var overlaps = [...]float64{0, 0.1, 0.3, 0.5, 0.7, 0.9, 1}

// Apply returns a part of s.
func (c RandomIoUCrop) Apply(r *rand.Rand, s Sample) Sample {
	if part, inside, ok := c.part(r.Float64, s.Image.H, s.Image.W, s.Boxes); ok {
		s.Boxes = inside
		s.window(int(part.Y0), int(part.X0), int(part.Y1-part.Y0), int(part.X1-part.X0), Black)
	}
	return s
}

// part chooses a part of an image and returns the boxes whose middle is in it; ok is false if the image stays as it is.
func (RandomIoUCrop) part(draw func() float64, h, w int, boxes []Box) (part Box, inside []Box, ok bool) {
	for len(boxes) > 0 {
		least := overlaps[int(draw()*float64(len(overlaps)))]
		if least >= 1 {
			break
		}
		for range cropTrials {
			pw := int(float64(w) * (leastSide + (1-leastSide)*draw()))
			ph := int(float64(h) * (leastSide + (1-leastSide)*draw()))
			if pw == 0 || ph == 0 || float64(pw) > mostAspect*float64(ph) || float64(ph) > mostAspect*float64(pw) {
				continue
			}
			left, top := float32(int(float64(w-pw)*draw())), float32(int(float64(h-ph)*draw()))
			part = Box{X0: left, Y0: top, X1: left + float32(pw), Y1: top + float32(ph)}
			if inside = part.holding(boxes); len(inside) > 0 && part.overlap(inside) >= least {
				return part, inside, true
			}
		}
	}
	return part, nil, false
}

// holding returns those of boxes whose middle is in b.
func (b Box) holding(boxes []Box) (inside []Box) {
	for _, o := range boxes {
		x, y := (o.X0+o.X1)/2, (o.Y0+o.Y1)/2
		if b.X0 < x && x < b.X1 && b.Y0 < y && y < b.Y1 {
			inside = append(inside, o)
		}
	}
	return inside
}

// overlap returns the largest intersection over union of b with any of boxes.
func (b Box) overlap(boxes []Box) (most float64) {
	for _, o := range boxes {
		w, h := min(b.X1, o.X1)-max(b.X0, o.X0), min(b.Y1, o.Y1)-max(b.Y0, o.Y0)
		if w > 0 && h > 0 {
			both := float64(w) * float64(h)
			most = max(most, both/(b.area()+o.area()-both))
		}
	}
	return most
}

func (b Box) area() float64 { return float64(b.X1-b.X0) * float64(b.Y1-b.Y0) }
