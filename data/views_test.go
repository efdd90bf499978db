package data

import (
	"math"
	"slices"
	"testing"
)

func TestViews(t *testing.T) {
	s := Sample{Image: Image{1, 3, 3, []uint8{1, 2, 3, 4, 5, 6, 7, 8, 9}}}
	for name, c := range map[string]struct {
		views []View
		want  [][]uint8
	}{
		"flip": {FlipViews(), [][]uint8{{1, 2, 3, 4, 5, 6, 7, 8, 9}, {3, 2, 1, 6, 5, 4, 9, 8, 7}}},
		"shift": {ShiftViews(1), [][]uint8{
			{1, 2, 3, 4, 5, 6, 7, 8, 9}, {5, 6, 5, 8, 9, 8, 5, 6, 5}, {5, 4, 5, 2, 1, 2, 5, 4, 5},
			{3, 2, 1, 6, 5, 4, 9, 8, 7}, {5, 6, 5, 8, 9, 8, 5, 6, 5}, {5, 4, 5, 2, 1, 2, 5, 4, 5},
		}},
		"five": {FiveCrops(1, 2), [][]uint8{{1, 2}, {2, 3}, {7, 8}, {8, 9}, {4, 5}}},
		"ten":  {TenCrops(1, 1), [][]uint8{{1}, {3}, {7}, {9}, {5}, {1}, {3}, {7}, {9}, {5}}},
	} {
		sum := 0.0
		for i, v := range c.views {
			sum += v.Weight
			if got := v.Transform(nil, s).Image.Pix; !slices.Equal(got, c.want[i]) {
				t.Errorf("%s, view %d: %v, want %v", name, i, got, c.want[i])
			}
		}
		if len(c.views) != len(c.want) || math.Abs(sum-1) > 1e-12 {
			t.Errorf("%s: %d views of weight %v", name, len(c.views), sum)
		}
	}
}
