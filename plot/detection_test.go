package plot

import (
	"fmt"
	"image"
	"math/rand/v2"
	"testing"

	"github.com/lince-ml/lince/metric/coco"
	"github.com/lince-ml/lince/metric/detection"
	"github.com/lince-ml/lince/metric/segmentation"
)

// detected returns scenes of n classes, and what a detector of some skill finds.
func detected(n int) *detection.Set {
	r := rand.New(rand.NewPCG(1, 2))
	s := &detection.Set{}
	for c := range n {
		s.Classes = append(s.Classes, fmt.Sprintf("class %d", c))
	}
	for i := range 60 {
		s.Images = append(s.Images, fmt.Sprintf("%d.jpg", i))
		for range r.IntN(6) {
			c := r.IntN(n)
			b := detection.Box{X: 300 * r.Float64(), Y: 300 * r.Float64(), W: 20 + 80*r.Float64(), H: 20 + 80*r.Float64()}
			s.Things = append(s.Things, detection.Thing{Image: i, Class: c, Box: b, Area: b.W * b.H})
			for range r.IntN(3) {
				d := detection.Detection{Image: i, Class: c, Box: b, Score: 0.3 + 0.7*r.Float64()}
				d.Box.X += b.W * r.NormFloat64() / 8
				if r.IntN(8) == 0 {
					d.Class = r.IntN(n)
				}
				s.Detections = append(s.Detections, d)
			}
		}
		s.Detections = append(s.Detections, detection.Detection{Image: i, Class: r.IntN(n), Box: detection.Box{W: 60, H: 60}, Score: 0.6 * r.Float64()})
	}
	return s
}

// Pictures of detections and segmentations are drawn, of few classes and of many, and of nothing.
func TestVisionPictures(t *testing.T) {
	draw := func(name string, m image.Image, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		colours := map[any]bool{}
		for y := 0; y < m.Bounds().Dy(); y += 2 {
			for x := 0; x < m.Bounds().Dx(); x += 2 {
				colours[m.At(x, y)] = true
			}
		}
		if len(colours) < 3 {
			t.Errorf("%s is empty", name)
		}
		save(t, name+".png", m)
	}
	nothing := &detection.Set{Images: []string{"a"}, Classes: []string{"b"}}
	for name, s := range map[string]*detection.Set{"few": detected(3), "many": detected(50), "none": nothing} {
		r, a := coco.Evaluate(s), detection.Analyze(s)
		draw(name+"-precision", DetectionCurves(r), nil)
		draw(name+"-mistakes", DetectionMistakes(a), nil)
		m, err := DetectionConfusion(a, s.Classes, a.BestF1().Score)
		draw(name+"-confusion", m, err)
	}
	s := detected(3)
	a := detection.Analyze(s)
	s.Things[0].Mask = detection.NewMask(400, 400, func(y, x int) bool { return (x-100)*(x-100)+(y-100)*(y-100) < 2000 })
	m, err := WorstDetections(s, a, 5, a.BestF1().Score, func(int) (image.Image, error) { return image.NewRGBA(image.Rect(0, 0, 400, 300)), nil })
	draw("worst", m, err)
	if m, err := WorstDetections(nothing, detection.Analyze(nothing), 5, 0, nil); m != nil || err != nil {
		t.Errorf("there are no mistakes, but %v, %v", m, err)
	}
	c, names := segmentation.New(11), []string{"sky", "building", "pole", "road", "pavement", "tree", "sign", "fence", "car", "pedestrian", "bicyclist"}
	for i := range c.Counts {
		c.Counts[i] = int64(2000 / (i%7 + 1))
		if i%12 == 0 {
			c.Counts[i] *= int64(20 + i)
		}
	}
	m, err = PixelConfusion(c, names)
	draw("pixels", m, err)
	draw("iou", ClassIoU(c, names), nil)
	draw("no-iou", ClassIoU(segmentation.New(2), names[:2]), nil)
}
