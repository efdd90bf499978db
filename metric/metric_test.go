package metric_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/lince-ml/lince/metric"
)

// golden is the content of testdata/golden.json.
type golden struct {
	Multiclass struct {
		Classes                                             int
		Labels                                              []int
		Probabilities                                       []float32
		Tally                                               tally
		Accuracy, Kappa, MCC, Brier, Top3, ECE, Temperature float64
		BalancedAccuracy                                    float64 `json:"balanced_accuracy"`
		LogLoss                                             float64 `json:"log_loss"`
		AUC                                                 []float64
		AveragePrecision                                    []float64 `json:"average_precision"`
	}
	Multilabel struct {
		Classes                            int
		Targets, Probabilities, Thresholds []float32
		Tally                              tally
		Accuracy, Hamming, Temperature     float64
		AveragePrecision                   []float64 `json:"average_precision"`
		BestF1                             []float64 `json:"best_f1"`
	}
	McNemar []struct {
		A, B  int
		Exact float64
	}
}

type tally struct {
	Macro, Micro, Weighted metric.Scores
	Classes                []metric.Scores
}

func read(t *testing.T) (g golden) {
	t.Helper()
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func same(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}

func sameTally(t *testing.T, got metric.Tally, want tally) {
	t.Helper()
	scores := func(what string, got, want metric.Scores) {
		same(t, what+" precision", got.Precision, want.Precision, 1e-12)
		same(t, what+" recall", got.Recall, want.Recall, 1e-12)
		same(t, what+" F1", got.F1, want.F1, 1e-12)
	}
	scores("macro", got.Macro(), want.Macro)
	scores("micro", got.Micro(), want.Micro)
	scores("weighted", got.Weighted(), want.Weighted)
	for c, w := range want.Classes {
		scores("class", got.Class(c), w)
	}
}

func TestMulticlass(t *testing.T) {
	g := read(t).Multiclass
	p, classes := g.Probabilities, g.Classes
	tally := metric.NewTally(classes)
	confidence, right := make([]float32, len(g.Labels)), make([]bool, len(g.Labels))
	for i, label := range g.Labels {
		row := p[i*classes : (i+1)*classes]
		best := metric.Largest(row)
		tally.Add(label, best)
		confidence[i], right[i] = row[best], best == label
	}
	sameTally(t, tally, g.Tally)
	bins := metric.Reliability(confidence, right, 15)
	for what, v := range map[string][2]float64{
		"accuracy":          {tally.Accuracy(), g.Accuracy},
		"balanced accuracy": {tally.BalancedAccuracy(), g.BalancedAccuracy},
		"kappa":             {tally.Kappa(), g.Kappa},
		"MCC":               {tally.MCC(), g.MCC},
		"log loss":          {metric.LogLoss(p, classes, g.Labels), g.LogLoss},
		"Brier":             {metric.Brier(p, classes, g.Labels), g.Brier},
		"top 3":             {metric.TopK(p, classes, g.Labels, 3), g.Top3},
		"ECE":               {metric.ECE(bins), g.ECE},
	} {
		same(t, what, v[0], v[1], 1e-12)
	}
	same(t, "temperature", metric.Temperature(p, classes, g.Labels), g.Temperature, 1e-6)
	for c := range classes {
		r := metric.RankClass(p, classes, c, func(i int) bool { return g.Labels[i] == c })
		same(t, "AUC", r.AUC(), g.AUC[c], 1e-12)
		same(t, "average precision", r.AveragePrecision(), g.AveragePrecision[c], 1e-12)
	}
}

func TestMultilabel(t *testing.T) {
	g := read(t).Multilabel
	tally, exact := metric.NewTally(g.Classes), 0
	for i := 0; i < len(g.Targets); i += g.Classes {
		if tally.AddSet(g.Probabilities[i:i+g.Classes], g.Targets[i:i+g.Classes], g.Thresholds) {
			exact++
		}
	}
	sameTally(t, tally, g.Tally)
	same(t, "subset accuracy", float64(exact)/float64(tally.N), g.Accuracy, 1e-12)
	same(t, "Hamming loss", tally.HammingLoss(), g.Hamming, 1e-12)
	same(t, "temperature", metric.SigmoidTemperature(g.Probabilities, g.Targets), g.Temperature, 1e-6)
	for c := range g.Classes {
		r := metric.RankClass(g.Probabilities, g.Classes, c, func(i int) bool { return g.Targets[i*g.Classes+c] == 1 })
		same(t, "average precision", r.AveragePrecision(), g.AveragePrecision[c], 1e-12)
		threshold, f1 := r.BestF1()
		same(t, "best F1", f1, g.BestF1[c], 1e-12)
		at := metric.NewTally(1)
		for i := c; i < len(g.Targets); i += g.Classes {
			at.AddSet(g.Probabilities[i:i+1], g.Targets[i:i+1], []float32{threshold})
		}
		same(t, "F1 at its threshold", at.Class(0).F1, f1, 1e-12)
	}
}

func TestMcNemar(t *testing.T) {
	for _, g := range read(t).McNemar {
		exact, midP := metric.McNemar(g.A, g.B)
		same(t, "exact", exact, g.Exact, 1e-12)
		if !(midP < exact && midP > 0) {
			t.Errorf("%d and %d: mid-p %v, exact %v", g.A, g.B, midP, exact)
		}
	}
	// By hand: 2 P(X <= 3) less P(X = 3), of 14 fair coins.
	_, midP := metric.McNemar(3, 11)
	same(t, "mid-p", midP, (2*(1+14+91+364)-364)/16384.0, 1e-12)
	if exact, midP := metric.McNemar(0, 0); exact != 1 || midP != 1 {
		t.Errorf("without differences: %v, %v", exact, midP)
	}
}

// TestMissing has classes without images: what is not defined is not a number, and is no part of means.
func TestMissing(t *testing.T) {
	r := metric.Rank([]float32{0.2, 0.7}, []bool{false, false})
	if !math.IsNaN(r.AUC()) || !math.IsNaN(r.AveragePrecision()) {
		t.Errorf("AUC %v, average precision %v of no image", r.AUC(), r.AveragePrecision())
	}
	same(t, "mean", metric.Mean([]float64{1, math.NaN(), 3}), 2, 0)
	tally := metric.NewTally(3)
	tally.Add(0, 0)
	tally.Add(0, 1)
	same(t, "macro F1", tally.Macro().F1, (2./3+0)/2, 1e-15) // class 2 does not occur
	same(t, "balanced accuracy", tally.BalancedAccuracy(), 0.5, 0)
	same(t, "MCC", tally.MCC(), 0, 0)
}

func TestWilson(t *testing.T) {
	// Newcombe, "Two-sided confidence intervals for the single proportion", 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
	for _, c := range []struct {
		k, n      int
		low, high float64
	}{{81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0, 0.1611}, {1, 29, 0.0061, 0.1718}} {
		i := metric.Wilson(c.k, c.n)
		same(t, "low", i[0], c.low, 5e-5)
		same(t, "high", i[1], c.high, 5e-5)
	}
}

// TestBootstrap knows the interval of a mean: 1.96 standard errors on both sides.
func TestBootstrap(t *testing.T) {
	const n = 400
	mean := func(sample []int) []float64 {
		sum := 0
		for _, i := range sample {
			sum += i
		}
		return []float64{float64(sum) / n, 7}
	}
	got := metric.Bootstrap(n, 3, mean)
	half := 1.96 * math.Sqrt((n*n-1)/12.) / math.Sqrt(n)
	same(t, "low", got[0][0], (n-1)/2.-half, 0.8)
	same(t, "high", got[0][1], (n-1)/2.+half, 0.8)
	if got[1] != (metric.Interval{7, 7}) {
		t.Errorf("interval of a constant: %v", got[1])
	}
	if again := metric.Bootstrap(n, 3, mean); again[0] != got[0] {
		t.Errorf("the same seed: %v, then %v", got[0], again[0])
	}
	if other := metric.Bootstrap(n, 4, mean); other[0] == got[0] {
		t.Error("another seed makes no difference")
	}
}

// TestScale asks for the probabilities at a temperature and back again.
func TestScale(t *testing.T) {
	row := []float32{0.7, 0.2, 0.1}
	hot := metric.Scale(row, 2)
	if !(hot[0] < row[0] && hot[0] > hot[1] && hot[1] > hot[2]) {
		t.Errorf("%v at temperature 2", hot)
	}
	for i, p := range metric.Scale(hot, 0.5) {
		same(t, "probability", float64(p), float64(row[i]), 1e-6)
	}
}

func TestReliability(t *testing.T) {
	bins := metric.Reliability([]float32{0, 0.5, 0.5, 0.75, 1}, []bool{false, true, false, true, true}, 2)
	want := []metric.Bin{{N: 3, Confidence: 1. / 3, Accuracy: 1. / 3}, {N: 2, Confidence: 0.875, Accuracy: 1}}
	for i := range want {
		if bins[i] != want[i] {
			t.Errorf("bin %d is %+v, want %+v", i, bins[i], want[i])
		}
	}
	same(t, "ECE", metric.ECE(bins), 0.05, 1e-15)
}
