package plot

import (
	"image"
	"image/color"
	"math"

	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/math/fixed"
)

// A Mark says which colour a Cell's text has.
type Mark uint8

// The marks.
const (
	Plain Mark = iota
	Right
	Wrong
)

// A Cell is a picture of a grid with text below it.
type Cell struct {
	Image   image.Image
	Title   string   // in bold type
	Details []string // lines below, smaller
	Mark    Mark
}

const (
	tile = 160 // pixels of a picture's box in a Grid, width and height
	gap  = 20  // between boxes, around all, and from line to line
)

// Grid draws pictures in rows, under a title ("" for none), columns to a row; 0 columns let Grid choose. Pictures keep their
// proportions; small ones are enlarged so that their pixels stay visible.
func Grid(title string, cells []Cell, columns int) image.Image {
	return GridOf(title, cells, columns, tile)
}

// GridOf is Grid with pictures in boxes of tile x tile pixels.
func GridOf(title string, cells []Cell, columns, tile int) image.Image {
	if columns <= 0 {
		columns = fairColumns(len(cells))
	}
	columns = max(1, min(columns, len(cells)))
	rows := (len(cells) + columns - 1) / columns
	bold, plain, head := face(10, true), face(8.5, false), face(12, true)
	lines := 0
	for _, c := range cells {
		lines = max(lines, 1+len(c.Details))
	}
	height := tile + lines*gap + 18 // of a row
	top := gap
	if title != "" {
		top += 2 * gap
	}
	m := image.NewRGBA(image.Rect(0, 0, gap+columns*(tile+gap), top+rows*height))
	draw.Draw(m, m.Bounds(), image.White, image.Point{}, draw.Src)
	write(m, head, ink, title, gap, top-gap, m.Bounds().Dx()-2*gap, false)
	for i, c := range cells {
		x, y := gap+i%columns*(tile+gap), top+i/columns*height
		place(m, image.Rect(x, y, x+tile, y+tile), c.Image)
		write(m, bold, markColour(c.Mark), c.Title, x, y+tile+gap+2, tile, true)
		for k, line := range c.Details {
			write(m, plain, pale, line, x, y+tile+(k+2)*gap+2, tile, true)
		}
	}
	return m
}

// fairColumns returns a number of columns that makes n cells about half as wide again as high, with few places left empty.
func fairColumns(n int) int {
	const most = 8
	middle := int(math.Ceil(math.Sqrt(1.5 * float64(n))))
	best, fewest := min(middle, most), n
	for c := max(1, middle-1); c <= min(middle+2, most); c++ {
		if empty := (c - n%c) % c; empty <= fewest {
			best, fewest = c, empty
		}
	}
	return best
}

func markColour(k Mark) color.Color {
	switch k {
	case Right:
		return green
	case Wrong:
		return orange
	}
	return ink
}

// place draws src into the middle of box, as large as it fits, inside a thin frame.
func place(dst draw.Image, box image.Rectangle, src image.Image) {
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	if w == 0 || h == 0 {
		return
	}
	scale := min(float64(box.Dx())/float64(w), float64(box.Dy())/float64(h))
	dw, dh := max(1, int(math.Round(float64(w)*scale))), max(1, int(math.Round(float64(h)*scale)))
	at := image.Rect(0, 0, dw, dh).Add(box.Min).Add(image.Pt((box.Dx()-dw)/2, (box.Dy()-dh)/2))
	draw.Draw(dst, at.Inset(-1), image.NewUniform(rule), image.Point{}, draw.Src)
	var how draw.Interpolator = draw.CatmullRom
	if scale >= 2 {
		how = draw.NearestNeighbor
	}
	draw.Draw(dst, at, image.White, image.Point{}, draw.Src) // what shows through transparent pictures
	how.Scale(dst, at, src, src.Bounds(), draw.Over, nil)
}

// write draws text with its baseline at y, cut to width pixels; centred in them if asked.
func write(dst draw.Image, f font.Face, c color.Color, s string, x, y, width int, centred bool) {
	s = shorten(f, s, width)
	if centred {
		x += (width - font.MeasureString(f, s).Round()) / 2
	}
	d := font.Drawer{Dst: dst, Src: image.NewUniform(c), Face: f, Dot: fixed.P(x, y)}
	d.DrawString(s)
}

// shorten takes letters from the middle of s, where a path says least, until it fits width pixels.
func shorten(f font.Face, s string, width int) string {
	letters := []rune(s)
	for n := len(letters); font.MeasureString(f, s).Ceil() > width && n > 2; n-- {
		s = string(letters[:n/2]) + "…" + string(letters[len(letters)-(n-n/2-1):])
	}
	return s
}
