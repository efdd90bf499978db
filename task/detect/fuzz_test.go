package detect

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"github.com/lince-ml/lince/data"
)

// fuzzed reads detections from bytes: any float32 at all as corners and scores.
func fuzzed(b []byte) (list []data.Detection) {
	for ; len(b) >= 21 && len(list) < 64; b = b[21:] {
		f := func(i int) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b[1+4*i:])) }
		list = append(list, found(int(b[0]%3), f(4), rect{f(0), f(1), f(2), f(3)}))
	}
	return list
}

func seed(f *testing.F) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	var b []byte
	for i, v := range [][5]float32{
		{0, 0, 10, 10, 0.9}, {0, 0, 10, 9, 0.9}, {0, 0, 10, 10, nan}, {nan, 0, 10, 10, 0.8}, {0, 0, inf, inf, 0.7}, {-inf, -inf, inf, inf, 0.6},
		{5, 5, 5, 5, 0.5}, {9, 9, 1, 1, 0.4}, {-3e38, -3e38, 3e38, 3e38, 0.3}, {1, 2, 3, 4, -inf}, {1e-40, 0, 2e-40, 1, inf},
	} {
		b = append(b, byte(i/2))
		for _, x := range v {
			b = binary.LittleEndian.AppendUint32(b, math.Float32bits(x))
		}
	}
	f.Add(b)
	f.Add([]byte{})
}

// bits of detections, which are equal where both are no number, too.
func bits(list []data.Detection) (all [][6]uint32) {
	for _, d := range list {
		b := [6]uint32{uint32(d.Class), math.Float32bits(d.Score)}
		for i, v := range rectOf(d.Box) {
			b[2+i] = math.Float32bits(v)
		}
		all = append(all, b)
	}
	return all
}

// FuzzSuppress: the surest thing stays, what is left is of what there was, and there is nothing to take away a second time.
func FuzzSuppress(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, all := range []bool{false, true} {
			list := fuzzed(b)
			before := bits(list)
			kept := Suppress(list, 0.5, all)
			if len(list) > 0 && bits(kept)[0] != bits(list)[0] { // Suppress has sorted list
				t.Fatalf("%+v is left of %+v", kept, list)
			}
			for _, d := range bits(kept) {
				if !slices.Contains(before, d) {
					t.Fatalf("%v was not there", d)
				}
			}
			if again := Suppress(slices.Clone(kept), 0.5, all); !slices.Equal(bits(again), bits(kept)) {
				t.Fatalf("once %+v, twice %+v", kept, again)
			}
		}
		if soft := SoftSuppress(fuzzed(b), 0.5, 0.01); len(soft) > len(fuzzed(b)) {
			t.Fatal("more than there were")
		}
	})
}

// FuzzBoxes: matching and reading stand any box. Anchors are sound, as those of networks are.
func FuzzBoxes(f *testing.F) {
	seed(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		var boxes []rect
		for _, d := range fuzzed(b) {
			boxes = append(boxes, rectOf(d.Box))
		}
		if len(boxes) == 0 {
			return
		}
		for _, name := range []string{"lince-det", "fcos_resnet50_fpn", "fasterrcnn_resnet50_fpn", "ssdlite320_mobilenet_v3_large"} {
			h := heads[name]
			a := h.anchors(64, 64)
			to := make([]int32, len(a.boxes))
			h.match(a, boxes, to)
			for i, v := range to {
				if v < ignored || int(v) >= len(boxes) {
					t.Fatalf("%s: anchor %d is to find box %d of %d", name, i, v, len(boxes))
				}
				if v >= 0 {
					h.target(a.boxes[i], boxes[v])
				}
			}
		}
		for _, r := range boxes {
			if v := iou(r, rect{0, 0, 10, 10}); v < 0 && r.width() >= 0 && r.height() >= 0 {
				t.Fatalf("an IoU of %v with %v", v, r)
			}
			if m := mapOf(r, 4); m < 0 || m > 3 {
				t.Fatalf("map %d for %v", m, r)
			}
			for _, v := range r.clip(64, 48) {
				if v < 0 || v > 64 {
					t.Fatalf("%v cut off is %v", r, r.clip(64, 48))
				}
			}
			if d := (deltas{10, 5}).decode(rect{2, 3, 20, 30}, r[:]); d.width() < 0 || d.height() < 0 {
				t.Fatalf("deltas %v give %v", r, d)
			}
		}
	})
}
