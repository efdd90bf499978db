package data

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"testing"
)

// TestTorchvision compares with what torchvision makes of the same images; testdata/transforms.py says how.
func TestTorchvision(t *testing.T) {
	text, err := os.ReadFile("testdata/transforms.json")
	if err != nil {
		t.Fatal(err)
	}
	type picture struct {
		H, W int
		Pix  []uint8
	}
	var golden struct {
		Noise, Waves picture
		Cases        map[string]struct {
			Of    string
			Image picture
		}
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	warped := func(m matrix) Transform { return recolor(func(im Image) { copy(im.Pix, m.warp(im).Pix) }) }
	for name, c := range map[string]struct {
		f      Transform
		levels int // by which pixels may differ
	}{
		"brightness 0.4":    {Brightness(0.4), 1},
		"brightness 1.7":    {Brightness(1.7), 1},
		"contrast 0.4":      {Contrast(0.4), 1},
		"contrast 1.7":      {Contrast(1.7), 1},
		"saturation 0.4":    {Saturation(0.4), 1},
		"saturation 1.7":    {Saturation(1.7), 1},
		"hue 0.1":           {Hue(0.1), 1},
		"hue -0.45":         {Hue(-0.45), 1},
		"grey":              {Grey(), 1},
		"invert":            {Invert(), 0},
		"posterize 3":       {Posterize(3), 0},
		"solarize 100":      {Solarize(100), 0},
		"autocontrast":      {AutoContrast(), 1},
		"equalize":          {Equalize(), 0},
		"sharpness 0.3":     {Sharpness(0.3), 1},
		"sharpness 1.9":     {Sharpness(1.9), 1},
		"blur 0.5":          {Blur(0.5), 1},
		"blur 1.5":          {Blur(1.5), 1},
		"resize 9x50":       {Resize(9, 50), 1},
		"resize 40x11":      {Resize(40, 11), 1},
		"center crop 10x12": {CenterCrop(11, 12), 0},
		"flip":              {Flip(), 0},
		"vertical flip":     {VerticalFlip(), 0},
		"pad black":         {Pad(3, Black), 0},
		"pad reflect":       {Pad(3, Reflect), 0},
		"rotate 20":         {warped(rotation(20, 21, 34)), 1},
		"shear x 0.3":       {warped(shearX(0.3)), 1},
		"shear y -0.2":      {warped(shearY(-0.2)), 1},
		"resized crop": {func(_ *rand.Rand, s Sample) Sample {
			s.resize(3, 5, 13, 22, 32, 16)
			return s
		}, 1},
		"perspective": {func(_ *rand.Rand, s Sample) Sample {
			s.project([4][2]float64{{4, 2}, {33, 5}, {28, 18}, {2, 21}})
			return s
		}, 1},
	} {
		g, ok := golden.Cases[name]
		if !ok {
			t.Errorf("%s: no golden values", name)
			continue
		}
		delete(golden.Cases, name)
		from := map[string]picture{"noise": golden.Noise, "waves": golden.Waves}[g.Of]
		out, want := c.f(nil, Sample{Image: Image{3, from.H, from.W, from.Pix}}).Image, g.Image
		if out.C != 3 || out.H != want.H || out.W != want.W {
			t.Errorf("%s: image of %dx%dx%d, want 3x%dx%d", name, out.C, out.H, out.W, want.H, want.W)
			continue
		}
		worst, at := 0, 0
		for i, p := range out.Pix {
			if d := max(int(p)-int(want.Pix[i]), int(want.Pix[i])-int(p)); d > worst {
				worst, at = d, i
			}
		}
		if worst > c.levels {
			t.Errorf("%s: pixel %d is %d, want %d", name, at, out.Pix[at], want.Pix[at])
		}
	}
	for name := range golden.Cases {
		t.Errorf("%s is not tested", name)
	}
}
