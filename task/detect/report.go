package detect

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
	"github.com/lince-ml/lince/tensor"
)

// Measurer returns a Detector.
func (t Task) Measurer(b backend.Backend, weights map[string]*tensor.Tensor, live bool) task.Measurer {
	return measurer{newDetector(b, t, weights, live)}
}

// A measurer evaluates with the usual settings, but for the least score.
type measurer struct{ *Detector }

func (m measurer) Evaluate(ctx context.Context, d data.Dataset, workers int) (task.Report, error) {
	s := m.task.Settings()
	s.Score = min(s.Score, MeasureScore)
	r, err := m.Detector.Evaluate(ctx, d, workers, s)
	if err != nil {
		return nil, err
	}
	return r, nil
}

// MeasureScore is how sure a network must be of a thing when it is measured: average precision asks for all that it may have seen.
const MeasureScore = 0.01

// A Report is the measurement of a detector: average precision as COCO defines it, in pixels of the network's input.
type Report struct {
	coco.Report
	Set      *detection.Set // what was compared
	analysis *detection.Analysis
}

// Evaluate finds what is in the images of d, which must have the size that the network takes, and compares it with what d says.
func (d *Detector) Evaluate(ctx context.Context, from data.Dataset, workers int, s Settings) (*Report, error) {
	if n := len(from.Classes()); n != len(d.task.Classes) {
		return nil, fmt.Errorf("data of %d classes, the model knows %d", n, len(d.task.Classes))
	}
	if from.Len() == 0 {
		return nil, fmt.Errorf("evaluate: no images")
	}
	set := &detection.Set{Classes: d.task.Classes}
	l := &data.Loader{Data: from, Batch: d.task.Batch(), Workers: workers}
	for batch, err := range l.Batches(ctx, 0, 0) {
		if err != nil {
			return nil, err
		}
		found, err := d.many.Find(batch.X, batch.N, s, nil)
		if err != nil {
			return nil, err
		}
		for i, sample := range batch.Samples {
			Add(set, from.Name(batch.Index[i]), sample.Boxes, found[i])
		}
	}
	if err := set.Check(); err != nil {
		return nil, err
	}
	return &Report{Report: *coco.Evaluate(set), Set: set}, nil
}

// Add adds an image to what is compared.
func Add(set *detection.Set, name string, truth []data.Box, found []data.Detection) {
	image := len(set.Images)
	set.Images = append(set.Images, name)
	for _, b := range truth {
		box := boxOf(b)
		set.Things = append(set.Things, detection.Thing{Image: image, Class: b.Class, Box: box, Area: box.W * box.H, Crowd: b.Crowd, Ignore: b.Difficult})
	}
	for _, d := range found {
		set.Detections = append(set.Detections, detection.Detection{Image: image, Class: d.Class, Box: boxOf(d.Box), Score: float64(d.Score)})
	}
}

func boxOf(b data.Box) detection.Box {
	return detection.Box{X: float64(b.X0), Y: float64(b.Y0), W: float64(b.X1) - float64(b.X0), H: float64(b.Y1) - float64(b.Y0)}
}

// Loss returns NaN: there is none outside of training.
func (r *Report) Loss() float64 { return math.NaN() }

// Quantities are average precision over IoU of 0.5 to 0.95, which chooses the best epoch, and at 0.5 and 0.75.
func (r *Report) Quantities() []metric.Quantity {
	var list []metric.Quantity
	for _, q := range r.Report.Quantities()[:3] {
		list = append(list, metric.Quantity{Name: q.Name, Title: q.Title, Value: q.Value, Share: true})
	}
	return list
}

// Analysis returns what is wrong with the detections. It is made once.
func (r *Report) Analysis() *detection.Analysis {
	if r.analysis == nil {
		r.analysis = detection.Analyze(r.Set)
	}
	return r.analysis
}

// Summary returns Metrics.
func (r *Report) Summary() task.Summary { return MetricsOf(r.Set, &r.Report, r.Analysis()) }

// Threshold returns the score from which on taking detections for true is best for F1 over all classes; 0 if nothing was found.
func (r *Report) Threshold() float32 {
	best := r.Analysis().BestF1()
	if best.F1 == 0 {
		return 0
	}
	return float32(best.Score)
}
