package detect

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/lince-ml/lince/metric/coco"
	"github.com/lince-ml/lince/metric/detection"
)

// reportOf measures a set.
func reportOf(s *detection.Set) *Report { return &Report{Report: *coco.Evaluate(s), Set: s} }

// TestMetrics finds a cat, and twice something where nothing is, and misses a dog.
func TestMetrics(t *testing.T) {
	box, nowhere := detection.Box{W: 40, H: 40}, detection.Box{X: 200, W: 10, H: 10}
	r := reportOf(&detection.Set{
		Images: []string{"a.jpg", "b.jpg"}, Classes: []string{"cat", "dog", "yeti"},
		Things:     []detection.Thing{{Box: box, Area: 1600}, {Image: 1, Box: box, Class: 1, Area: 1600}},
		Detections: []detection.Detection{{Box: box, Score: 0.75}, {Image: 1, Box: nowhere, Score: 0.5}, {Box: nowhere, Score: 0.25}},
	})
	m := r.Summary().(*Metrics)
	if r.Threshold() != 0.75 || m.BestF1.Recall != 0.5 || m.BestF1.Precision != 1 || m.COCO["ap50"] != 0.5 {
		t.Errorf("%v, %+v", r.Threshold(), m)
	}
	if want := []WorstImage{{"b.jpg", 0, 1, 0}}; !reflect.DeepEqual(m.Worst, want) {
		t.Errorf("%+v, want %+v", m.Worst, want)
	}
	var again Metrics
	text, err := json.Marshal(m)
	if err == nil {
		err = json.Unmarshal(text, &again)
	}
	if err != nil || !reflect.DeepEqual(&again, m) {
		t.Errorf("%s: %v", text, err)
	}
	var all strings.Builder
	for _, table := range again.Tables() {
		fmt.Fprintln(&all, table.Title, table.Note, table.Header)
		for _, row := range table.Rows {
			fmt.Fprintln(&all, strings.Join(row, "|"))
			if len(row) != len(table.Header) {
				t.Errorf("%s: %d cells below %v", table.Title, len(row), table.Header)
			}
		}
	}
	for _, want := range []string{
		"cat|1|3|100.00 %|100.00 %|100.00 %|100.00 %\n", "dog|1|0|0.00 %|", "1 class has neither", "nothing there|2|0.00 %\n", "missed|1|",
		"b.jpg|0|1|0\n", "score from 0.75", "recall 50.00 %",
	} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("%q is not in\n%s", want, all.String())
		}
	}
}

// TestMetricsOfNothing: what is not defined is no number in JSON, and the results of older versions have fewer tables.
func TestMetricsOfNothing(t *testing.T) {
	r := reportOf(&detection.Set{Images: []string{"a"}, Classes: []string{"b"}})
	m := r.Summary().(*Metrics)
	if _, err := json.Marshal(m); err != nil || r.Threshold() != 0 {
		t.Errorf("threshold %v, error %v", r.Threshold(), err)
	}
	if tables := m.Tables(); len(tables) != 2 || tables[1].Rows[0][2] != "-" {
		t.Errorf("%+v", tables)
	}
	if tables := (&Metrics{Classes: m.Classes}).Tables(); len(tables) != 1 {
		t.Errorf("%+v", tables)
	}
}
