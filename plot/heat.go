package plot

import (
	"image"
	"image/color"
	"math"
	"slices"

	"golang.org/x/image/draw"
)

// Heat returns the colour of a share, 0 to 1: from near black over violet, red and orange to a pale yellow. Equal steps look equal: the
// lightness of the OKLab space (Ottosson, "A perceptual color space for image processing", 2020) rises evenly, so the order remains in grey
// and for colour-blind people.
func Heat(share float64) color.RGBA {
	v := min(max(share, 0), 1)
	if math.IsNaN(share) {
		v = 0
	}
	lightness := 0.15 + 0.81*v
	hue := (300 + 165*v) * math.Pi / 180 // violet to yellow, over red
	chroma := 0.06 + 0.5*v*(1-v)
	return oklab(lightness, chroma*math.Cos(hue), chroma*math.Sin(hue))
}

// oklab returns the colour of the coordinates, as near as sRGB comes to it.
func oklab(lightness, a, b float64) color.RGBA {
	cube := func(x float64) float64 { return x * x * x }
	l := cube(lightness + 0.3963377774*a + 0.2158037573*b)
	m := cube(lightness - 0.1055613458*a - 0.0638541728*b)
	s := cube(lightness - 0.0894841775*a - 1.2914855480*b)
	encode := func(x float64) uint8 { // IEC 61966-2-1
		x = min(max(x, 0), 1)
		if x <= 0.0031308 {
			x *= 12.92
		} else {
			x = 1.055*math.Pow(x, 1/2.4) - 0.055
		}
		return uint8(math.Round(255 * x))
	}
	return color.RGBA{
		encode(4.0767416621*l - 3.3077115913*m + 0.2309699292*s),
		encode(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s),
		encode(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s),
		255,
	}
}

// HeatMap draws h rows of w numbers: low is dark, high is bright.
func HeatMap(values []float32, h, w int, low, high float32) image.Image {
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i, v := range values {
		m.SetRGBA(i%w, i/w, Heat(float64((v-low)/nonzero(high-low))))
	}
	return m
}

// Overlay lays a heat map of h rows of w numbers, 0 or more, over a picture in grey: the larger the number, the less of the picture is seen.
func Overlay(picture image.Image, values []float32, h, w int) image.Image {
	box := image.Rect(0, 0, picture.Bounds().Dx(), picture.Bounds().Dy())
	if longer := max(box.Dx(), box.Dy()); longer < overlaySide { // a map of few pixels would have steps
		f := overlaySide / longer
		box.Max = image.Pt(box.Dx()*f, box.Dy()*f)
	}
	grey := image.NewGray(box)
	var how draw.Interpolator = draw.CatmullRom
	if box.Dx() > picture.Bounds().Dx() {
		how = draw.NearestNeighbor
	}
	how.Scale(grey, box, picture, picture.Bounds(), draw.Src, nil)

	largest := max(0, slices.Max(values))
	share := image.NewGray16(image.Rect(0, 0, w, h))
	for i, v := range values {
		share.SetGray16(i%w, i/w, color.Gray16{Y: uint16(65535 * max(0, v) / nonzero(largest))})
	}
	smooth := image.NewGray16(box)
	draw.BiLinear.Scale(smooth, box, share, share.Bounds(), draw.Src, nil)

	out := image.NewRGBA(box)
	for y := range box.Dy() {
		for x := range box.Dx() {
			s := float64(smooth.Gray16At(x, y).Y) / 65535
			c, g := Heat(s), float64(grey.GrayAt(x, y).Y)
			blend := func(v uint8) uint8 { return uint8((1-overlayShare)*g + overlayShare*float64(v) + 0.5) }
			out.SetRGBA(x, y, color.RGBA{blend(c.R), blend(c.G), blend(c.B), 255})
		}
	}
	return out
}

const (
	overlaySide  = 320  // pixels that the longer side of an overlay has about
	overlayShare = 0.62 // of the heat map in it
)
