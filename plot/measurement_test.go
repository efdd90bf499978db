package plot

import (
	"bytes"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/metric/coco"
	"github.com/lince-ml/lince/metric/detection"
	"github.com/lince-ml/lince/metric/segmentation"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/task/detect"
	"github.com/lince-ml/lince/task/instances"
	"github.com/lince-ml/lince/task/localize"
	"github.com/lince-ml/lince/task/segment"
)

// sized are grey images of a size, with a mask whose left half is of class 1.
type sized struct{ n, h, w int }

func (d sized) Len() int          { return d.n }
func (d sized) Classes() []string { return []string{"cat", "dog"} }
func (d sized) Name(i int) string { return fmt.Sprintf("sized/%d.png", i) }
func (d sized) Sample(int) (data.Sample, error) {
	s := data.Sample{Image: data.NewImage(3, d.h, d.w), Mask: &data.Mask{H: d.h, W: d.w, Pix: make([]uint16, d.h*d.w)}}
	for i := range s.Image.Pix {
		s.Image.Pix[i] = uint8(120 + i%40)
	}
	for i := range s.Mask.Pix {
		if i%d.w < d.w/2 {
			s.Mask.Pix[i] = 1
		}
	}
	return s, nil
}

// segmentedAs returns a report of images of which all pixels are said to be of class 1.
func segmentedAs(t *testing.T, d sized) *segment.Report {
	t.Helper()
	r := &segment.Report{Classes: d.Classes(), Confusion: segmentation.New(2), Masks: map[int]*data.Mask{}}
	said := &data.Mask{H: d.h, W: d.w, Pix: slices.Repeat([]uint16{1}, d.h*d.w)}
	for i := range d.n {
		s, _ := d.Sample(i)
		if err := r.Confusion.Add(s.Mask.Pix, said.Pix, data.Ignore); err != nil {
			t.Fatal(err)
		}
		r.Samples = append(r.Samples, segment.Sample{Index: i, MeanIoU: 0.25, Accuracy: 0.5})
		r.Masks[i] = said
	}
	r.Worst = r.Samples[:1]
	return r
}

// TestMeasurement writes the pictures of each task.
func TestMeasurement(t *testing.T) {
	d := sized{3, 40, 60}
	square := detection.Box{X: 10, Y: 10, W: 20, H: 20}
	s := &detection.Set{
		Images: []string{d.Name(0), d.Name(1), d.Name(2)}, Classes: d.Classes(),
		Things:     []detection.Thing{{Box: square, Area: 400}, {Image: 1, Class: 1, Box: square, Area: 400}},
		Detections: []detection.Detection{{Box: square, Score: 0.9}, {Image: 1, Box: square, Score: 0.8}},
	}
	found := detect.Report{Report: *coco.Evaluate(s), Set: s}
	masks := &detection.Set{Images: s.Images, Classes: s.Classes, Things: slices.Clone(s.Things), Detections: slices.Clone(s.Detections), Masks: true}
	disc := detection.NewMask(d.h, d.w, func(y, x int) bool { return (x-20)*(x-20)+(y-20)*(y-20) < 100 })
	for i := range 2 {
		masks.Things[i].Mask, masks.Detections[i].Mask = disc, disc
	}
	at := data.Box{X0: 10, Y0: 10, X1: 30, Y1: 30}
	localized := &localize.Report{Classes: d.Classes(), Samples: []localize.Sample{
		{Answer: localize.Answer{Probabilities: []float32{0.9, 0.1}, Box: at}, Truth: at, IoU: 1},
		{Answer: localize.Answer{Probabilities: []float32{0.9, 0.1}, Box: at}, Index: 1, Class: 1, Truth: at, IoU: 1, Rank: 1, Loss: 3},
	}}
	for name, c := range map[string]struct {
		report task.Report
		want   []string
	}{
		"localize":  {localized, []string{"confusion.png", "predictions.png", "worst.png"}},
		"detect":    {&found, []string{"confusion.png", "errors.png", "precision-recall.png", "predictions.png", "worst.png"}},
		"instances": {&instances.Report{Masks: detect.Report{Report: *coco.Evaluate(masks), Set: masks}}, []string{"confusion.png", "errors.png", "precision-recall.png", "predictions.png", "worst.png"}},
		"segment":   {segmentedAs(t, d), []string{"confusion.png", "iou.png", "predictions.png", "worst.png"}},
	} {
		dir := *keep
		if dir == "" {
			dir = t.TempDir()
		}
		dir = filepath.Join(dir, name)
		if err := Measurement(dir, c.report, d, d.Classes()); err != nil {
			t.Fatal(err)
		}
		files, err := os.ReadDir(dir)
		var got []string
		for _, f := range files {
			got = append(got, f.Name())
			if !slices.ContainsFunc(Files, func(k File) bool { return k.Name == f.Name() }) {
				t.Errorf("%s: %s is not among Files, and so not on the page", name, f.Name())
			}
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, error %v, want %v", name, got, err, c.want)
		}
	}
}

// TestMeasurementWithoutMistakes has no picture of what is wrong.
func TestMeasurementWithoutMistakes(t *testing.T) {
	d := sized{1, 40, 60}
	square := detection.Box{X: 10, Y: 10, W: 20, H: 20}
	s := &detection.Set{
		Images: []string{d.Name(0)}, Classes: d.Classes(),
		Things: []detection.Thing{{Box: square, Area: 400}}, Detections: []detection.Detection{{Box: square, Score: 0.9}},
	}
	dir := t.TempDir()
	if err := Measurement(dir, &detect.Report{Report: *coco.Evaluate(s), Set: s}, d, d.Classes()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "worst.png")); err == nil {
		t.Error("worst.png shows what is right")
	}
}

// TestManyMistakes: of hundreds of wrong detections, as those of a network that has hardly learned, the surest are drawn, and the thing that was missed is still seen.
func TestManyMistakes(t *testing.T) {
	src, disc := scene(100, 100)
	draw := func(wrong int) *image.RGBA {
		s := &detection.Set{Images: []string{"a"}, Classes: []string{"cat"}, Masks: true}
		mask := func(inside func(y, x int) bool) detection.Mask { return detection.NewMask(100, 100, inside) }
		s.Things = append(s.Things, detection.Thing{
			Box: detection.Box{X: 30, Y: 30, W: 40, H: 40}, Area: 1600, Mask: mask(func(y, x int) bool { return disc.Pix[100*y+x] == 1 }),
		})
		for i := range wrong {
			b := detection.Box{X: float64(i % 10), Y: float64(i % 7), W: 10, H: 10}
			in := mask(func(y, x int) bool { return x >= i%10 && x < i%10+10 && y >= i%7 && y < i%7+10 })
			s.Detections = append(s.Detections, detection.Detection{Box: b, Score: 0.9 - float64(i)/1000, Mask: in})
		}
		return judged(s, detection.Analyze(s), 0, 0.1, src).(*image.RGBA)
	}
	few, many := draw(mostWrong), draw(300)
	save(t, "many-mistakes.png", many)
	if !bytes.Equal(few.Pix, many.Pix) {
		t.Error("more than the surest are drawn")
	}
	if coloured(many, missedColour) == 0 {
		t.Error("what was missed is covered")
	}
}
