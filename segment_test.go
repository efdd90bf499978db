package lince

import (
	"image"
	"strings"
	"testing"

	"github.com/lince-ml/lince/modelfile"
)

// TestSegment: the mask has the size of the image, and an image of one colour has one class but at its edges, where the network sees its padding.
func TestSegment(t *testing.T) {
	m, err := Open(untrained(t, &modelfile.Model{
		Task: "segment", Architecture: "unet", Options: map[string]string{"width": "0.1", "depth": "1"}, Classes: []string{"a", "b", "c"}, Input: modelfile.Input{Height: 32, Width: 40},
	}))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []image.Rectangle{image.Rect(0, 0, 40, 32), image.Rect(-5, 7, 60, 40)} {
		mask, err := m.Segment(t.Context(), image.NewGray(r))
		if err != nil {
			t.Fatal(err)
		}
		if mask.H != r.Dy() || mask.W != r.Dx() || len(mask.Pix) != r.Dx()*r.Dy() {
			t.Fatalf("a mask of %dx%d for %v", mask.H, mask.W, r)
		}
		middle := mask.Pix[mask.H/2*mask.W+mask.W/2]
		for y := mask.H / 3; y < 2*mask.H/3; y++ {
			for _, class := range mask.Pix[y*mask.W+mask.W/3 : y*mask.W+2*mask.W/3] {
				if class != middle {
					t.Fatalf("%v: classes %d and %d in an image of one colour", r, class, middle)
				}
			}
		}
	}
	if _, err := m.Segment(t.Context(), image.NewGray(image.Rectangle{})); err == nil || !strings.Contains(err.Error(), "no pixels") {
		t.Errorf("error %v", err)
	}
	if _, err := m.Localize(t.Context(), image.NewGray(image.Rect(0, 0, 9, 9))); err == nil || !strings.Contains(err.Error(), "the model has learned the task segment, not localize") {
		t.Errorf("error %v", err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Segment(t.Context(), image.NewGray(image.Rect(0, 0, 9, 9))); err != ErrClosed {
		t.Errorf("error %v", err)
	}
}
