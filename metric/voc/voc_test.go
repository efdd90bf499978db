package voc

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"github.com/lince-ml/lince/metric/detection"
)

func TestLikeAnotherImplementation(t *testing.T) {
	b, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Things, Detections [][]float64
		AP, AP11           []float64
	}
	if err := json.Unmarshal(b, &golden); err != nil {
		t.Fatal(err)
	}
	s := &detection.Set{Images: make([]string, 20), Classes: []string{"a", "b", "c"}}
	for _, v := range golden.Things {
		s.Things = append(s.Things, detection.Thing{Image: int(v[0]), Class: int(v[1]), Box: detection.Box{X: v[2], Y: v[3], W: v[4], H: v[5]}})
	}
	for _, v := range golden.Detections {
		s.Detections = append(s.Detections, detection.Detection{
			Image: int(v[0]), Class: int(v[1]), Score: v[2], Box: detection.Box{X: v[3], Y: v[4], W: v[5], H: v[6]},
		})
	}
	for i, c := range Evaluate(s, IoU).Classes { // which computes in float32
		if math.Abs(c.AP-golden.AP[i]) > 1e-6 || math.Abs(c.AP11-golden.AP11[i]) > 1e-6 {
			t.Errorf("%s: AP %v and %v at 11 points, expected %v and %v", c.Name, c.AP, c.AP11, golden.AP[i], golden.AP11[i])
		}
	}
}

// Three things of which one is difficult, and a class without any: by hand.
func TestByHand(t *testing.T) {
	at := func(x float64) detection.Box { return detection.Box{X: x, W: 10, H: 10} }
	s := &detection.Set{
		Images: []string{"one"}, Classes: []string{"cat", "dog"},
		Things: []detection.Thing{{Box: at(0)}, {Box: at(20)}, {Box: at(40), Ignore: true}},
		Detections: []detection.Detection{
			{Box: at(40), Score: 0.95},        // difficult
			{Box: at(0), Score: 0.9},          // right
			{Box: at(1), Score: 0.8},          // again
			{Box: at(20 + 10./3), Score: 0.7}, // right: IoU is 1/2
			{Box: at(60), Score: 0.6},         // nothing there
			{Box: at(60), Score: 0.5, Class: 1},
		},
	}
	r := Evaluate(s, IoU)
	c := r.Classes[0]
	if len(c.Curve) != 4 || c.Things != 2 {
		t.Fatalf("%d things and curve %v, expected 2 things and 4 points", c.Things, c.Curve)
	}
	if want := 0.5 + 0.5*2/3; math.Abs(c.AP-want) > 1e-12 || math.Abs(r.AP-want) > 1e-12 {
		t.Errorf("AP %v, mean %v, expected %v", c.AP, r.AP, want)
	}
	if want := (6 + 5*2./3) / 11; math.Abs(c.AP11-want) > 1e-12 {
		t.Errorf("AP at 11 points %v, expected %v", c.AP11, want)
	}
	if !math.IsNaN(r.Classes[1].AP) {
		t.Errorf("the class without things has AP %v", r.Classes[1].AP)
	}
}
