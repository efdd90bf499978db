package instances

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/nn/nntest"
)

// TestPasteWhole compares masks with those that task/detect/testdata/rcnn.py has had from torchvision.
func TestPasteWhole(t *testing.T) {
	var want struct {
		Boxes [][4]float32
		Runs  [][]int // of pixels outside and inside by turns
	}
	text, err := os.ReadFile("testdata/paste.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	cells := nntest.Draw("cells", len(want.Boxes)*side*side)
	for i := range cells {
		cells[i] = cells[i]/2 + 0.5
	}
	for i, b := range want.Boxes {
		m := pasteWhole(cells[i*side*side:(i+1)*side*side], data.Box{X0: b[0], Y0: b[1], X1: b[2], Y1: b[3]}, 80, 96)
		runs, last := []int{0}, uint16(0)
		for _, v := range m.Pix {
			if v != last {
				runs, last = append(runs, 0), v
			}
			runs[len(runs)-1]++
		}
		if !slices.Equal(runs, want.Runs[i]) {
			t.Errorf("mask %d is %v, torchvision's is %v", i, runs, want.Runs[i])
		}
	}
}

// TestPasteAnything: a box that makes no sense has no pixels, or some, but is no reason to panic.
func TestPasteAnything(t *testing.T) {
	cells := slices.Repeat([]float32{1}, side*side)
	odd := []float32{0, -1, 3, 1e-30, 1e30, -1e30, float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))}
	for _, x0 := range odd {
		for _, x1 := range odd {
			for _, b := range []data.Box{{X0: x0, X1: x1, Y1: 8}, {Y0: x0, Y1: x1, X1: 8}, {X0: x0, Y0: x1, X1: x1, Y1: x0}} {
				paste(cells, b, 8, 8)
				pasteWhole(cells, b, 8, 8)
			}
		}
	}
}
