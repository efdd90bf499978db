package localize

import (
	"math"

	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/task"
)

// Metrics are what a Report amounts to. The names in JSON do not change.
type Metrics struct {
	N            int      `json:"n"`
	Localisation float64  `json:"localisation_accuracy"` // share of the images of which the class is right and the box has an IoU of 0.5 or more
	Top5         *float64 `json:"top5_localisation_accuracy,omitempty"`
	Accuracy     float64  `json:"accuracy"` // of the class
	Top5Accuracy *float64 `json:"top5_accuracy,omitempty"`
	MeanIoU      float64  `json:"mean_iou"`
	BoxAccuracy  float64  `json:"box_accuracy"` // share of the images with such a box, whatever the class
	Loss         float64  `json:"loss"`

	Intervals map[string]metric.Interval `json:"intervals"` // 95 %, of the quantities with these names: shares by Wilson's formula, others by bootstrap
	Classes   []ClassMetrics             `json:"classes"`
}

// ClassMetrics are what a Report says of one class.
type ClassMetrics struct {
	Name         string  `json:"name"`
	N            int     `json:"n"` // images that show it; all else is 0 if there are none
	Localisation float64 `json:"localisation_accuracy"`
	Accuracy     float64 `json:"accuracy"`
	MeanIoU      float64 `json:"mean_iou"`
}

// Metrics measures. The top-5 metrics are of more than five classes.
func (r *Report) Metrics() Metrics {
	right := func(k int) func(*Sample) bool { return func(s *Sample) bool { return s.Right(k) } }
	known := func(k int) func(*Sample) bool { return func(s *Sample) bool { return s.Rank < k } }
	m := Metrics{
		N: len(r.Samples), Localisation: r.share(-1, right(1)), Accuracy: r.share(-1, known(1)), Loss: r.Loss(),
		BoxAccuracy: r.share(-1, func(s *Sample) bool { return s.IoU >= found }), Intervals: map[string]metric.Interval{},
	}
	m.MeanIoU, _ = r.mean(-1, (*Sample).iou)
	if len(r.Classes) > 5 {
		top, both := r.share(-1, known(5)), r.share(-1, right(5))
		m.Top5Accuracy, m.Top5 = &top, &both
	}
	for name, share := range map[string]float64{"localisation_accuracy": m.Localisation, "accuracy": m.Accuracy, "box_accuracy": m.BoxAccuracy} {
		m.Intervals[name] = metric.Wilson(int(math.Round(share*float64(m.N))), m.N)
	}
	m.Intervals["mean_iou"] = metric.Bootstrap(m.N, 0, func(sample []int) []float64 {
		sum := 0.0
		for _, i := range sample {
			sum += r.Samples[i].IoU
		}
		return []float64{sum / float64(len(sample))}
	})[0]
	for c, name := range r.Classes {
		k := ClassMetrics{Name: name}
		if k.MeanIoU, k.N = r.mean(c, (*Sample).iou); k.N > 0 {
			k.Localisation, k.Accuracy = r.share(c, right(1)), r.share(c, known(1))
		} else {
			k.MeanIoU = 0
		}
		m.Classes = append(m.Classes, k)
	}
	return m
}

// Images returns N.
func (m *Metrics) Images() int { return m.N }

// Quantities lists what m has, the most important first.
func (m *Metrics) Quantities() []metric.Quantity {
	var list []metric.Quantity
	add := func(name, title string, value *float64, share, less bool) {
		list = metric.AppendQuantity(list, metric.Quantity{Name: name, Title: title, Share: share, Less: less}, value, m.Intervals)
	}
	add("localisation_accuracy", "localisation accuracy (class right, IoU of 0.5 or more)", &m.Localisation, true, false)
	add("top5_localisation_accuracy", "top-5 localisation accuracy", m.Top5, true, false)
	add("accuracy", "class accuracy", &m.Accuracy, true, false)
	add("top5_accuracy", "top-5 class accuracy", m.Top5Accuracy, true, false)
	add("box_accuracy", "box accuracy (IoU of 0.5 or more)", &m.BoxAccuracy, true, false)
	add("mean_iou", "mean IoU", &m.MeanIoU, true, false)
	add("loss", "loss", &m.Loss, false, true)
	return list
}

// Tables has one of the classes.
func (m *Metrics) Tables() []task.Table {
	t := task.Table{Title: "Classes", Header: []string{"class", "images", "localised", "class right", "mean IoU"}}
	for _, c := range m.Classes {
		t.Rows = append(t.Rows, []string{c.Name, metric.Thousands(c.N), metric.Percent(c.Localisation), metric.Percent(c.Accuracy), metric.Percent(c.MeanIoU)})
	}
	return []task.Table{t}
}
