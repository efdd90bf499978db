package instances

import (
	"context"
	"fmt"
	"math"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/metric/coco"
	"github.com/lince-ml/lince/metric/detection"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/task/detect"
	"github.com/lince-ml/lince/tensor"
)

// Measurer returns a Segmenter.
func (t Task) Measurer(b backend.Backend, weights map[string]*tensor.Tensor, live bool) task.Measurer {
	return measurer{newSegmenter(b, t, weights, live)}
}

// A measurer evaluates with the usual settings, but for the least score.
type measurer struct{ *Segmenter }

func (m measurer) Evaluate(ctx context.Context, d data.Dataset, workers int) (task.Report, error) {
	s := m.task.Detect.Settings()
	s.Score = detect.MeasureScore
	r, err := m.Segmenter.Evaluate(ctx, d, workers, s)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// A Report is the measurement of a network's masks, as COCO defines it, and of its boxes.
type Report struct {
	Masks detect.Report
	Boxes coco.Summary
}

// Evaluate finds what is in the images of from, which must have the size that the network takes, and compares masks and boxes with what from says. Things
// without a shape do not count.
func (s *Segmenter) Evaluate(ctx context.Context, from data.Dataset, workers int, set detect.Settings) (*Report, error) {
	classes := s.task.Detect.Classes
	if n := len(from.Classes()); n != len(classes) {
		return nil, fmt.Errorf("data of %d classes, the model knows %d", n, len(classes))
	}
	if from.Len() == 0 {
		return nil, fmt.Errorf("evaluate: no images")
	}
	all := &detection.Set{Classes: classes}
	l := &data.Loader{Data: from, Batch: s.task.Detect.Batch(), Workers: workers}
	for batch, err := range l.Batches(ctx, 0, 0) {
		if err != nil {
			return nil, err
		}
		found, cells, err := s.predict(s.many, batch.X, batch.N, set)
		if err != nil {
			return nil, err
		}
		h, w := batch.X.Shape().Dim(2), batch.X.Shape().Dim(3)
		for i, sample := range batch.Samples {
			for k := range found[i] {
				b := &found[i][k].Box
				b.Shape = &data.Shape{Mask: s.task.paste(cells[i][k], *b, h, w)}
			}
			detect.Add(all, from.Name(batch.Index[i]), sample.Boxes, found[i])
			addMasks(all, sample.Boxes, found[i], h, w)
		}
	}
	return measure(all)
}

func measure(all *detection.Set) (*Report, error) {
	if err := all.Check(); err != nil {
		return nil, err
	}
	boxes := coco.Evaluate(all).Summary
	all.Masks = true
	if err := all.Check(); err != nil {
		return nil, err
	}
	return &Report{detect.Report{Report: *coco.Evaluate(all), Set: all}, boxes}, nil
}

// addMasks adds the masks of the image that was added last. What has no shape is ignored.
func addMasks(all *detection.Set, truth []data.Box, found []data.Detection, h, w int) {
	things := all.Things[len(all.Things)-len(truth):]
	for i, b := range truth {
		if b.Shape == nil {
			things[i].Mask, things[i].Ignore = detection.NewMask(h, w, func(int, int) bool { return false }), true
			continue
		}
		things[i].Mask = maskOf(b.Shape.Raster(h, w))
		things[i].Area = float64(things[i].Mask.Area())
	}
	detections := all.Detections[len(all.Detections)-len(found):]
	for i, d := range found {
		detections[i].Mask = maskOf(d.Shape.Mask)
	}
}

func maskOf(m *data.Mask) detection.Mask {
	return detection.NewMask(m.H, m.W, func(y, x int) bool { return m.Pix[y*m.W+x] == 1 })
}

// Loss returns NaN: there is none outside of training.
func (r *Report) Loss() float64 { return math.NaN() }

// Quantities are those of the masks, the first of which chooses the best epoch, and of the boxes.
func (r *Report) Quantities() []metric.Quantity {
	box := r.Boxes.Quantities()[0]
	return append(r.Masks.Quantities(), metric.Quantity{Name: "box_" + box.Name, Title: "boxes: " + box.Title, Value: box.Value, Share: true})
}

// Threshold is that of the masks.
func (r *Report) Threshold() float32 { return r.Masks.Threshold() }

// Summary returns the numbers of the masks and of the boxes.
func (r *Report) Summary() task.Summary {
	m := &Metrics{Masks: *r.Masks.Summary().(*detect.Metrics), Boxes: map[string]float64{}}
	for _, q := range r.Boxes.Quantities() {
		if !math.IsNaN(q.Value) {
			m.Boxes[q.Name] = q.Value
		}
	}
	return m
}

// Metrics are what is measured once, in the form in which they are JSON.
type Metrics struct {
	Masks detect.Metrics     `json:"masks"`
	Boxes map[string]float64 `json:"boxes"` // as in detect.Metrics
}

// Images returns how many were measured.
func (m *Metrics) Images() int { return m.Masks.Images() }

// Quantities are those of the masks, and average precision of the boxes.
func (m *Metrics) Quantities() []metric.Quantity {
	list := m.Masks.Quantities()
	for _, q := range (coco.Summary{}).Quantities()[:1] {
		if v, ok := m.Boxes[q.Name]; ok {
			list = append(list, metric.Quantity{Name: "box_" + q.Name, Title: "boxes: " + q.Title, Value: v, Share: true})
		}
	}
	return list
}

// Tables are those of the masks.
func (m *Metrics) Tables() []task.Table { return m.Masks.Tables() }
