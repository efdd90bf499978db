package check

import (
	"math"

	"github.com/lince-ml/lince/data"
)

// sums are over the images of a set. They are whole numbers, so that their order does not matter.
type sums struct {
	n           uint64 // pixels
	sum, square [3]uint64
	planes      int
	boxes       []int // by class
	sizes       BoxSizes
	masks       []int // pixels of masks by class, and at the end those of which nothing is known
}

func (s *sums) add(t *sums) {
	s.n += t.n
	s.planes = max(s.planes, t.planes)
	for c := range 3 {
		s.sum[c] += t.sum[c]
		s.square[c] += t.square[c]
	}
	s.boxes, s.masks = added(s.boxes, t.boxes), added(s.masks, t.masks)
	s.sizes.Small += t.sizes.Small
	s.sizes.Medium += t.sizes.Medium
	s.sizes.Large += t.sizes.Large
}

// added returns a + b, where nil is all zeros.
func added(a, b []int) []int {
	if a == nil {
		return b
	}
	for k := range b {
		a[k] += b[k]
	}
	return a
}

func (s *sums) addPicture(im data.Image) {
	s.n += uint64(im.H * im.W)
	s.planes = max(s.planes, im.C)
	for c := range 3 {
		plane := min(c, im.C-1) // grey, for a mean with colours
		for _, v := range im.Pix[plane*im.H*im.W : (plane+1)*im.H*im.W] {
			s.sum[c] += uint64(v)
			s.square[c] += uint64(v) * uint64(v)
		}
	}
}

// addBoxes counts boxes, and makes the labels of classes that have one 1.
func (s *sums) addBoxes(boxes []data.Box, classes int, labels []float32) {
	if s.boxes == nil {
		s.boxes = make([]int, classes)
	}
	for _, b := range boxes {
		if b.Class < 0 || b.Class >= classes {
			continue
		}
		s.boxes[b.Class]++
		labels[b.Class] = 1
		s.sizes.add((b.X1 - b.X0) * (b.Y1 - b.Y0))
	}
}

// addMask counts pixels, and makes the labels of classes that have one 1.
func (s *sums) addMask(m *data.Mask, classes int, labels []float32) {
	if s.masks == nil {
		s.masks = make([]int, classes+1)
	}
	for _, v := range m.Pix {
		if class := int(v); class < classes {
			s.masks[class]++
			labels[class] = 1
		} else {
			s.masks[classes]++
		}
	}
}

// moments returns mean and standard deviation of each plane, as shares of 255.
func (s *sums) moments() (mean, std []float64) {
	for c := range s.planes {
		m := float64(s.sum[c]) / float64(s.n)
		mean = append(mean, m/255)
		std = append(std, math.Sqrt(max(0, float64(s.square[c])/float64(s.n)-m*m))/255)
	}
	return mean, std
}
