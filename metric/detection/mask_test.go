package detection

import (
	"encoding/json"
	"math"
	"os"
	"testing"
)

func TestMasksLikePycocotools(t *testing.T) {
	b, err := os.ReadFile("testdata/masks.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		H, W        int
		Polygons    [][]float64
		Text, Other string
		Area        int64
		Box         [4]float64
		IoU, Inside float64
	}
	if err := json.Unmarshal(b, &cases); err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		m, err := MaskOfPolygons(c.H, c.W, c.Polygons)
		if err != nil {
			t.Fatal(err)
		}
		if m.Compressed() != c.Text {
			want, _ := ParseMask(c.H, c.W, c.Text)
			t.Errorf("%d: polygons %v in %dx%d: runs %v, pycocotools has %v", i, c.Polygons, c.W, c.H, m.Counts, want.Counts)
			continue
		}
		if want := (Box{c.Box[0], c.Box[1], c.Box[2], c.Box[3]}); m.Area() != c.Area || m.Box() != want {
			t.Errorf("%d: area %d and box %v, pycocotools has %d and %v", i, m.Area(), m.Box(), c.Area, want)
		}
		o, err := ParseMask(c.H, c.W, c.Other)
		if err != nil {
			t.Fatal(err)
		}
		s := &Set{Masks: true, Things: []Thing{{Mask: o}}, Detections: []Detection{{Mask: m}}}
		d, g := s.DetectionShape(0), s.ThingShape(0)
		if got, inside := IoU(d, g), Inside(d, g); got != c.IoU || inside != c.Inside {
			t.Errorf("%d: IoU %v, inside %v, pycocotools has %v and %v", i, got, inside, c.IoU, c.Inside)
		}
	}
}

func TestEmptyMasks(t *testing.T) {
	empty := NewMask(2, 3, func(int, int) bool { return false })
	if empty.Area() != 0 || empty.Box() != (Box{}) || IoU(Shape{mask: empty}, Shape{mask: empty}) != 0 {
		t.Error("an empty mask has an area, a box or a part in common")
	}
}

func TestCheck(t *testing.T) {
	mask := NewMask(2, 2, func(int, int) bool { return true })
	good := Detection{Box: Box{1, 2, 3, 4}, Mask: mask, Score: 1}
	for i, bad := range []func(*Detection){
		func(d *Detection) { d.Image = 1 },
		func(d *Detection) { d.Class = -1 },
		func(d *Detection) { d.Score = math.NaN() },
		func(d *Detection) { d.Box.X = math.Inf(1) },
		func(d *Detection) { d.Mask = Mask{} },
		func(d *Detection) { d.Mask = NewMask(1, 2, func(int, int) bool { return true }) },
	} {
		d := good
		s := &Set{Images: []string{"a"}, Classes: []string{"b"}, Masks: true, Things: []Thing{{Mask: mask}}, Detections: []Detection{d}}
		if err := s.Check(); err != nil {
			t.Fatal(err)
		}
		bad(&s.Detections[0])
		if s.Check() == nil {
			t.Errorf("nothing is wrong with case %d", i)
		}
	}
}
