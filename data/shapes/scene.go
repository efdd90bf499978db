package shapes

import (
	"math/rand/v2"

	"github.com/lince-ml/lince/data"
)

// A scene is an image in the making. All its arithmetic is written so that every processor gets the same bits: products are rounded before they
// are added to something, by a conversion to float64.
type scene struct {
	r      *rand.Rand
	size   int // pixels of a side
	image  data.Image
	ground [2]colour // of the background
	owner  []uint8   // the thing that each pixel belongs to, counted from 1, 0 for none
	things []thing
	alpha  []uint8 // room for what a thing covers
	hides  []int   // room for how many pixels of each thing another hides
}

// A thing is a shape in its place.
type thing struct {
	class   int
	colour  colour
	visible int // pixels
	pixels  int // in the image, visible or not
}

// visibleShare is the share of its pixels that things keep when others are drawn over them.
const visibleShare = 0.5

func newScene(r *rand.Rand, size int) *scene {
	return &scene{r: r, size: size, image: data.NewImage(3, size, size), owner: make([]uint8, size*size)}
}

// single draws one large thing, and returns its class.
func (s *scene) single() int {
	class := s.r.IntN(len(classNames))
	s.background()
	s.clutter(1 + s.r.IntN(5))
	s.place(class, s.between(0.16, 0.38))
	return class
}

// several draws two to seven things. Where there is no room for another one after some tries, it is left out.
func (s *scene) several() {
	s.background()
	s.clutter(s.r.IntN(4))
	for range 2 + s.r.IntN(6) {
		for range 8 {
			if s.place(s.r.IntN(len(classNames)), s.between(0.09, 0.21)) {
				break
			}
		}
	}
}

// between returns a number from low to high.
func (s *scene) between(low, high float64) float64 { return low + float64((high-low)*s.r.Float64()) }

// place draws a thing of the class, whose radius is the given share of the image, at a random place. It returns false, and has drawn nothing, if too
// much of a thing would be hidden.
func (s *scene) place(class int, share float64) bool {
	radius := share * float64(s.size)
	margin := 0.85 * radius // some are cut off a bit
	p := placed{
		outline: outlines[class], r: radius,
		x: s.between(margin, float64(s.size)-margin), y: s.between(margin, float64(s.size)-margin),
	}
	turn := 0.5 // of the whole angle
	if class >= firstDigit {
		turn = 0.04
	}
	p.cos, p.sin = direction(s.between(-turn, turn))
	w := p.window(s.size)
	s.alpha = p.cover(w, s.alpha)
	pixels, ok := s.fits(w)
	if !ok {
		return false
	}
	t := thing{class: class, colour: s.contrast(), pixels: pixels, visible: pixels}
	for i, n := range s.hides {
		if i > 0 {
			s.things[i-1].visible -= n
		}
	}
	s.things = append(s.things, t)
	s.paint(w, t.colour, s.light(p))
	s.own(w)
	return true
}

// fits counts the pixels of s.alpha, and sets s.hides; ok is false if too little of a thing would be left.
func (s *scene) fits(w window) (pixels int, ok bool) {
	s.hides = append(s.hides[:0], make([]int, len(s.things)+1)...)
	for y := range w.h {
		owners := s.owner[(w.top+y)*s.size+w.left:][:w.w]
		for x, a := range s.alpha[y*w.w:][:w.w] {
			if a >= half {
				pixels++
				s.hides[owners[x]]++
			}
		}
	}
	for i, t := range s.things {
		if float64(t.visible-s.hides[i+1]) < visibleShare*float64(t.pixels) {
			return 0, false
		}
	}
	return pixels, true
}

// own makes the pixels of s.alpha those of the last thing.
func (s *scene) own(w window) {
	for y := range w.h {
		owners := s.owner[(w.top+y)*s.size+w.left:][:w.w]
		for x, a := range s.alpha[y*w.w:][:w.w] {
			if a >= half {
				owners[x] = uint8(len(s.things))
			}
		}
	}
}

// boxes returns the things with their masks.
func (s *scene) boxes() []data.Box {
	boxes := make([]data.Box, len(s.things))
	for i, t := range s.things {
		mask := &data.Mask{H: s.size, W: s.size, Pix: make([]uint16, s.size*s.size)}
		boxes[i] = data.Box{Class: t.class, X0: float32(s.size), Y0: float32(s.size), Shape: &data.Shape{Mask: mask}}
	}
	for y := range s.size {
		for x, o := range s.owner[y*s.size:][:s.size] {
			if o > 0 {
				b, fx, fy := &boxes[o-1], float32(x), float32(y)
				b.X0, b.Y0, b.X1, b.Y1 = min(b.X0, fx), min(b.Y0, fy), max(b.X1, fx+1), max(b.Y1, fy+1)
				b.Shape.Mask.Pix[y*s.size+x] = 1
			}
		}
	}
	return boxes
}

// classes returns the class of each pixel, where 0 is the background and 1 the first class of things.
func (s *scene) classes() *data.Mask {
	m := &data.Mask{H: s.size, W: s.size, Pix: make([]uint16, s.size*s.size)}
	for i, o := range s.owner {
		if o > 0 {
			m.Pix[i] = uint16(1 + s.things[o-1].class)
		}
	}
	return m
}
