package rle

// What pycocotools makes of masks and polygons is compared where they are used: in metric/detection and data/outline.

import (
	"slices"
	"testing"
)

func TestRoundTrip(t *testing.T) {
	r := New(5, 300, func(y, x int) bool { return x*y%7 == 3 || x > 40 && x < 290 })
	again, err := Parse(r.String(), 5, 300)
	if err != nil || !slices.Equal(again.Counts, r.Counts) {
		t.Fatalf("%v after writing and reading, was %v; %v", again, r, err)
	}
	empty := New(2, 3, func(int, int) bool { return false })
	if x0, y0, x1, y1 := empty.Bounds(); empty.Area() != 0 || x0 != 0 || y0 != 0 || x1 != 0 || y1 != 0 {
		t.Error("what is empty has an area or a box")
	}
}

// TestTogether compares what is inside of both, and of either, with a count of pixels.
func TestTogether(t *testing.T) {
	inA := func(y, x int) bool { return x*y%5 < 2 }
	inB := func(y, x int) bool { return (x+y)%3 == 0 || x > 9 }
	a, b := New(7, 13, inA), New(7, 13, inB)
	both := New(7, 13, func(y, x int) bool { return inA(y, x) && inB(y, x) })
	either := New(7, 13, func(y, x int) bool { return inA(y, x) || inB(y, x) })
	if got := a.Intersection(b); got != int64(both.Area()) {
		t.Errorf("%d pixels are inside of both, want %d", got, both.Area())
	}
	if got := a.Union(b); !slices.Equal(got.Counts, either.Counts) {
		t.Errorf("union %v, want %v", got.Counts, either.Counts)
	}
}

// A few numbers must not take much time or memory.
func TestHugePolygon(t *testing.T) {
	if _, err := OfPolygons([][]float64{{0, 0, 9e7, 0, 9e7, 1}}, 1, maxPixels); err == nil {
		t.Error("an outline with 90 million crossings is drawn")
	}
	if _, err := OfPolygons(nil, 2, maxPixels); err == nil {
		t.Error("a mask with too many pixels is made")
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		text string
		h, w int
		want string
	}{
		{"11", 1_000_000, 1_000_000, "RLE of an image of 1000000 x 1000000 pixels, at least one and at most 1073741824 are allowed"},
		{"11", 0, 3, "RLE of an image of 3 x 0 pixels, at least one and at most 1073741824 are allowed"},
		{"12", 2, 2, "RLE of 3 pixels, expected 2 x 2"},
		{"1~", 2, 2, "RLE at letter 2: the letter '~', expected one from 0 to o"},
		{"1o", 2, 2, "RLE at letter 2: it ends amid a number"},
		{"1oooooooooo0", 2, 2, "RLE at letter 2: a number of more than 8 digits"},
		{"1O", 2, 2, "RLE with a run of -1 pixels, expected 0 to 4"},
	} {
		if _, err := Parse(c.text, c.h, c.w); err == nil || err.Error() != c.want {
			t.Errorf("%q: got  %v\nwant %s", c.text, err, c.want)
		}
	}
	if _, err := OfCounts([]int64{1e12}, 2, 2); err == nil || err.Error() != "RLE with a run of 1000000000000 pixels, expected 0 to 4" {
		t.Errorf("error %v", err)
	}
}

// FuzzParse reads any text: an error, or what String writes again so that it is the same.
func FuzzParse(f *testing.F) {
	f.Add("04L4", 5, 4)
	f.Add("PPYo1", 20, 30)
	f.Add("0oooooo1", 1<<20, 1<<20)
	f.Fuzz(func(t *testing.T, text string, h, w int) {
		r, err := Parse(text, h, w)
		if err != nil {
			return
		}
		x0, y0, x1, y1 := r.Bounds()
		if area := r.Area(); area < 0 || area > (x1-x0)*(y1-y0) {
			t.Fatalf("area %d from (%d, %d) to (%d, %d)", area, x0, y0, x1, y1)
		}
		if again, err := Parse(r.String(), h, w); err != nil || !slices.Equal(r.Counts, again.Counts) {
			t.Fatalf("%v is %v after writing and reading: %v", r.Counts, again.Counts, err)
		}
	})
}

func FuzzOfPolygons(f *testing.F) {
	f.Add(10, 10, 1.0, 2.0, 3.0, 8.0, 9.0, 1.5)
	f.Add(7, 3, -1e8, 2.0, 1e8, 8.0, 9.0, -1e8)
	f.Fuzz(func(t *testing.T, h, w int, x0, y0, x1, y1, x2, y2 float64) {
		if h > 1000 || w > 1000 {
			return
		}
		r, err := OfPolygons([][]float64{{x0, y0, x1, y1, x2, y2}}, h, w)
		if err != nil {
			return
		}
		sum := uint32(0)
		for _, n := range r.Counts {
			sum += n
		}
		if sum != uint32(h*w) {
			t.Fatalf("%v: runs of %d pixels", r.Counts, sum)
		}
	})
}
