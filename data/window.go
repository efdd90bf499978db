package data

import "image"

// A Border says what there is outside of an image.
type Border uint8

// The kinds of Border.
const (
	Black   Border = iota // nothing: black, and Ignore in a mask
	Grey114               // nothing: grey, 114 of 255, as detectors of the YOLO family are trained with, and Ignore in a mask
	Reflect               // the image in a mirror that stands on the middle of the outermost pixels, which are not repeated
)

// window changes s to the h x w pixels from row top and column left on.
func (s *Sample) window(top, left, h, w int, border Border) {
	s.Image = window(s.Image, top, left, h, w, border)
	s.follow(h, w, func(x, y float64) (float64, float64) { return x - float64(left), y - float64(top) }, func(m *Mask, _ image.Rectangle, outside uint16) *Mask {
		out, around := &Mask{h, w, make([]uint16, h*w)}, border
		if outside == 0 {
			around = Black // what is in the mirror is not the thing
		}
		windowPlane(out.Pix, m.Pix, top, left, h, w, m.H, m.W, around, outside)
		return out
	})
}

// window returns the h x w pixels of im from row top and column left on.
func window(im Image, top, left, h, w int, border Border) Image {
	out, fill := NewImage(im.C, h, w), uint8(0)
	if border == Grey114 {
		fill = 114
	}
	for c := range im.C {
		windowPlane(out.Pix[c*h*w:][:h*w], im.Pix[c*im.H*im.W:][:im.H*im.W], top, left, h, w, im.H, im.W, border, fill)
	}
	return out
}

// windowPlane is window for one plane, src of ih x iw pixels.
func windowPlane[T uint8 | uint16](dst, src []T, top, left, h, w, ih, iw int, border Border, fill T) {
	x0, x1 := min(max(0, -left), w), max(0, min(w, iw-left)) // the columns of dst that src has
	x1 = max(x0, x1)
	for y := range h {
		row := dst[y*w:][:w]
		from := y + top
		if from < 0 || from >= ih {
			if border != Reflect {
				fillAll(row, fill)
				continue
			}
			from = reflected(from, ih)
		}
		line := src[from*iw:][:iw]
		if x1 > x0 {
			copy(row[x0:x1], line[x0+left:])
		}
		if border != Reflect {
			fillAll(row[:x0], fill)
			fillAll(row[x1:], fill)
			continue
		}
		for x := range x0 {
			row[x] = line[reflected(x+left, iw)]
		}
		for x := x1; x < w; x++ {
			row[x] = line[reflected(x+left, iw)]
		}
	}
}

func fillAll[T any](row []T, v T) {
	for i := range row {
		row[i] = v
	}
}

// reflected returns the place of n that i, which may be outside, shows in the mirrors at both ends.
func reflected(i, n int) int {
	if n == 1 {
		return 0
	}
	period := 2 * (n - 1)
	if i %= period; i < 0 {
		i += period
	}
	return min(i, period-i)
}
