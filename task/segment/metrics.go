package segment

import (
	"math"

	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/task"
)

// Metrics are what a Report amounts to. The names in JSON do not change. What is not defined, as where no pixel is known, is 0.
type Metrics struct {
	N             int     `json:"n"`      // images
	Pixels        int64   `json:"pixels"` // of which the class is known
	MeanIoU       float64 `json:"mean_iou"`
	PixelAccuracy float64 `json:"pixel_accuracy"`
	MeanAccuracy  float64 `json:"mean_accuracy"` // of the classes
	MeanDice      float64 `json:"mean_dice"`
	WeightedIoU   float64 `json:"frequency_weighted_iou"`
	Loss          float64 `json:"loss"`

	Classes   []ClassMetrics `json:"classes"`
	Confusion [][]int64      `json:"confusion"` // pixels by [class][class that they are said to have]
}

// ClassMetrics are what a Report says of one class.
type ClassMetrics struct {
	Name     string   `json:"name"`
	Pixels   int64    `json:"pixels"`             // that are of the class
	IoU      *float64 `json:"iou,omitempty"`      // nothing if no pixel is of the class or said to be
	Dice     *float64 `json:"dice,omitempty"`     // likewise
	Accuracy *float64 `json:"accuracy,omitempty"` // nothing if no pixel is of the class
}

// Metrics measures.
func (r *Report) Metrics() Metrics {
	c := r.Confusion
	m := Metrics{
		N: len(r.Samples), Pixels: c.Pixels(), MeanIoU: zeroIfNone(c.MeanIoU()), PixelAccuracy: zeroIfNone(c.PixelAccuracy()), MeanAccuracy: zeroIfNone(c.MeanAccuracy()),
		MeanDice: zeroIfNone(c.MeanDice()), WeightedIoU: zeroIfNone(c.FrequencyWeightedIoU()), Loss: zeroIfNone(r.Loss()),
	}
	for i, name := range r.Classes {
		m.Classes = append(m.Classes, ClassMetrics{name, c.Truth(i), defined(c.IoU(i)), defined(c.Dice(i)), defined(c.Accuracy(i))})
		m.Confusion = append(m.Confusion, c.Counts[i*c.Classes:][:c.Classes])
	}
	return m
}

// defined returns nil for NaN.
func defined(v float64) *float64 {
	if math.IsNaN(v) {
		return nil
	}
	return &v
}

// Images returns N.
func (m *Metrics) Images() int { return m.N }

// Quantities lists what m has, the most important first.
func (m *Metrics) Quantities() []metric.Quantity {
	return []metric.Quantity{
		{Name: "mean_iou", Title: "mean IoU", Value: m.MeanIoU, Share: true},
		{Name: "pixel_accuracy", Title: "pixel accuracy", Value: m.PixelAccuracy, Share: true},
		{Name: "mean_accuracy", Title: "mean accuracy of the classes", Value: m.MeanAccuracy, Share: true},
		{Name: "mean_dice", Title: "mean Dice coefficient", Value: m.MeanDice, Share: true},
		{Name: "frequency_weighted_iou", Title: "IoU weighted by frequency", Value: m.WeightedIoU, Share: true},
		{Name: "loss", Title: "loss", Value: m.Loss, Less: true},
	}
}

// Tables has one of the classes.
func (m *Metrics) Tables() []task.Table {
	t := task.Table{Title: "Classes", Header: []string{"class", "pixels", "IoU", "Dice", "accuracy"}}
	percent := func(v *float64) string {
		if v == nil {
			return "-"
		}
		return metric.Percent(*v)
	}
	for _, c := range m.Classes {
		t.Rows = append(t.Rows, []string{c.Name, metric.Thousands(c.Pixels), percent(c.IoU), percent(c.Dice), percent(c.Accuracy)})
	}
	return []task.Table{t}
}
