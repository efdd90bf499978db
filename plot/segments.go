package plot

import (
	"image"

	"github.com/lince-ml/lince/data"
	"golang.org/x/image/draw"
)

// Segments lays the colour of each pixel's class over an image. Where the class is "background", or nothing is known, the image stays as it is. The legend has
// the classes that are there.
func Segments(img image.Image, mask *data.Mask, classes []string, opt AnnotateOptions) image.Image {
	a := newAnnotation(img, opt.Side)
	there := make([]bool, len(classes))
	for y := range a.m.Rect.Dy() {
		for x := range a.m.Rect.Dx() {
			v, ok := a.class(mask, x, y)
			if !ok {
				continue
			}
			if int(v) < len(classes) {
				there[v] = true
				if classes[v] == background {
					continue
				}
			}
			share := 0.5
			right, _ := a.class(mask, min(x+a.line, a.m.Rect.Max.X-1), y)
			below, _ := a.class(mask, x, min(y+a.line, a.m.Rect.Max.Y-1))
			if right != v || below != v {
				share = 0.9 // the edge
			}
			tint(a.m, x, y, Color(int(v)), share)
		}
	}
	if !opt.Legend {
		return a.m
	}
	var shown []int
	for c, is := range there {
		if is {
			shown = append(shown, c)
		}
	}
	return above(a.m, legend(classes, shown, a.m.Rect.Dx()), 0)
}

// background is the name of the class of all that is no thing.
const background = "background"

// class returns the class of a pixel of the picture; ok is false where nothing is known.
func (a *annotation) class(mask *data.Mask, x, y int) (v uint16, ok bool) {
	u, w := int((float64(x)+0.5)/a.scale), int((float64(y)+0.5)/a.scale)
	if u >= mask.W || w >= mask.H {
		return data.Ignore, false
	}
	v = mask.Pix[w*mask.W+u]
	return v, v != data.Ignore
}

// Legend draws the names of the classes beside their colours, in as many columns as fit into width pixels.
func Legend(classes []string, width int) image.Image {
	all := make([]int, len(classes))
	for i := range all {
		all[i] = i
	}
	return legend(classes, all, width)
}

func legend(classes []string, shown []int, width int) image.Image {
	const column, row = 150, 22
	columns := max(1, width/column)
	rows := (len(shown) + columns - 1) / columns
	m := image.NewRGBA(image.Rect(0, 0, width, rows*row))
	draw.Draw(m, m.Rect, image.White, image.Point{}, draw.Src)
	plain := face(8.5, false)
	for i, c := range shown {
		x, y := i%columns*column, i/columns*row
		swatch := image.Rect(x+3, y+5, x+17, y+19)
		draw.Draw(m, swatch.Inset(-1), image.NewUniform(pale), image.Point{}, draw.Src)
		if classes[c] == background {
			draw.Draw(m, swatch, image.White, image.Point{}, draw.Src)
		} else {
			draw.Draw(m, swatch, image.NewUniform(Color(c)), image.Point{}, draw.Src)
		}
		write(m, plain, ink, classes[c], x+24, y+18, column-30, false)
	}
	return m
}

// above returns a picture of two, one above the other, which has a margin on the left and below.
func above(top, bottom image.Image, margin int) image.Image {
	t, b := top.Bounds(), bottom.Bounds()
	m := image.NewRGBA(image.Rect(0, 0, max(t.Dx(), margin+b.Dx()), t.Dy()+4+b.Dy()+margin))
	draw.Draw(m, m.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(m, t.Sub(t.Min), top, t.Min, draw.Src)
	draw.Draw(m, b.Sub(b.Min).Add(image.Pt(margin, t.Dy()+4)), bottom, b.Min, draw.Src)
	return m
}

// A Pair is what is right of an image and what was predicted, both drawn.
type Pair struct {
	Truth, Prediction image.Image
	Title             string // such as the name of the image
	Detail            string
}

// Pairs draws pairs in rows of two, with a title above all ("" for none).
func Pairs(title string, pairs []Pair) image.Image {
	var cells []Cell
	for _, p := range pairs {
		cells = append(cells, Cell{Image: p.Truth, Title: "truth", Details: []string{p.Title}}, Cell{Image: p.Prediction, Title: "predicted", Details: []string{p.Detail}})
	}
	return GridOf(title, cells, min(4, len(cells)), panelSide)
}
