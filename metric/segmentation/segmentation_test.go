package segmentation

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"
)

const ignore = 65535

func TestLikeScikitLearn(t *testing.T) {
	b, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Classes       int
		Truth, Said   []uint16
		Confusion     []int64
		PixelAccuracy float64 `json:"pixel_accuracy"`
		MeanAccuracy  float64 `json:"mean_accuracy"`
		MeanIoU       float64 `json:"mean_iou"`
		WeightedIoU   float64 `json:"weighted_iou"`
		MeanDice      float64 `json:"mean_dice"`
		IoU, Dice     []float64
	}
	if err := json.Unmarshal(b, &golden); err != nil {
		t.Fatal(err)
	}
	c := New(golden.Classes)
	for _, part := range [][2]int{{0, 500}, {500, len(golden.Truth)}} {
		p := New(golden.Classes)
		if err := p.Add(golden.Truth[part[0]:part[1]], golden.Said[part[0]:part[1]], ignore); err != nil {
			t.Fatal(err)
		}
		c.Merge(p)
	}
	if !slices.Equal(c.Counts, golden.Confusion) {
		t.Errorf("confusion %v, scikit-learn has %v", c.Counts, golden.Confusion)
	}
	same := func(what string, got, want float64) {
		if !(math.Abs(got-want) < 1e-12) {
			t.Errorf("%s %v, scikit-learn has %v", what, got, want)
		}
	}
	same("pixel accuracy", c.PixelAccuracy(), golden.PixelAccuracy)
	same("mean accuracy", c.MeanAccuracy(), golden.MeanAccuracy)
	same("mean IoU", c.MeanIoU(), golden.MeanIoU)
	same("frequency-weighted IoU", c.FrequencyWeightedIoU(), golden.WeightedIoU)
	same("mean Dice", c.MeanDice(), golden.MeanDice)
	for i := range golden.IoU {
		same("IoU", c.IoU(i), golden.IoU[i])
		same("Dice", c.Dice(i), golden.Dice[i])
	}
	if !math.IsNaN(c.IoU(5)) || !math.IsNaN(c.Dice(5)) || !math.IsNaN(c.Accuracy(4)) {
		t.Error("classes without pixels have values")
	}
}

func TestBadMasks(t *testing.T) {
	c := New(2)
	for _, bad := range [][2][]uint16{{{0}, {0, 1}}, {{0, 2}, {0, 0}}, {{0, 0}, {0, 2}}} {
		if c.Add(bad[0], bad[1], ignore) == nil || c.Pixels() != 0 {
			t.Errorf("%v were counted", bad)
		}
	}
	if err := c.Add([]uint16{ignore}, []uint16{7}, ignore); err != nil || c.Pixels() != 0 {
		t.Errorf("pixels to be ignored: %v", err)
	}
}
