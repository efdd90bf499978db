package lince

import (
	"image"
	"math"
	"strings"
	"testing"

	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/task/detect"
)

// threshold is that of the models below.
const threshold = 0.625

// finder returns a model with random weights that finds things.
func finder(t *testing.T, task, architecture string, opts ...Option) *Model {
	t.Helper()
	m, err := Open(untrained(t, &modelfile.Model{
		Task: task, Architecture: architecture, Options: map[string]string{"width": "0.25"}, Classes: []string{"a", "b"}, Input: modelfile.Input{Height: 64, Width: 64},
		Threshold: threshold,
	}), opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

// TestDetectInPixels looks for boxes in the pixels of the image that was given.
func TestDetectInPixels(t *testing.T) {
	m := finder(t, "detect", "lince-det", Threshold(0))
	at := func(r image.Rectangle) []Detection {
		list, err := m.Detect(t.Context(), even(r))
		if err != nil || len(list) == 0 {
			t.Fatalf("%d things, %v", len(list), err)
		}
		return list
	}
	b := at(image.Rect(0, 0, 64, 64))[0].Box
	for r, want := range map[image.Rectangle]Box{
		image.Rect(0, 0, 128, 128): {2 * b.X0, 2 * b.Y0, 2 * b.X1, 2 * b.Y1},
		image.Rect(5, -7, 69, 57):  {5 + b.X0, -7 + b.Y0, 5 + b.X1, -7 + b.Y1},
	} {
		got := at(r)[0]
		for _, d := range []float32{got.Box.X0 - want.X0, got.Box.Y0 - want.Y0, got.Box.X1 - want.X1, got.Box.Y1 - want.Y1} {
			if math.Abs(float64(d)) > 1e-3 || got.Mask != nil || got.Label != m.Classes()[got.Index] {
				t.Errorf("%v: %+v, want %+v", r, got, want)
				break
			}
		}
	}
	all := len(at(image.Rect(0, 0, 64, 64)))
	apart, err := finder(t, "detect", "lince-det", Threshold(0), Overlap(0)).Detect(t.Context(), even(image.Rect(0, 0, 64, 64)))
	if err != nil || len(apart) >= all {
		t.Errorf("%d things that do not overlap, of %d: %v", len(apart), all, err)
	}
	none, err := finder(t, "detect", "lince-det", Threshold(1)).Detect(t.Context(), even(image.Rect(0, 0, 64, 64)))
	if err != nil || none == nil || len(none) != 0 {
		t.Errorf("%v, %v", none, err)
	}
}

func TestInstances(t *testing.T) {
	m := finder(t, "instances", "lince-mask", Threshold(0))
	list, err := m.Instances(t.Context(), even(image.Rect(3, 4, 103, 54)))
	if err != nil || len(list) == 0 {
		t.Fatalf("%d things, %v", len(list), err)
	}
	for _, d := range list {
		if d.Mask == nil || d.Mask.H != 50 || d.Mask.W != 100 || d.Box.X0 < 3 || d.Box.Y0 < 4 || d.Box.X1 > 103 || d.Box.Y1 > 54 {
			t.Fatalf("%+v", d)
		}
	}
	if _, err := m.Detect(t.Context(), even(image.Rect(0, 0, 9, 9))); err == nil || !strings.Contains(err.Error(), "the task instances, not detect") {
		t.Errorf("error %v", err)
	}
	if _, err := m.Instances(t.Context(), even(image.Rectangle{})); err == nil || !strings.Contains(err.Error(), "no pixels") {
		t.Errorf("error %v", err)
	}
	m.Close()
	if _, err := m.Instances(t.Context(), even(image.Rect(0, 0, 9, 9))); err != ErrClosed {
		t.Errorf("error %v", err)
	}
}

// TestThreshold: the option wins over what the model says itself, which a thing may be just as sure as.
func TestThreshold(t *testing.T) {
	for _, c := range []struct {
		opts []Option
		want float32
	}{{nil, math.Nextafter32(threshold, 0)}, {[]Option{Threshold(0.25)}, 0.25}, {[]Option{Threshold(0)}, 0}} {
		if got := finder(t, "detect", "lince-det", c.opts...).Threshold(); got != c.want {
			t.Errorf("%d options: threshold %v, want %v", len(c.opts), got, c.want)
		}
	}
	if got := (options{threshold: usual, overlap: usual}).apply(detect.Settings{}, 0).Score; got != DefaultThreshold {
		t.Errorf("threshold %v of a model that says none", got)
	}
}
