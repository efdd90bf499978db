package classify

import (
	"bytes"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/modelfile"
)

// measured returns a report of one label per image or of several.
func measured(t *testing.T, kind modelfile.Kind) *Predictions {
	t.Helper()
	c, d := New(ref.Backend{}, toy, weights), data.Dataset(pixels(7))
	if kind != modelfile.Multiclass {
		k := kinds[kind]
		c, d = New(ref.Backend{}, k.task, k.weights), k.data
	}
	r, err := c.Evaluate(t.Context(), d, 1)
	if err != nil {
		t.Fatal(err)
	}
	return NewPredictions(r, d)
}

func TestPredictionsRoundTrip(t *testing.T) {
	for _, kind := range []modelfile.Kind{modelfile.Multiclass, modelfile.Multilabel} {
		want := measured(t, kind)
		for _, suffix := range []string{".csv", ".jsonl", ".csv.gz", ".jsonl.gz"} {
			path := filepath.Join(t.TempDir(), "p"+suffix)
			if err := want.Write(path); err != nil {
				t.Fatal(err)
			}
			got, err := ReadPredictions(path)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.Images, want.Images) || len(got.Classes) != len(want.Classes) || got.Report.N != want.Report.N ||
				got.Report.Correct != want.Report.Correct || !near(got.Report.Loss(), want.Report.Loss()) {
				t.Errorf("%s%s: %+v, want %+v", kind, suffix, got, want)
			}
			if strings.HasPrefix(suffix, ".csv") && !(slices.Equal(got.Report.Probabilities, want.Report.Probabilities) && slices.Equal(got.Report.Targets, want.Report.Targets)) {
				t.Errorf("%s%s: other numbers", kind, suffix)
			}
		}
	}
	if err := measured(t, "").Write("p.txt"); err == nil || !strings.Contains(err.Error(), "expected a name that ends in .csv") {
		t.Errorf("error %v", err)
	}
}

func TestBadPredictions(t *testing.T) {
	const head = "image,label,predicted,p:a,p:b\n"
	for text, want := range map[string]string{
		"":                         "no images",
		head:                       "no images",
		"image,label,p:a\nx,a,1\n": "line 1: expected the columns",
		"image,label,predicted,p:a,p:a\nx,a,a,1,0\n":        `two classes called "a"`,
		head + "x,c,a,1,0\n":                                `line 2: label "c", which has no probability`,
		head + "x,a,a,1,2\n":                                "line 2: probability 2, expected a number from 0 to 1",
		head + "x,a,a,NaN,0\n":                              "probability NaN",
		head + "x,a,a,1\n":                                  "wrong number of fields",
		"image,label:a,p:a\nx,2,1\n":                        `label "2", expected 0 or 1`,
		`{"image":"x","label":"c","probabilities":{"a":1}}`: "which has no probability",
		`{"image":"x","label":"a","probabilities":{"a":1}}{"image":"y","labels":[],"probabilities":{"a":1}}`:       "line 2: expected",
		`{"image":"x","label":"a","probabilities":{"a":1}}{"image":"y","label":"a","probabilities":{"a":1,"b":0}}`: "line 2: probabilities of 2 classes",
		`{"image":3}`: "line 1: json",
	} {
		name := "p.csv"
		if strings.HasPrefix(text, "{") {
			name = "p.jsonl"
		}
		if _, err := decodePredictions(name, strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
	}
	if _, err := decodePredictions("p.csv.gz", strings.NewReader("no gzip")); err == nil {
		t.Error("no error for what is not packed")
	}
	if _, err := ReadPredictions(filepath.Join(t.TempDir(), "none.csv")); err == nil || !strings.HasPrefix(err.Error(), "read ") {
		t.Errorf("error %v", err)
	}
}

func FuzzPredictions(f *testing.F) {
	f.Add(false, []byte("image,label,predicted,p:a,p:b\nx,a,a,1,0\n"))
	f.Add(false, []byte("image,label:a,p:a\nx,1,1\n"))
	f.Add(false, []byte("image,label:a,p:a\n\"x"))
	f.Add(true, []byte(`{"image":"x","labels":["a"],"probabilities":{"a":1}}`))
	f.Fuzz(func(t *testing.T, lines bool, text []byte) {
		name := "p.csv"
		if lines {
			name = "p.jsonl"
		}
		p, err := decodePredictions(name, bytes.NewReader(text))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := p.writeCSV(&b); err != nil {
			t.Fatal(err)
		}
		again, err := decodePredictions("p.csv", &b)
		if err != nil {
			t.Fatalf("%v in what was written for %q", err, text)
		}
		if again.Report.Correct != p.Report.Correct || !slices.Equal(again.Report.Probabilities, p.Report.Probabilities) {
			t.Errorf("other predictions after writing and reading %q", text)
		}
	})
}

// TestViews averages over an image and its mirror image: where these are shown in turn, both classes are as probable.
func TestViews(t *testing.T) {
	r, err := New(ref.Backend{}, toy, weights).EvaluateViews(t.Context(), pixels(5), 1, data.FlipViews())
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range r.Samples {
		row := r.Row(i)
		if !near(float64(row[0]), float64(row[1])) || !near(float64(row[0]+row[1]+row[2]), 1) || s.Loss <= 0 {
			t.Errorf("image %d: %v, loss %v", i, row, s.Loss)
		}
	}
}

// TestMetrics checks what is there, and that the numbers of the report are those of package metric.
func TestMetrics(t *testing.T) {
	r := measured(t, modelfile.Multiclass).Report
	m := r.Metrics()
	if m.N != 7 || m.Accuracy != r.Accuracy() || m.Top5 != nil || m.HammingLoss != nil || m.Kappa == nil || m.ECE == nil || m.ROCAUC == nil {
		t.Errorf("%+v", m)
	}
	inside := 0
	for _, q := range m.Quantities() {
		if i, ok := m.Intervals[q.Name]; ok && q.Value >= i[0]-1e-9 && q.Value <= i[1]+1e-9 {
			inside++
		}
	}
	if inside != len(m.Intervals) || inside != 4 {
		t.Errorf("%d quantities are in their intervals, expected 4: %+v", inside, m)
	}
	if again := r.Metrics(); !reflect.DeepEqual(again, m) {
		t.Error("other metrics the second time")
	}
	temperature, thresholds := r.Calibrate()
	if scaled := r.Scaled(temperature); thresholds != nil || scaled.Loss() > r.Loss() || scaled.Correct != r.Correct {
		t.Errorf("temperature %v: loss %v, before %v", temperature, scaled.Loss(), r.Loss())
	}
	several := measured(t, modelfile.Multilabel).Report
	if temperature, thresholds = several.Calibrate(); len(thresholds) != 2 || several.Scaled(temperature).Loss() > several.Loss()+1e-6 {
		t.Errorf("temperature %v, thresholds %v", temperature, thresholds)
	}
	if m := several.Metrics(); m.HammingLoss == nil || m.Kappa != nil || m.AveragePrecision == nil {
		t.Errorf("%+v", m)
	}
}
