package classify

import (
	"math"
	"runtime"
	"sync"

	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/modelfile"
)

// CalibrationBins is into how many parts confidence is divided to compare it with accuracy.
const CalibrationBins = 15

// Metrics are what a Report amounts to. Quantities that do not exist for the kind of the task, or for these images, are nil. The names in
// JSON do not change.
type Metrics struct {
	N         int     `json:"n"`
	Accuracy  float64 `json:"accuracy"` // of several labels: share of the images of which all are told
	ErrorRate float64 `json:"error_rate"`
	Loss      float64 `json:"loss"` // mean cross-entropy, the log loss

	Top5             *float64 `json:"top5_accuracy,omitempty"` // of more than five classes
	BalancedAccuracy *float64 `json:"balanced_accuracy,omitempty"`
	Kappa            *float64 `json:"kappa,omitempty"`
	MCC              *float64 `json:"mcc,omitempty"`
	HammingLoss      *float64 `json:"hamming_loss,omitempty"` // of several labels

	Macro    metric.Scores `json:"macro"`
	Micro    metric.Scores `json:"micro"`
	Weighted metric.Scores `json:"weighted"`

	ROCAUC           *float64 `json:"roc_auc,omitempty"`           // mean over the classes, each against the rest
	AveragePrecision *float64 `json:"average_precision,omitempty"` // the same: mAP
	Brier            *float64 `json:"brier,omitempty"`
	ECE              *float64 `json:"ece,omitempty"` // expected calibration error, in CalibrationBins bins

	Intervals map[string]metric.Interval `json:"intervals"` // 95 %, of the quantities with these names: accuracy by Wilson's formula, others by bootstrap
}

// ClassMetrics are what a Report says of one class.
type ClassMetrics struct {
	Name string `json:"name"`
	N    int    `json:"n"` // images that have it
	metric.Scores
	ROCAUC           *float64 `json:"roc_auc,omitempty"`           // nil if no image or every image has it
	AveragePrecision *float64 `json:"average_precision,omitempty"` // nil if no image has it
	Threshold        *float64 `json:"threshold,omitempty"`         // of several labels
}

// Metrics measures. It is the same for the same report.
func (r *Report) Metrics() Metrics {
	m := Metrics{
		N: r.N, Accuracy: r.Accuracy(), ErrorRate: r.ErrorRate(), Loss: r.MeanLoss,
		Macro: r.Tally.Macro(), Micro: r.Tally.Micro(), Weighted: r.Tally.Weighted(), Intervals: r.intervals(),
	}
	auc, precision := r.areas()
	m.ROCAUC, m.AveragePrecision = defined(metric.Mean(auc)), defined(metric.Mean(precision))
	if r.Targets != nil {
		m.HammingLoss = defined(r.Tally.HammingLoss())
		return m
	}
	m.BalancedAccuracy, m.Kappa, m.MCC = defined(r.Tally.BalancedAccuracy()), defined(r.Tally.Kappa()), defined(r.Tally.MCC())
	labels := r.Labels()
	if r.Classes() > 5 {
		m.Top5 = defined(metric.TopK(r.Probabilities, r.Classes(), labels, 5))
	}
	m.Brier = defined(metric.Brier(r.Probabilities, r.Classes(), labels))
	m.ECE = defined(metric.ECE(r.Reliability()))
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
	title := "accuracy"
	if m.HammingLoss != nil {
		title = "accuracy (all labels of an image)"
	}
	add("accuracy", title, &m.Accuracy, true, false)
	add("top5_accuracy", "top-5 accuracy", m.Top5, true, false)
	add("balanced_accuracy", "balanced accuracy", m.BalancedAccuracy, true, false)
	add("loss", "loss (cross-entropy)", &m.Loss, false, true)
	add("hamming_loss", "Hamming loss", m.HammingLoss, true, true)
	add("macro_precision", "macro precision", &m.Macro.Precision, true, false)
	add("macro_recall", "macro recall", &m.Macro.Recall, true, false)
	add("macro_f1", "macro F1", &m.Macro.F1, true, false)
	if m.HammingLoss != nil { // otherwise it is the accuracy
		add("micro_f1", "micro F1", &m.Micro.F1, true, false)
	}
	add("weighted_f1", "weighted F1", &m.Weighted.F1, true, false)
	add("kappa", "Cohen's kappa", m.Kappa, false, false)
	add("mcc", "Matthews correlation", m.MCC, false, false)
	add("roc_auc", "area under ROC", m.ROCAUC, false, false)
	add("average_precision", "mean average precision", m.AveragePrecision, false, false)
	add("brier", "Brier score", m.Brier, false, true)
	add("ece", "calibration error (ECE)", m.ECE, true, true)
	return list
}

// ByClass returns what r says of each class.
func (r *Report) ByClass(names []string) []ClassMetrics {
	auc, precision := r.areas()
	list := make([]ClassMetrics, len(names))
	for c, name := range names {
		list[c] = ClassMetrics{
			Name: name, N: r.Tally.Support[c], Scores: r.Tally.Class(c), ROCAUC: defined(auc[c]), AveragePrecision: defined(precision[c]),
		}
		if r.Thresholds != nil {
			list[c].Threshold = defined(float64(r.Thresholds[c]))
		}
	}
	return list
}

// Reliability compares confidence with accuracy, for images with one label.
func (r *Report) Reliability() []metric.Bin {
	confidence, right := make([]float32, r.N), make([]bool, r.N)
	for i, s := range r.Samples {
		confidence[i], right[i] = s.Probability, s.Right
	}
	return metric.Reliability(confidence, right, CalibrationBins)
}

// Ranking orders the images by their probability of class c.
func (r *Report) Ranking(c int) metric.Ranking {
	return metric.RankClass(r.Probabilities, r.Classes(), c, func(i int) bool { return r.Has(i, c) })
}

// areas returns the area under ROC and the average precision of each class, NaN where there is none. Classes are sorted on all CPUs.
func (r *Report) areas() (auc, precision []float64) {
	auc, precision = make([]float64, r.Classes()), make([]float64, r.Classes())
	var wg sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), r.Classes())
	for w := range workers {
		wg.Go(func() {
			for c := w; c < r.Classes(); c += workers {
				ranking := r.Ranking(c)
				auc[c], precision[c] = ranking.AUC(), ranking.AveragePrecision()
			}
		})
	}
	wg.Wait()
	return auc, precision
}

// intervals returns what Metrics.Intervals says.
func (r *Report) intervals() map[string]metric.Interval {
	names := []string{"loss", "macro_f1", "balanced_accuracy"}
	if r.Targets != nil {
		names = []string{"loss", "macro_f1", "micro_f1"}
	}
	t := metric.NewTally(r.Classes())
	all := metric.Bootstrap(r.N, 0, func(sample []int) []float64 {
		t.Clear()
		loss := 0.0
		for _, i := range sample {
			r.Count(&t, i)
			loss += float64(r.Samples[i].Loss)
		}
		last := t.BalancedAccuracy
		if r.Targets != nil {
			last = func() float64 { return t.Micro().F1 }
		}
		return []float64{loss / float64(len(sample)), t.Macro().F1, last()}
	})
	out := map[string]metric.Interval{"accuracy": metric.Wilson(r.Correct, r.N)}
	for i, name := range names {
		if !math.IsNaN(all[i][0]) && !math.IsInf(all[i][0], 0) {
			out[name] = all[i]
		}
	}
	return out
}

// Count adds image i of the report to t.
func (r *Report) Count(t *metric.Tally, i int) {
	if r.Targets != nil {
		t.AddSet(r.Row(i), row(r.Targets, i, r.Classes()), r.Thresholds)
		return
	}
	t.Add(r.Samples[i].Label, r.Samples[i].Predicted)
}

// Calibrate returns the temperature that makes the loss on the images of r least, and for images with several labels the threshold of each class with
// the best F1.
func (r *Report) Calibrate() (temperature float64, thresholds []float32) {
	if r.Kind == modelfile.Multiclass {
		return metric.Temperature(r.Probabilities, r.Classes(), r.Labels()), nil
	}
	if r.Targets == nil {
		positive, targets := make([]float32, r.N), make([]float32, r.N)
		for i, s := range r.Samples {
			positive[i], targets[i] = r.Row(i)[1], float32(s.Label)
		}
		return metric.SigmoidTemperature(positive, targets), nil
	}
	for c := range r.Classes() {
		threshold, f1 := r.Ranking(c).BestF1()
		if f1 == 0 {
			threshold = 0.5
		}
		thresholds = append(thresholds, threshold)
	}
	return metric.SigmoidTemperature(r.Probabilities, r.Targets), thresholds
}

// Scaled returns r with the probabilities that the logits divided by temperature have.
func (r *Report) Scaled(temperature float64) *Report {
	p := &outcome{targets: r.Targets, labels: r.Labels(), probabilities: make([]float32, 0, len(r.Probabilities))}
	for i, s := range r.Samples {
		p.index = append(p.index, s.Index)
		if r.Kind == modelfile.Multilabel {
			p.probabilities = append(p.probabilities, metric.SigmoidScale(r.Row(i), temperature)...)
		} else {
			p.probabilities = append(p.probabilities, metric.Scale(r.Row(i), temperature)...)
		}
	}
	return p.report(r.Kind, r.Classes(), r.Thresholds)
}

// defined returns nil for what is no number.
func defined(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}
