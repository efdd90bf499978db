package detect

import "math"

// anchors are the boxes that a network's boxes are found at or measured from, one for each row of its output.
type anchors struct {
	boxes  []rect
	levels []int // how many of them belong to each map of the pyramid, the one of the smallest pixels first
}

func (a *anchors) add(level []rect) {
	a.boxes = append(a.boxes, level...)
	a.levels = append(a.levels, len(level))
}

// eachLevel calls f for the range of anchors of each map.
func (a *anchors) eachLevel(f func(first, end int)) {
	first := 0
	for _, n := range a.levels {
		f(first, first+n)
		first += n
	}
}

// halved returns n halved so many times, rounded up each time, as convolutions of stride 2 do it.
func halved(n, times int) int {
	for range times {
		n = (n + 1) / 2
	}
	return n
}

// points returns squares of the given size around the middle of each place of a map with a stride.
func points(h, w, stride int, size float32) []rect {
	list := make([]rect, 0, h*w)
	for y := range h {
		for x := range w {
			cx, cy := (float32(x)+0.5)*float32(stride), (float32(y)+0.5)*float32(stride)
			list = append(list, rect{cx - size/2, cy - size/2, cx + size/2, cy + size/2})
		}
	}
	return list
}

// gridAnchors returns torchvision's AnchorGenerator for one map of h x w places of an image: boxes of the given sizes and ratios of height to
// width around the upper left corner of each place, rounded to pixels there.
func gridAnchors(imageH, imageW, h, w int, sizes []int, ratios []float64) []rect {
	var base []rect
	for _, ratio := range ratios {
		tall := float32(math.Sqrt(float64(float32(ratio))))
		wide := 1 / tall
		for _, size := range sizes {
			bw, bh := wide*float32(size), tall*float32(size)
			base = append(base, rect{even(-bw / 2), even(-bh / 2), even(bw / 2), even(bh / 2)})
		}
	}
	list := make([]rect, 0, h*w*len(base))
	for y := range h {
		for x := range w {
			dx, dy := float32(x*(imageW/w)), float32(y*(imageH/h))
			for _, b := range base {
				list = append(list, rect{b[0] + dx, b[1] + dy, b[2] + dx, b[3] + dy})
			}
		}
	}
	return list
}

// even rounds halves to the even number.
func even(v float32) float32 { return float32(math.RoundToEven(float64(v))) }

// A defaultBoxes says which boxes SSD has on each of its maps (Liu et al., "SSD: Single shot multibox detector", ECCV 2016, section 2.2).
type defaultBoxes struct {
	scales []float64 // of each map, and one more: parts of the image's sides
	ratios [][]float64
	steps  []int // pixels from place to place; nil: the places divide the image evenly
}

// level returns the boxes of map k, which has h x w places. Sides are cut to those of the image.
func (d defaultBoxes) level(k, imageH, imageW, h, w int) []rect {
	s := d.scales[k]
	between := math.Sqrt(s * d.scales[k+1])
	sides := [][2]float64{{s, s}, {between, between}}
	for _, ratio := range d.ratios[k] {
		root := math.Sqrt(ratio)
		sides = append(sides, [2]float64{s * root, s / root}, [2]float64{s / root, s * root})
	}
	across, down := float64(w), float64(h)
	if d.steps != nil {
		across, down = float64(imageW)/float64(d.steps[k]), float64(imageH)/float64(d.steps[k])
	}
	list := make([]rect, 0, h*w*len(sides))
	for y := range h {
		for x := range w {
			cx, cy := (float32(x)+0.5)/float32(across), (float32(y)+0.5)/float32(down)
			for _, side := range sides {
				bw, bh := min(float32(side[0]), 1), min(float32(side[1]), 1)
				list = append(list, rect{
					(cx - 0.5*bw) * float32(imageW), (cy - 0.5*bh) * float32(imageH), (cx + 0.5*bw) * float32(imageW), (cy + 0.5*bh) * float32(imageH)})
			}
		}
	}
	return list
}
