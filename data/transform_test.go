package data

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/lince-ml/lince/internal/philox"
)

// picture returns an image of two planes with pixels 1, 2, 3, ... in the first and 101, 102, ... in the second.
func picture(h, w int) Image {
	im := NewImage(2, h, w)
	for i := range h * w {
		im.Pix[i], im.Pix[h*w+i] = uint8(1+i), uint8(101+i)
	}
	return im
}

// pixel returns pixel (c, y, x), 0 outside of im.
func pixel(im Image, c, y, x int) uint8 {
	if y < 0 || y >= im.H || x < 0 || x >= im.W {
		return 0
	}
	return im.Pix[(c*im.H+y)*im.W+x]
}

func TestWindow(t *testing.T) {
	im := picture(3, 4)
	for top := -4; top < 5; top++ {
		for left := -6; left < 7; left++ {
			out := window(im, top, left, 2, 5, Black)
			for i, got := range out.Pix {
				c, y, x := i/10, i/5%2, i%5
				if want := pixel(im, c, top+y, left+x); got != want {
					t.Fatalf("window at (%d, %d): pixel (%d, %d, %d) is %d, want %d", top, left, c, y, x, got, want)
				}
			}
		}
	}
}

// variations counts what f makes of im over many seeds.
func variations(f Transform, im Image) map[string]int {
	count := map[string]int{}
	for seed := range uint64(2000) {
		out := f(rand.New(philox.NewSource(seed)), Sample{Image: im}).Image
		count[string(out.Pix)]++
	}
	return count
}

// TestRandomPlacement checks that each possible result comes about as often as the others, and nothing else.
func TestRandomPlacement(t *testing.T) {
	im := picture(3, 3)
	before := slices.Clone(im.Pix)
	flipped := Image{2, 3, 3, []uint8{3, 2, 1, 6, 5, 4, 9, 8, 7, 103, 102, 101, 106, 105, 104, 109, 108, 107}}
	for name, c := range map[string]struct {
		f    Transform
		want []Image
	}{
		"shift": {RandomShift(1, Black), []Image{
			window(im, -1, -1, 3, 3, Black), window(im, -1, 0, 3, 3, Black), window(im, -1, 1, 3, 3, Black),
			window(im, 0, -1, 3, 3, Black), im, window(im, 0, 1, 3, 3, Black),
			window(im, 1, -1, 3, 3, Black), window(im, 1, 0, 3, 3, Black), window(im, 1, 1, 3, 3, Black),
		}},
		"no shift":   {RandomShift(0, Black), []Image{im}},
		"crop":       {RandomCrop(3, 2, 0, Black), []Image{window(im, 0, 0, 3, 2, Black), window(im, 0, 1, 3, 2, Black)}},
		"crop, pad":  {RandomCrop(4, 5, 1, Black), []Image{window(im, 0, -1, 4, 5, Black), window(im, -1, -1, 4, 5, Black)}},
		"crop, thin": {RandomCrop(5, 5, 0, Black), []Image{window(im, -1, -1, 5, 5, Black)}},
		"flip":       {RandomFlip(), []Image{im, flipped}},
		"compose":    {Compose(RandomFlip(), RandomCrop(3, 3, 0, Black)), []Image{im, flipped}},
		"nothing":    {Compose(), []Image{im}},
	} {
		count := variations(c.f, im)
		expected := 2000 / float64(len(c.want))
		for _, w := range c.want {
			if n := float64(count[string(w.Pix)]); math.Abs(n-expected) > 4*math.Sqrt(expected) {
				t.Errorf("%s: one result %v times of 2000, expected about %v", name, n, expected)
			}
			delete(count, string(w.Pix))
		}
		if len(count) != 0 {
			t.Errorf("%s: %d unexpected results", name, len(count))
		}
	}
	if !slices.Equal(im.Pix, before) {
		t.Error("the image was changed")
	}
}

func TestShapes(t *testing.T) {
	out := RandomCrop(5, 7, 2, Black)(rand.New(philox.NewSource(1)), Sample{Image: picture(6, 6)}).Image
	if out.C != 2 || out.H != 5 || out.W != 7 || len(out.Pix) != 70 {
		t.Errorf("crop of %dx%dx%d", out.C, out.H, out.W)
	}
}
