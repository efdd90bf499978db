// Augment draws what the transforms of package data make of a picture, with the box around its house, which follows.
//
//	go run ./examples/augment docs/images/augment.png
//	go run ./examples/augment out.png photo.jpg
package main

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"os"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/plot"
)

func main() {
	if len(os.Args) != 2 && len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: augment OUT.png [PICTURE]")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]...); err != nil {
		fmt.Fprintln(os.Stderr, "augment:", err)
		os.Exit(1)
	}
}

// shown are the transforms, by what --augment calls them.
var shown = []struct {
	name string
	f    data.Transform
}{
	{"as it is", data.Compose()},
	{"flip", data.Flip()},
	{"vertical_flip", data.VerticalFlip()},
	{"crop:pad=12", data.RandomCrop(96, 128, 12, data.Black)},
	{"crop:pad=12,reflect=true", data.RandomCrop(96, 128, 12, data.Reflect)},
	{"resized_crop:scale=0.25/0.6", data.RandomResizedCrop{H: 96, W: 128, Scale: [2]float64{0.25, 0.6}}.Apply},
	{"degrees:by=25", data.RandomAffine{Degrees: 25}.Apply},
	{"scale:by=0.3", data.RandomAffine{Scale: 0.3}.Apply},
	{"shear:by=25", data.RandomAffine{Shear: 25}.Apply},
	{"translate:by=0.2", data.RandomAffine{Translate: 0.2}.Apply},
	{"perspective:by=0.5", data.RandomPerspective{Distortion: 0.5, P: 1}.Apply},
	{"jitter", data.Jitter{Brightness: 0.4, Contrast: 0.4, Saturation: 0.4, Hue: 0.1}.Apply},
	{"jitter:hue=0.5", data.Jitter{Hue: 0.5}.Apply},
	{"grey:p=1", data.Grey()},
	{"blur:p=1", data.RandomBlur{Sigma: [2]float64{0.1, 2}, P: 1}.Apply},
	{"erasing:p=1", data.RandomErasing{P: 1}.Apply},
	{"cutout:size=40", data.Cutout(40)},
	{"randaugment:n=2,m=9", data.RandAugment{N: 2, M: 9}.Apply},
	{"randaugment:n=2,m=9", data.RandAugment{N: 2, M: 9}.Apply},
	{"randaugment:n=2,m=20", data.RandAugment{N: 2, M: 20}.Apply},
	{"trivialaugment", data.TrivialAugment()},
	{"trivialaugment", data.TrivialAugment()},
	{"equalize:of a policy", data.Equalize()},
	{"solarize:of a policy", data.Solarize(128)},
	{"posterize:of a policy", data.Posterize(2)},
	{"sharpness:of a policy", data.Sharpness(1.9)},
}

// run draws the grid of a picture, the scene if none is named, to the file out.
func run(out string, picture ...string) error {
	s := scene()
	for _, path := range picture {
		im, err := data.ReadFile(path, data.Fit{C: 3, H: 96, W: 128}, 0)
		if err != nil {
			return err
		}
		s = data.Sample{Image: im}
	}
	var cells []plot.Cell
	for i, t := range shown {
		r := rand.New(rand.NewPCG(3, uint64(i)))
		name, settings, _ := strings.Cut(t.name, ":")
		cells = append(cells, plot.Cell{Image: outlined(t.f(r, s)), Title: name, Details: []string{settings}})
	}
	mixed, err := mixtures(s)
	if err != nil {
		return err
	}
	return plot.WritePNG(out, plot.Grid("", append(cells, mixed...), 7))
}

// mixtures shows what a Loader makes of s and its negative, mirrored.
func mixtures(s data.Sample) ([]plot.Cell, error) {
	s.Boxes = nil
	other := data.Compose(data.Flip(), data.Invert())(nil, s)
	other.Label = 1
	var cells []plot.Cell
	for _, l := range []data.Loader{{MixUp: 1}, {CutMix: 1}} {
		l.Data, l.Batch, l.Seed = pair{s, other}, 2, 5
		title := "mixup"
		if l.CutMix > 0 {
			title = "cutmix"
		}
		for batch, err := range l.Batches(context.Background(), 0, 0) {
			if err != nil {
				return nil, err
			}
			im := data.Image{C: 3, H: s.Image.H, W: s.Image.W, Pix: batch.X.U8()[:len(s.Image.Pix)]}
			targets := batch.Targets.F32()
			cells = append(cells, plot.Cell{Image: plot.Picture(im), Title: title, Details: []string{fmt.Sprintf("%.2f and %.2f", targets[0], targets[1])}})
		}
	}
	return cells, nil
}

// pair is a dataset of two samples.
type pair [2]data.Sample

func (p pair) Len() int                          { return 2 }
func (p pair) Classes() []string                 { return []string{"picture", "negative"} }
func (p pair) Name(i int) string                 { return p.Classes()[i] }
func (p pair) Sample(i int) (data.Sample, error) { return p[i], nil }

// scene is a house under the sun.
func scene() data.Sample {
	const h, w = 96, 128
	im := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			im.SetRGBA(x, y, paint(float64(x), float64(y)))
		}
	}
	return data.Sample{Image: data.FromImage(im, 3, h, w), Boxes: []data.Box{{X0: 30, Y0: 34, X1: 78, Y1: 82}}}
}

// paint returns the colour of the scene at a place.
func paint(x, y float64) color.RGBA {
	within := func(x0, y0, x1, y1 float64) bool { return x >= x0 && x < x1 && y >= y0 && y < y1 }
	switch {
	case within(50, 66, 58, 82):
		return color.RGBA{90, 60, 40, 255} // door
	case within(37, 60, 46, 69) || within(62, 60, 71, 69):
		return color.RGBA{110, 170, 215, 255} // windows
	case within(33, 54, 75, 82):
		return color.RGBA{236, 222, 190, 255} // walls
	case y >= 34 && y < 54 && math.Abs(x-54) < 4+(y-34):
		return color.RGBA{190, 70, 50, 255} // roof
	case math.Hypot(x-102, y-22) < 11:
		return color.RGBA{255, 214, 80, 255} // sun
	case math.Hypot(x-100, y-66) < 13:
		return color.RGBA{40, 110, 50, 255} // tree
	case within(97, 70, 103, 86):
		return color.RGBA{100, 70, 45, 255}
	case y > 76+4*math.Sin(x/17):
		return color.RGBA{uint8(110 + 20*math.Sin(x/3)), 170, 80, 255} // meadow
	}
	return color.RGBA{uint8(120 + y), uint8(170 + y/2), 235, 255} // sky
}

// outlined returns the picture of s with its boxes.
func outlined(s data.Sample) image.Image {
	im := s.Image
	im.Pix = append([]uint8(nil), im.Pix...)
	for _, b := range s.Boxes {
		x0, y0, x1, y1 := int(b.X0), int(b.Y0), min(im.W-1, int(b.X1)), min(im.H-1, int(b.Y1))
		for c, v := range [3]uint8{255, 0, 160} {
			plane := im.Pix[c*im.H*im.W:][:im.H*im.W]
			for x := x0; x <= x1; x++ {
				plane[y0*im.W+x], plane[y1*im.W+x] = v, v
			}
			for y := y0; y <= y1; y++ {
				plane[y*im.W+x0], plane[y*im.W+x1] = v, v
			}
		}
	}
	return plot.Picture(im)
}
