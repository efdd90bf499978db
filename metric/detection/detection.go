// Package detection holds what is compared when detectors are measured: the things that are in images, those that a network has found, how
// much two of them overlap, and what kind of mistakes were made. Packages metric/coco and metric/voc compute average precision from it. It
// knows neither networks nor files.
package detection

import (
	"fmt"
	"math"
)

// A Box is a rectangle in pixels: its corner of the smallest coordinates, width and height, as in COCO files.
type Box struct{ X, Y, W, H float64 }

// A Thing is what an image has: the truth.
type Thing struct {
	Image, Class int // indices of Set.Images and Set.Classes
	Box          Box
	Mask         Mask    // where masks are compared
	Area         float64 // in pixels, as the annotation has it: whether the thing is small, medium or large
	Crowd        bool    // stands for many things: any number of detections in it are neither right nor wrong (COCO)
	Ignore       bool    // finding it is neither right nor wrong, as with the difficult things of Pascal VOC
}

// A Detection is what a network says that an image has.
type Detection struct {
	Image, Class int
	Box          Box
	Mask         Mask
	Score        float64 // any finite number, the higher the surer
}

// A Set is all that a measurement needs. The order of images decides which of equally sure detections comes first.
type Set struct {
	Images     []string
	Classes    []string
	Things     []Thing
	Detections []Detection
	Masks      bool // whether masks are compared, rather than boxes
}

// Check reports indices out of range, numbers that are not finite, and missing masks or masks of different sizes: what the measures rely on.
func (s *Set) Check() error {
	sizes := make([][2]int, len(s.Images))
	check := func(what string, i, image, class int, b Box, m Mask, number float64) error {
		switch {
		case image < 0 || image >= len(s.Images):
			return fmt.Errorf("%s %d: image %d, expected 0 to %d", what, i, image, len(s.Images)-1)
		case class < 0 || class >= len(s.Classes):
			return fmt.Errorf("%s %d: class %d, expected 0 to %d", what, i, class, len(s.Classes)-1)
		case !b.finite() || math.IsNaN(number) || math.IsInf(number, 0):
			return fmt.Errorf("%s %d: a number is not finite", what, i)
		case s.Masks && m.Counts == nil:
			return fmt.Errorf("%s %d has no mask", what, i)
		case s.Masks && sizes[image] != [2]int{} && sizes[image] != [2]int{m.H, m.W}:
			return fmt.Errorf("%s %d: a mask of %dx%d, but another of the same image has %dx%d", what, i, m.W, m.H, sizes[image][1], sizes[image][0])
		}
		sizes[image] = [2]int{m.H, m.W}
		return nil
	}
	for i, t := range s.Things {
		if err := check("thing", i, t.Image, t.Class, t.Box, t.Mask, t.Area); err != nil {
			return err
		}
	}
	for i, d := range s.Detections {
		if err := check("detection", i, d.Image, d.Class, d.Box, d.Mask, d.Score); err != nil {
			return err
		}
	}
	return nil
}

func (b Box) finite() bool {
	for _, v := range []float64{b.X, b.Y, b.W, b.H} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}
