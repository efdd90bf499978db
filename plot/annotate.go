package plot

import (
	"image"
	"image/color"
	"math"

	"github.com/lince-ml/lince/data"
	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"gonum.org/v1/plot/vg"
)

// A Thing is something in a picture, to be drawn.
type Thing struct {
	Box   [4]float32 // x0, y0, x1, y1 in pixels of the image
	Label string     // written beside it, if not ""
	Color int        // which colour it has, such as its class: see Color
	Mask  *data.Mask // of the size of the image, not 0 where the thing is; nil for the box alone
}

// AnnotateOptions says how Annotate and Segments draw.
type AnnotateOptions struct {
	Side   int  // pixels of the longer side of the result; 0 for those of the image
	Legend bool // of Segments: below the picture, a legend
}

// Annotate draws things on an image: masks as a shade with an outline, boxes, and labels, which stay inside of the picture and do not lie over each other
// where there is room. Lines and letters are as thick and large as suits the picture.
func Annotate(img image.Image, things []Thing, opt AnnotateOptions) image.Image {
	a := newAnnotation(img, opt.Side)
	for _, t := range things {
		if t.Mask != nil && t.Mask.H*t.Mask.W == len(t.Mask.Pix) {
			a.mask(t)
		}
	}
	for _, t := range things {
		a.box(t)
	}
	var taken []image.Rectangle
	for _, t := range things {
		if t.Label != "" {
			taken = append(taken, a.label(t, taken))
		}
	}
	return a.m
}

// An annotation is a picture that is drawn on.
type annotation struct {
	m     *image.RGBA
	scale float64 // pixels of the picture per pixel of the image
	line  int     // width of lines
	face  font.Face
}

// newAnnotation returns the image with the longer side given, 0 for its own.
func newAnnotation(img image.Image, side int) *annotation {
	b := img.Bounds()
	a := &annotation{scale: 1}
	if longer := max(b.Dx(), b.Dy()); side > 0 && longer > 0 {
		a.scale = float64(side) / float64(longer)
	}
	size := func(n int) int { return max(1, int(math.Round(float64(n)*a.scale))) }
	a.m = image.NewRGBA(image.Rect(0, 0, size(b.Dx()), size(b.Dy())))
	var how draw.Interpolator = draw.CatmullRom
	if a.scale >= 2 || a.scale == 1 {
		how = draw.NearestNeighbor
	}
	draw.Draw(a.m, a.m.Rect, image.White, image.Point{}, draw.Src)
	how.Scale(a.m, a.m.Rect, img, b, draw.Over, nil)
	mean := float64(a.m.Rect.Dx()+a.m.Rect.Dy()) / 2
	a.line = max(1, int(math.Round(0.004*mean)))
	a.face = face(vg.Length(min(max(0.026*mean, 12), 60)/2), true) // points, of which one is two pixels
	return a
}

// shade is the share of the colour where a mask is.
const shade = 0.4

// mask draws the mask of t: a shade, and its full colour along the edge.
func (a *annotation) mask(t Thing) {
	in := func(x, y int) bool {
		u, v := int((float64(x)+0.5)/a.scale), int((float64(y)+0.5)/a.scale)
		return x >= 0 && y >= 0 && u < t.Mask.W && v < t.Mask.H && t.Mask.Pix[v*t.Mask.W+u] != 0
	}
	c, d := Color(t.Color), a.line
	for y := range a.m.Rect.Dy() {
		for x := range a.m.Rect.Dx() {
			if !in(x, y) {
				continue
			}
			share := shade
			if !in(x-d, y) || !in(x+d, y) || !in(x, y-d) || !in(x, y+d) {
				share = 0.9
			}
			tint(a.m, x, y, c, share)
		}
	}
}

// tint gives a pixel a share of a colour.
func tint(m *image.RGBA, x, y int, c color.RGBA, share float64) {
	p := m.Pix[m.PixOffset(x, y):][:3]
	for i, v := range [3]uint8{c.R, c.G, c.B} {
		p[i] = uint8((1-share)*float64(p[i]) + share*float64(v) + 0.5)
	}
}

// rect returns where the box of t is in the picture; its lines are inside.
func (a *annotation) rect(t Thing) image.Rectangle {
	at := func(v float32, limit int) int { // whatever numbers a box has
		return int(math.Round(min(max(float64(v)*a.scale, -8), float64(limit)+8)))
	}
	w, h := a.m.Rect.Dx(), a.m.Rect.Dy()
	return image.Rect(at(t.Box[0], w), at(t.Box[1], h), at(t.Box[2], w), at(t.Box[3], h))
}

// box draws the frame of t, with a thin dark line around so that it is seen on any ground.
func (a *annotation) box(t Thing) {
	r := a.rect(t)
	a.frame(r.Inset(-1), 1, color.RGBA{0, 0, 0, 255}, 0.5)
	a.frame(r, a.line, Color(t.Color), 1)
}

// frame draws the edges of r, width pixels inwards.
func (a *annotation) frame(r image.Rectangle, width int, c color.RGBA, share float64) {
	inner := r.Inset(width)
	visible := r.Intersect(a.m.Rect)
	for y := visible.Min.Y; y < visible.Max.Y; y++ {
		for x := visible.Min.X; x < visible.Max.X; x++ {
			if (image.Point{x, y}).In(inner) {
				x = inner.Max.X - 1
				continue
			}
			tint(a.m, x, y, c, share)
		}
	}
}

// label writes the label of t where it is in nobody's way, and returns where that is.
func (a *annotation) label(t Thing, taken []image.Rectangle) image.Rectangle {
	pad, metrics := a.line+1, a.face.Metrics()
	ascent := metrics.Ascent.Ceil()
	text := shorten(a.face, t.Label, a.m.Rect.Dx()-2*pad)
	size := image.Pt(font.MeasureString(a.face, text).Ceil()+2*pad, ascent+metrics.Descent.Ceil())
	at := besides(a.rect(t), size, a.m.Rect, taken)
	c := Color(t.Color)
	draw.Draw(a.m, at, image.NewUniform(c), image.Point{}, draw.Src)
	write(a.m, a.face, legible(c), text, at.Min.X+pad, at.Min.Y+ascent, size.X, false)
	return at
}

// besides returns where a label of the given size, no wider than the picture, stands: above the box, at its upper edge inside, at its lower edge outside or inside,
// or above to the right; moved into the picture. It is the first of these that lies over the least of what is taken.
func besides(box image.Rectangle, size image.Point, picture image.Rectangle, taken []image.Rectangle) (best image.Rectangle) {
	least := math.MaxInt
	for _, p := range []image.Point{
		{box.Min.X, box.Min.Y - size.Y}, box.Min, {box.Min.X, box.Max.Y}, {box.Min.X, box.Max.Y - size.Y}, {box.Max.X - size.X, box.Min.Y - size.Y},
	} {
		r := image.Rectangle{p, p.Add(size)}
		r = r.Add(image.Pt(min(picture.Max.X-r.Max.X, 0), min(picture.Max.Y-r.Max.Y, 0)))
		r = r.Add(image.Pt(max(picture.Min.X-r.Min.X, 0), max(picture.Min.Y-r.Min.Y, 0)))
		covered := 0
		for _, t := range taken {
			over := r.Intersect(t).Size()
			covered += over.X * over.Y
		}
		if covered < least {
			best, least = r, covered
		}
	}
	return best.Intersect(picture)
}

// Color returns the colour of a class, or of anything that is counted. The first are easy to tell apart; none is near black, white or grey. Hues follow the golden
// angle, so that each is far from those before it, in three lightnesses.
func Color(i int) color.RGBA {
	hue := (30 + 137.508*float64(i&0xffff)) * math.Pi / 180
	lightness := [3]float64{0.72, 0.56, 0.86}[(i&0xffff)%3]
	const chroma = 0.17
	return oklab(lightness, chroma*math.Cos(hue), chroma*math.Sin(hue))
}

// legible returns black or white, which has more contrast on c (WCAG 2.1, contrast ratio).
func legible(c color.RGBA) color.Color {
	linear := func(v uint8) float64 { return math.Pow(float64(v)/255, 2.2) }
	if 0.2126*linear(c.R)+0.7152*linear(c.G)+0.0722*linear(c.B) > 0.179 {
		return color.Black
	}
	return color.White
}
