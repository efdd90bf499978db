package detect

import (
	"fmt"
	"math"

	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/metric/coco"
	"github.com/lince-ml/lince/metric/detection"
	"github.com/lince-ml/lince/task"
)

// Metrics are what is measured once, in the form in which they are JSON.
type Metrics struct {
	Tested   int                `json:"images"`
	COCO     map[string]float64 `json:"coco"` // the challenge's numbers, under coco.Quantity's names; those that are not defined are missing
	Classes  []Class            `json:"classes"`
	Mistakes []Mistake          `json:"mistakes,omitempty"` // nil in results of older versions, as what follows is empty
	BestF1   Operating          `json:"best_f1"`
	Worst    []WorstImage       `json:"worst_images,omitempty"` // by detections from the score of BestF1 on, the worst first
}

// A Class is the measurement of one class.
type Class struct {
	Name   string  `json:"name"`
	Things int     `json:"things"` // that there are
	Found  int     `json:"found"`  // that were reported, sure or not
	AP     float64 `json:"ap"`     // 0 without things, as all below
	AP50   float64 `json:"ap50"`
	AP75   float64 `json:"ap75"`
	AR100  float64 `json:"ar100"` // recall
}

// A Mistake is a kind of mistakes as TIDE has them: see detection.Analysis.
type Mistake struct {
	Kind  string   `json:"kind"`
	Count int      `json:"count"`
	Cost  *float64 `json:"costs_ap50"` // what AP at IoU 0.50 would gain without them; nil if there are no things
}

// Operating is a score from which on detections are taken for true, and what then holds of all classes together.
type Operating struct {
	Score     float64 `json:"score"`
	Precision float64 `json:"precision"`
	Recall    float64 `json:"recall"`
	F1        float64 `json:"f1"`
}

// A WorstImage is one of those with the most mistakes.
type WorstImage struct {
	Image  string `json:"image"`
	Found  int    `json:"found"` // things
	Missed int    `json:"missed"`
	Wrong  int    `json:"wrong"` // detections
}

// worstImages is how many images with the most mistakes are listed.
const worstImages = 10

// MetricsOf returns what a measurement of the detections of s amounts to.
func MetricsOf(s *detection.Set, r *coco.Report, a *detection.Analysis) *Metrics {
	best := a.BestF1()
	m := &Metrics{Tested: len(s.Images), COCO: map[string]float64{}, BestF1: Operating(best)}
	for _, q := range r.Quantities() {
		if !math.IsNaN(q.Value) { // there is none of large things where nothing is large
			m.COCO[q.Name] = q.Value
		}
	}
	for i := range r.Classes {
		c := &r.Classes[i]
		of := Class{Name: c.Name, Things: c.Things, Found: c.Detections}
		if c.Things > 0 {
			of.AP, of.AP50, of.AP75, of.AR100 = c.AP, c.AP50, c.AP75, c.AR100
		}
		m.Classes = append(m.Classes, of)
	}
	for _, k := range detection.Kinds {
		of := Mistake{Kind: k.String(), Count: a.Count[k]}
		if cost := a.Cost[k]; !math.IsNaN(cost) {
			of.Cost = &cost
		}
		m.Mistakes = append(m.Mistakes, of)
	}
	for _, w := range a.Worst(worstImages, best.Score) {
		m.Worst = append(m.Worst, WorstImage{s.Images[w.Image], w.Found, w.Missed, w.Wrong})
	}
	return m
}

// Images returns how many were measured.
func (m *Metrics) Images() int { return m.Tested }

// Quantities are those of COCO that are defined.
func (m *Metrics) Quantities() []metric.Quantity {
	var list []metric.Quantity
	for _, q := range (coco.Summary{}).Quantities() { // in the challenge's order
		if v, ok := m.COCO[q.Name]; ok {
			list = append(list, metric.Quantity{Name: q.Name, Title: q.Title, Value: v, Share: true})
		}
	}
	return list
}

// Tables are those of the classes, the kinds of mistakes, and the worst images.
func (m *Metrics) Tables() []task.Table {
	tables := []task.Table{m.classes()}
	if m.Mistakes != nil {
		tables = append(tables, m.mistakes())
	}
	if m.Worst != nil {
		tables = append(tables, m.worst())
	}
	return tables
}

func (m *Metrics) classes() task.Table {
	t := task.Table{Title: "Classes", Header: []string{"class", "things", "detections", "AP", "AP50", "AP75", "recall"}}
	for _, c := range m.Classes {
		row := []string{c.Name, metric.Thousands(c.Things), metric.Thousands(c.Found)}
		for _, v := range []float64{c.AP, c.AP50, c.AP75, c.AR100} {
			text := "-"
			if c.Things > 0 {
				text = metric.Percent(v)
			}
			row = append(row, text)
		}
		if c.Things+c.Found > 0 {
			t.Rows = append(t.Rows, row)
		}
	}
	switch hidden := len(m.Classes) - len(t.Rows); {
	case hidden == 1:
		t.Note = "1 class has neither things nor detections."
	case hidden > 1:
		t.Note = fmt.Sprintf("%d classes have neither things nor detections.", hidden)
	}
	return t
}

func (m *Metrics) mistakes() task.Table {
	t := task.Table{
		Title: "Kinds of mistakes", Header: []string{"mistake", "number", "costs AP50"},
		Note: "What AP at IoU 0.50 would gain if there were no mistakes of the kind (TIDE, Bolya et al. 2020). A detection is badly placed from IoU 0.10 to 0.50.",
	}
	for _, k := range m.Mistakes {
		cost := "-"
		if k.Cost != nil {
			cost = metric.Percent(*k.Cost)
		}
		t.Rows = append(t.Rows, []string{k.Kind, metric.Thousands(k.Count), cost})
	}
	return t
}

func (m *Metrics) worst() task.Table {
	t := task.Table{
		Title: "Images with the most mistakes", Header: []string{"image", "found", "missed", "wrong"},
		Note: fmt.Sprintf("By detections with a score from %.3g, which is best for F1: precision %s, recall %s.", m.BestF1.Score, metric.Percent(m.BestF1.Precision), metric.Percent(m.BestF1.Recall)),
	}
	for _, w := range m.Worst {
		t.Rows = append(t.Rows, []string{w.Image, metric.Thousands(w.Found), metric.Thousands(w.Missed), metric.Thousands(w.Wrong)})
	}
	return t
}
