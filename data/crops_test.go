package data

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"testing"
)

// congruential returns the numbers of testdata/crops.py.
func congruential(state uint32) func() float64 {
	return func() float64 {
		state = state*1664525 + 1013904223
		return float64(state>>8) / (1 << 24)
	}
}

// TestCropsOfTorchvision compares with what torchvision makes of the same boxes and random numbers; testdata/crops.py says how.
func TestCropsOfTorchvision(t *testing.T) {
	text, err := os.ReadFile("testdata/crops.json")
	if err != nil {
		t.Fatal(err)
	}
	type result struct {
		H, W  int
		Boxes [][4]float32
	}
	var cases []struct {
		Seed       uint32
		Boxes      [][4]float32
		H, W       int
		Crop, Zoom result
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	compare := func(what string, seed uint32, s Sample, want result) {
		t.Helper()
		if s.Image.H != want.H || s.Image.W != want.W || len(s.Boxes) != len(want.Boxes) {
			t.Fatalf("%s, seed %d: %d x %d pixels with %d boxes, want %d x %d with %d", what, seed, s.Image.W, s.Image.H, len(s.Boxes), want.W, want.H, len(want.Boxes))
		}
		for i, b := range s.Boxes {
			if got := [4]float32{b.X0, b.Y0, b.X1, b.Y1}; got != want.Boxes[i] {
				t.Fatalf("%s, seed %d: box %v, want %v", what, seed, got, want.Boxes[i])
			}
		}
	}
	cut := 0
	for _, c := range cases {
		numbers := func() func() float64 {
			draw := congruential(c.Seed)
			for range 2 + 4*len(c.Boxes) { // of size and boxes
				draw()
			}
			return draw
		}
		s := Sample{Image: NewImage(1, c.H, c.W), Label: -1}
		for _, b := range c.Boxes {
			s.Boxes = append(s.Boxes, Box{X0: b[0], Y0: b[1], X1: b[2], Y1: b[3]})
		}
		wide := s
		if part, inside, ok := (RandomIoUCrop{}).part(numbers(), c.H, c.W, s.Boxes); ok {
			s.Boxes = inside
			s.window(int(part.Y0), int(part.X0), int(part.Y1-part.Y0), int(part.X1-part.X0), Black)
			cut++
		}
		compare("crop", c.Seed, s, c.Crop)
		top, left, h, w := RandomZoomOut{}.canvas(numbers(), c.H, c.W)
		wide.window(-top, -left, h, w, Grey114)
		compare("zoom", c.Seed, wide, c.Zoom)
	}
	if cut < 30 {
		t.Errorf("%d of %d images were cut", cut, len(cases))
	}
}

// TestRandomIoUCrop sees that without boxes nothing happens.
func TestRandomIoUCrop(t *testing.T) {
	s := RandomIoUCrop{}.Apply(rand.New(rand.NewPCG(1, 2)), Sample{Image: NewImage(1, 30, 40)})
	if s.Image.H != 30 || s.Image.W != 40 {
		t.Errorf("%d x %d pixels", s.Image.W, s.Image.H)
	}
}
