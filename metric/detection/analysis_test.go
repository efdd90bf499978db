package detection

import (
	"encoding/json"
	"math"
	"os"
	"reflect"
	"testing"
)

// scenes returns what tide.py has written, as a set, with what tidecv says of it.
func scenes(t *testing.T) (s *Set, golden struct {
	Things, Detections [][]float64
	AP                 float64
	Count              map[string]int
	Cost               map[string]float64
}) {
	t.Helper()
	b, err := os.ReadFile("testdata/tide.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &golden); err != nil {
		t.Fatal(err)
	}
	s = &Set{Images: make([]string, 25), Classes: []string{"a", "b", "c", "d"}}
	for _, v := range golden.Things {
		s.Things = append(s.Things, Thing{Image: int(v[0]), Class: int(v[1]), Box: Box{v[2], v[3], v[4], v[5]}})
	}
	for _, v := range golden.Detections {
		s.Detections = append(s.Detections, Detection{Image: int(v[0]), Class: int(v[1]), Score: v[2], Box: Box{v[3], v[4], v[5], v[6]}})
	}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	return s, golden
}

var tidecv = map[Kind]string{WrongClass: "Cls", BadlyPlaced: "Loc", WrongAndPlaced: "Both", Duplicate: "Dupe", Background: "Bkg", Missed: "Miss"}

func TestAnalysisLikeTIDE(t *testing.T) {
	s, golden := scenes(t)
	a := Analyze(s)
	same := func(what string, got, want float64) {
		if !(math.Abs(got-want) <= 1e-9) {
			t.Errorf("%s: %v, tidecv has %v", what, got, want)
		}
	}
	same("AP", a.AP, golden.AP)
	for _, k := range Kinds {
		if a.Count[k] != golden.Count[tidecv[k]] {
			t.Errorf("%v: %d, tidecv has %d", k, a.Count[k], golden.Count[tidecv[k]])
		}
		same(k.String(), a.Cost[k], golden.Cost[tidecv[k]])
	}
	same("false positives", a.FalsePositives, golden.Cost["FalsePos"])
	same("false negatives", a.FalseNegatives, golden.Cost["FalseNeg"])
}

// thing and found return a square at x of an image.
func thing(class int, x float64) Thing { return Thing{Class: class, Box: Box{x, 0, 10, 10}} }
func found(class int, x, score float64) Detection {
	return Detection{Class: class, Box: Box{x, 0, 10, 10}, Score: score}
}

func TestKinds(t *testing.T) {
	crowd, ignore := thing(0, 200), thing(1, 300)
	crowd.Crowd, ignore.Ignore = true, true
	s := &Set{
		Images: []string{"one"}, Classes: []string{"cat", "dog"},
		Things: []Thing{thing(0, 0), thing(1, 20), thing(0, 40), thing(1, 60), crowd, ignore, thing(0, 80)},
		Detections: []Detection{
			found(0, 0, 0.9), found(0, 1, 0.8), found(0, 20, 0.7), found(0, 44, 0.6), found(0, 66, 0.5), found(1, 100, 0.4),
			found(0, 201, 0.3), found(0, 202, 0.2), found(1, 300, 0.95), found(0, 81, 0.1),
		},
	}
	a := Analyze(s)
	want := []Outcome{
		{Right, 0}, {Duplicate, 0}, {WrongClass, 1}, {BadlyPlaced, 2}, {WrongAndPlaced, 3}, {Background, -1},
		{Ignored, 4}, {Ignored, 4}, {Ignored, 5}, {Right, 6},
	}
	if !reflect.DeepEqual(a.Outcomes, want) {
		t.Errorf("outcomes %v, expected %v", a.Outcomes, want)
	}
	if a.Count[Missed] != 1 { // the dog at 60
		t.Errorf("%d things missed, expected 1", a.Count[Missed])
	}
	if got, want := a.Confusion(0.15), [][]int{{1, 0, 2}, {1, 0, 1}, {3, 1, 0}}; !reflect.DeepEqual(got, want) {
		t.Errorf("confusion %v, expected %v", got, want)
	}
	worst := a.Worst(5, 0.15)
	if len(worst) != 1 || worst[0].Found != 1 || worst[0].Missed != 4 || worst[0].Wrong != 5 {
		t.Errorf("worst images %+v", worst)
	}
	if p := a.BestF1(); p.Score != 0.9 || p.Precision != 1 || p.Recall != 0.2 {
		t.Errorf("best F1 at %+v", p)
	}
}

// Without detections, without things, without anything.
func TestNothing(t *testing.T) {
	for _, s := range []*Set{
		{},
		{Images: []string{"a"}, Classes: []string{"b"}, Things: []Thing{thing(0, 0)}},
		{Images: []string{"a"}, Classes: []string{"b"}, Detections: []Detection{found(0, 0, 1)}},
	} {
		a := Analyze(s)
		a.BestF1()
		a.Confusion(0.5)
		if len(a.Worst(3, 0.5)) > 1 {
			t.Error("more worst images than images")
		}
	}
}
