// Package voc measures detectors as the Pascal VOC challenge does (Everingham et al., "The Pascal visual object classes challenge: a
// retrospective", IJCV 2015; the development kit's VOCevaldet).
//
// From the surest on, each detection of a class looks at the thing of its class in its image that overlaps it most. It is right if intersection
// over union is the threshold at least and no surer detection was right there. Difficult things count neither way.
package voc

import (
	"cmp"
	"math"
	"slices"

	"github.com/lince-ml/lince/metric/detection"
)

// IoU is the challenge's threshold.
const IoU = 0.5

// A Point is what holds when a detection, and all that are surer, are taken for true.
type Point struct{ Score, Recall, Precision float64 }

// A Class is the result for one class.
type Class struct {
	Name   string
	Things int     // without difficult ones and crowds
	AP     float64 // area under the curve of the best precision at recalls as large (2010 to 2012); NaN without things
	AP11   float64 // mean of that precision at the recalls 0, 0.1, ... 1 (2007)
	Curve  []Point // by falling score
}

// A Report is the result of a measurement.
type Report struct {
	AP, AP11 float64 // means over the classes with things
	Classes  []Class
}

// Evaluate measures the set, which Check must have found to be in order. Boxes should be half-open: one that the files of the challenge give as xmin to xmax has
// the width xmax - xmin + 1. Detections of equal scores count in their order.
func Evaluate(s *detection.Set, iou float64) *Report {
	things := make(map[[2]int][]int) // by image and class
	for i, t := range s.Things {
		key := [2]int{t.Image, t.Class}
		things[key] = append(things[key], i)
	}
	detections := make([][]int, len(s.Classes))
	for i, d := range s.Detections {
		detections[d.Class] = append(detections[d.Class], i)
	}
	r := &Report{Classes: make([]Class, len(s.Classes))}
	sum, sum11, n := 0.0, 0.0, 0
	for c, name := range s.Classes {
		slices.SortStableFunc(detections[c], func(a, b int) int { return cmp.Compare(s.Detections[b].Score, s.Detections[a].Score) })
		class := evaluate(s, things, c, detections[c], iou)
		class.Name = name
		r.Classes[c] = class
		if class.Things > 0 {
			sum += class.AP
			sum11 += class.AP11
			n++
		}
	}
	r.AP, r.AP11 = sum/float64(n), sum11/float64(n)
	return r
}

// evaluate measures class c, whose detections are sorted.
func evaluate(s *detection.Set, things map[[2]int][]int, c int, detections []int, iou float64) Class {
	class := Class{AP: math.NaN(), AP11: math.NaN()}
	for i := range s.Things {
		if s.Things[i].Class == c && !apart(&s.Things[i]) {
			class.Things++
		}
	}
	if class.Things == 0 {
		return class
	}
	found := map[int]bool{}
	hits, wrong := 0.0, 0.0
	for _, d := range detections {
		shape := s.DetectionShape(d)
		nearest, overlap := -1, math.Inf(-1)
		for _, t := range things[[2]int{s.Detections[d].Image, c}] {
			if v := detection.IoU(shape, s.ThingShape(t)); v > overlap {
				nearest, overlap = t, v
			}
		}
		switch {
		case overlap < iou:
			wrong++
		case apart(&s.Things[nearest]):
			continue
		case found[nearest]:
			wrong++
		default:
			found[nearest] = true
			hits++
		}
		class.Curve = append(class.Curve, Point{s.Detections[d].Score, hits / float64(class.Things), hits / (hits + wrong)})
	}
	class.AP, class.AP11 = area(class.Curve), elevenPoints(class.Curve)
	return class
}

func apart(t *detection.Thing) bool { return t.Ignore || t.Crowd }

// area returns the area under the curve.
func area(curve []Point) float64 {
	sum, best := 0.0, 0.0
	for i := len(curve) - 1; i >= 0; i-- {
		best = max(best, curve[i].Precision)
		before := 0.0
		if i > 0 {
			before = curve[i-1].Recall
		}
		sum += (curve[i].Recall - before) * best
	}
	return sum
}

// elevenPoints returns the mean over eleven recalls.
func elevenPoints(curve []Point) float64 {
	sum := 0.0
	for k := range 11 {
		best := 0.0
		for _, p := range curve {
			if p.Recall >= float64(k)/10 {
				best = max(best, p.Precision)
			}
		}
		sum += best / 11
	}
	return sum
}
