package lince

import (
	"image"
	"image/color"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/tensor"
)

// untrained returns the path of the model m with random weights, for pictures of 3 planes.
func untrained(t *testing.T, m *modelfile.Model) string {
	t.Helper()
	m.Input.Channels, m.Input.Mean, m.Input.Std, m.Weights = 3, make([]float32, 3), []float32{1, 1, 1}, map[string]*tensor.Tensor{}
	vars, err := m.Variables()
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range nn.Initialize(vars, 1) {
		m.Weights[vars[i].Name] = v
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := modelfile.Write(path, m); err != nil {
		t.Fatal(err)
	}
	return path
}

func localizer(t *testing.T) string {
	return untrained(t, &modelfile.Model{
		Task: "localize", Architecture: "cnn3", Classes: []string{"a", "b", "c"}, Input: modelfile.Input{Height: 16, Width: 16, Border: modelfile.Border{Mean: 0.5, Std: 0.5}},
	})
}

// even is an image of one colour, which looks the same at every size.
func even(r image.Rectangle) image.Image {
	m := image.NewGray(r)
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			m.SetGray(x, y, color.Gray{90})
		}
	}
	return m
}

// TestLocalizeInPixels looks for boxes in the pixels of the image that was given.
func TestLocalizeInPixels(t *testing.T) {
	m := open(t, localizer(t))
	at := func(r image.Rectangle) Localization {
		l, err := m.Localize(t.Context(), even(r))
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	l := at(image.Rect(0, 0, 16, 16))
	b := l.Box
	if m.Task() != "localize" || len(l.Classes) != 3 || l.Classes[0].Probability < l.Classes[1].Probability || !(0 <= b.X0 && b.X0 < b.X1 && b.X1 <= 16) {
		t.Errorf("%+v", l)
	}
	for r, want := range map[image.Rectangle]Box{
		image.Rect(0, 0, 32, 32): {2 * b.X0, 2 * b.Y0, 2 * b.X1, 2 * b.Y1},
		image.Rect(5, 7, 21, 23): {5 + b.X0, 7 + b.Y0, 5 + b.X1, 7 + b.Y1},
		image.Rect(0, 0, 64, 32): {16 + 2*b.X0, 2 * b.Y0, 16 + 2*b.X1, 2 * b.Y1}, // of which the middle is seen
	} {
		got := at(r).Box
		for _, d := range []float32{got.X0 - want.X0, got.Y0 - want.Y0, got.X1 - want.X1, got.Y1 - want.Y1} {
			if math.Abs(float64(d)) > 1e-3 {
				t.Errorf("%v: %+v, want %+v", r, got, want)
				break
			}
		}
	}
}

func TestOtherTask(t *testing.T) {
	m := open(t, localizer(t))
	im := even(image.Rect(0, 0, 16, 16))
	const want = "lince: the model has learned the task localize, not classify"
	if _, err := m.Classify(t.Context(), im); err == nil || err.Error() != want {
		t.Errorf("error %v", err)
	}
	if _, err := m.Saliency(im, 0); err == nil || err.Error() != want {
		t.Errorf("error %v", err)
	}
	if _, err := m.Occlusion(t.Context(), im, 0); err == nil || err.Error() != want {
		t.Errorf("error %v", err)
	}
	if _, err := open(t, digits).Localize(t.Context(), im); err == nil || !strings.Contains(err.Error(), "classify, not localize") {
		t.Errorf("error %v", err)
	}
}
