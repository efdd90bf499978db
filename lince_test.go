package lince

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/modelfile"
)

// The model has learned white digits on black: lince train --model cnn3 --epochs 6. The drawing is black on white.
const (
	digits = "testdata/digits.safetensors"
	seven  = "testdata/seven.png"
)

func open(t *testing.T, path string, opts ...Option) *Model {
	t.Helper()
	m, err := Open(path, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { m.Close() })
	return m
}

func decode(t *testing.T, path string) image.Image {
	t.Helper()
	img, err := data.DecodeFile(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// negative returns img with its colours turned round.
func negative(img image.Image) image.Image {
	out := image.NewNRGBA(img.Bounds())
	draw.Draw(out, out.Bounds(), image.White, image.Point{}, draw.Src)
	draw.Draw(out, out.Bounds(), img, img.Bounds().Min, draw.Over)
	for i, p := range out.Pix {
		if i%4 != 3 {
			out.Pix[i] = 255 - p
		}
	}
	return out
}

// TestInversion shows a drawing and its negative to models that invert by themselves, never and always.
func TestInversion(t *testing.T) {
	dark, light := decode(t, seven), negative(decode(t, seven))
	for when, want := range map[Inversion][2]bool{InvertAuto: {true, false}, InvertNever: {false, false}, InvertAlways: {true, true}} {
		m := open(t, digits, Invert(when))
		for i, img := range []image.Image{dark, light} {
			prepared, inverted := m.Prepare(img)
			if inverted != want[i] || prepared.C != 1 || prepared.H != 28 || prepared.W != 28 {
				t.Errorf("option %d, image %d: inverted %v, %dx%dx%d", when, i, inverted, prepared.C, prepared.H, prepared.W)
			}
			top, err := m.Classify(t.Context(), img)
			if err != nil {
				t.Fatal(err)
			}
			if whiteOnBlack := inverted == (i == 0); whiteOnBlack && top[0].Label != "7" {
				t.Errorf("option %d, image %d: it is a %s", when, i, top[0].Label)
			}
		}
	}
}

// TestPhotographs are never inverted: their border is not even.
func TestPhotographs(t *testing.T) {
	m := *open(t, digits)
	file := *m.file
	file.Input.Border = modelfile.Border{Mean: 0.4, Std: 0.25}
	m.file = &file
	if _, inverted := m.Prepare(decode(t, seven)); inverted {
		t.Error("inverted")
	}
}

// TestAnyImage classifies sizes and colours unlike those learned from.
func TestAnyImage(t *testing.T) {
	m := open(t, digits)
	for _, img := range []image.Image{
		image.NewGray(image.Rect(0, 0, 1, 1)), image.NewRGBA(image.Rect(5, 5, 2000, 8)), image.NewCMYK(image.Rect(0, 0, 3, 500)),
		image.NewPaletted(image.Rect(-4, -4, 24, 24), color.Palette{color.White}),
	} {
		top, err := m.Classify(t.Context(), img)
		if err != nil || len(top) != 10 {
			t.Errorf("%T: %v, error %v", img, top, err)
		}
		var sum float64
		for i, p := range top {
			sum += float64(p.Probability)
			if i > 0 && p.Probability > top[i-1].Probability || m.Classes()[p.Index] != p.Label {
				t.Errorf("%T: not in order: %+v", img, top)
			}
		}
		if math.Abs(sum-1) > 1e-5 {
			t.Errorf("%T: probabilities sum to %v", img, sum)
		}
	}
	if _, err := m.Classify(t.Context(), image.NewGray(image.Rectangle{})); err == nil || err.Error() != "lince: image 0 has no pixels" {
		t.Errorf("error %v", err)
	}
	if _, err := m.Classify(t.Context(), nil); err == nil {
		t.Error("nil is an image")
	}
}

// TestConcurrentUse compares single calls from many goroutines with one call for all.
func TestConcurrentUse(t *testing.T) {
	m := open(t, digits, Threads(2))
	imgs := make([]image.Image, 70)
	for i := range imgs {
		g := image.NewGray(image.Rect(0, 0, 28, 28))
		for p := range g.Pix {
			g.Pix[p] = uint8(p * i)
		}
		imgs[i] = g
	}
	all, err := m.ClassifyBatch(t.Context(), imgs)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := w; i < len(imgs); i += 4 {
				one, err := m.Classify(context.Background(), imgs[i])
				if err != nil || math.Abs(float64(one[0].Probability-all[i][0].Probability)) > 1e-4 {
					t.Errorf("image %d alone: %v, error %v; with others: %v", i, one, err, all[i])
				}
			}
		})
	}
	wg.Wait()
}

func TestClose(t *testing.T) {
	m := open(t, digits)
	for range 2 {
		if err := m.Close(); err != nil {
			t.Error(err)
		}
	}
	if _, err := m.Classify(t.Context(), decode(t, seven)); !errors.Is(err, ErrClosed) {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := open(t, digits).Classify(ctx, decode(t, seven)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestBadModel(t *testing.T) {
	whole, err := os.ReadFile(digits)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := os.WriteFile(path, whole[:len(whole)-1], 0o666); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, "no such file", t.TempDir(), seven} {
		if _, err := Open(p); err == nil || !strings.HasPrefix(err.Error(), "read "+p) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v", err)
		}
	}
}
