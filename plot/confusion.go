package plot

import (
	"fmt"
	"image"
	"image/color"
	"math"

	gplot "gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// crowd is the number of classes from which on the cells of a confusion matrix are too small for numbers and borders.
const crowd = 40

// Confusion draws the matrix of counts[true][predicted] with the names of the classes. Correct answers, on the diagonal, are blue
// and mistakes orange, the deeper the larger their share of the row; the colour follows the square root of the share, or else few
// mistakes among thousands would not show. Of many classes, the cells have no numbers, and only some have their name.
func Confusion(title string, counts [][]int, classes []string) (image.Image, error) {
	n := len(classes)
	if len(counts) != n {
		return nil, fmt.Errorf("plot confusion: %d rows of counts for %d classes", len(counts), n)
	}
	p := newPlot(title, "predicted class", "true class")
	cell := 0.42 * vg.Inch
	switch {
	case n > crowd:
		cell = 12 * vg.Inch / vg.Length(n)
	case n > 30:
		cell = 0.3 * vg.Inch
	}
	every := 1 // how many classes have one name
	if n > crowd {
		size := min(9, max(6.5, cell*0.8))
		p.X.Tick.Label.Font, p.Y.Tick.Label.Font = sans(size, false), sans(size, false)
		every = int(math.Ceil(float64(size * 1.2 / cell)))
	}
	p.X.Tick.Marker, p.Y.Tick.Marker = classTicks(classes, every, false), classTicks(classes, every, true)
	for _, axis := range []*gplot.Axis{&p.X, &p.Y} {
		axis.Min, axis.Max, axis.Padding = -0.5, float64(n)-0.5, 2
		axis.LineStyle.Width, axis.Tick.Color, axis.Tick.Length = 0, color.Transparent, 4 // only the distance of the labels
	}
	p.Add(matrix(counts))

	names := vg.Length(0) // width of the longest
	for _, s := range classes {
		names = max(names, p.X.Tick.Label.Width(shortened(s)))
	}
	table := max(cell*vg.Length(n), 2.8*vg.Inch)
	height := table + 0.9*vg.Inch
	if names > 0.9*table/vg.Length(n)*vg.Length(every) { // they would run into each other, so they stand upright
		height += names
		p.X.Tick.Label.Rotation = math.Pi / 2
		p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = text.XRight, text.YCenter
	}
	c, m := newCanvas(table+names+0.8*vg.Inch, height)
	pad := 0.1 * vg.Inch
	p.Draw(draw.Crop(draw.New(c), pad, -2*pad, pad, -pad))
	return m, nil
}

func classTicks(classes []string, every int, down bool) gplot.ConstantTicks {
	var ticks gplot.ConstantTicks
	for i := 0; i < len(classes); i += every {
		at := i
		if down { // row 0 at the top
			at = len(classes) - 1 - i
		}
		ticks = append(ticks, gplot.Tick{Value: float64(at), Label: shortened(classes[i])})
	}
	return ticks
}

// shortened returns a name of a class that leaves room for the matrix.
func shortened(name string) string {
	const most = 30
	if letters := []rune(name); len(letters) > most {
		return string(letters[:most-1]) + "…"
	}
	return name
}

// A matrix plots counts[row][column] as coloured cells, row 0 at the top.
type matrix [][]int

// Plot implements plot.Plotter.
func (counts matrix) Plot(c draw.Canvas, p *gplot.Plot) {
	tx, ty := p.Transforms(&c)
	half := (tx(1) - tx(0)) / 2
	size := min(half*0.62, 10)
	crowded := len(counts) > crowd
	for i, row := range counts {
		total := 0
		for _, v := range row {
			total += v
		}
		for j, v := range row {
			if v == 0 && crowded {
				continue
			}
			x, y := tx(float64(j)), ty(float64(len(counts)-1-i))
			depth := math.Sqrt(float64(v) / math.Max(1, float64(total)))
			base := orange
			if i == j {
				base = blue
			}
			box := []vg.Point{{X: x - half, Y: y - half}, {X: x + half, Y: y - half}, {X: x + half, Y: y + half}, {X: x - half, Y: y + half}}
			c.FillPolygon(mix(base, depth), box)
			if crowded {
				continue
			}
			c.StrokeLines(draw.LineStyle{Color: rule, Width: vg.Points(0.6)}, append(box, box[0]))
			style := text.Style{Color: ink, Font: sans(size, i == j), XAlign: text.XCenter, YAlign: text.YCenter, Handler: p.TextHandler}
			if depth > 0.6 {
				style.Color = color.White
			}
			if v > 0 {
				s := fmt.Sprint(v)
				if w := style.Width(s); w > 1.8*half {
					style.Font.Size *= 1.8 * half / w
				}
				c.FillText(style, vg.Point{X: x, Y: y}, s)
			}
		}
	}
	if crowded {
		corner := func(x, y float64) vg.Point { return vg.Point{X: tx(x), Y: ty(y)} }
		lo, hi := -0.5, float64(len(counts))-0.5
		c.StrokeLines(draw.LineStyle{Color: rule, Width: vg.Points(0.8)}, []vg.Point{corner(lo, lo), corner(hi, lo), corner(hi, hi), corner(lo, hi), corner(lo, lo)})
	}
}

// mix returns c thinned with white: depth 0 is white, 1 is c.
func mix(c color.RGBA, depth float64) color.Color {
	f := func(v uint8) uint8 { return uint8(math.Round(255 + depth*(float64(v)-255))) }
	return color.RGBA{f(c.R), f(c.G), f(c.B), 255}
}
