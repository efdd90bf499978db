package data

import "testing"

// TestOrigin asks for places of which one knows where they come from.
func TestOrigin(t *testing.T) {
	for _, c := range []struct {
		fit  Fit
		x, y float32 // of the middle of the image
	}{
		{Fit{C: 1, H: 10, W: 10}, 20, 10},                          // the middle of 40 x 20 pixels
		{Fit{C: 1, H: 10, W: 10, Resize: 20}, 20, 10},              // cut out of it
		{Fit{C: 1, H: 10, W: 20}, 20, 10},                          // all of it
		{Fit{C: 1, Resize: 10, Whole: true, H: 10, W: 20}, 20, 10}, // the same
	} {
		if x, y := c.fit.Origin(40, 20, float32(c.fit.W)/2, float32(c.fit.H)/2); x != c.x || y != c.y {
			t.Errorf("%+v: the middle is from (%v, %v), expected (%v, %v)", c.fit, x, y, c.x, c.y)
		}
	}
	f := Fit{C: 1, H: 10, W: 10}
	if x, y := f.Origin(40, 20, 0, 10); x != 10 || y != 20 {
		t.Errorf("the lower left corner is from (%v, %v), expected (10, 20)", x, y)
	}
	if x, y := f.Origin(40, 20, 100, -3); x != 40 || y != 0 {
		t.Errorf("a place outside is from (%v, %v), expected (40, 0)", x, y)
	}
}
