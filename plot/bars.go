package plot

import (
	"image"
	"image/color"
	"math"

	gplot "gonum.org/v1/plot"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A barChart shows named values as bars from left to right, one below the other.
type barChart struct {
	title string
	bars  []bar
}

// A bar has the number beside it written for people.
type bar struct {
	name   string
	value  float64 // 0 or more; NaN is left out
	number string
}

// barCharts draws charts of the same names side by side.
func barCharts(charts ...barChart) image.Image {
	rows := max(1, len(charts[0].bars))
	c, m := newCanvas(4.6*vg.Inch*vg.Length(len(charts)), vg.Length(rows)*0.27*vg.Inch+0.6*vg.Inch)
	tiles := draw.Tiles{
		Rows: 1, Cols: len(charts), PadX: 0.35 * vg.Inch,
		PadTop: 0.12 * vg.Inch, PadBottom: 0.1 * vg.Inch, PadLeft: 0.1 * vg.Inch, PadRight: 0.2 * vg.Inch,
	}
	var plots []*gplot.Plot
	for _, chart := range charts {
		p := newPlot(chart.title, "", "")
		p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, -0.5, float64(rows)-0.5
		names := gplot.ConstantTicks{}
		for i, b := range chart.bars {
			names = append(names, gplot.Tick{Value: float64(rows - 1 - i), Label: shortened(b.name)})
		}
		p.Y.Tick.Marker, p.X.Tick.Marker = names, gplot.ConstantTicks{}
		p.Y.Tick.Length, p.Y.LineStyle.Width, p.X.LineStyle.Width = 0, 0, 0
		p.Y.Tick.Color = color.Transparent
		p.Add(chart)
		plots = append(plots, p)
	}
	for i, dc := range gplot.Align([][]*gplot.Plot{plots}, tiles, draw.New(c))[0] {
		plots[i].Draw(dc)
	}
	return m
}

// Plot implements plot.Plotter: the longest bar leaves room for the numbers.
func (chart barChart) Plot(c draw.Canvas, p *gplot.Plot) {
	style := text.Style{Color: ink, Font: sans(9, false), XAlign: text.XLeft, YAlign: text.YCenter, Handler: p.TextHandler}
	most, room := 0.0, vg.Length(0)
	for _, b := range chart.bars {
		if !math.IsNaN(b.value) {
			most = max(most, b.value)
		}
		room = max(room, style.Width(b.number)+vg.Points(8))
	}
	tx, ty := p.Transforms(&c)
	half := (ty(1) - ty(0)) * 0.36
	for i, b := range chart.bars {
		y, right := ty(float64(len(chart.bars)-1-i)), tx(0)
		if b.value > 0 {
			right += (tx(1) - tx(0) - room) * vg.Length(b.value/most)
			c.FillPolygon(blue, []vg.Point{{X: tx(0), Y: y - half}, {X: right, Y: y - half}, {X: right, Y: y + half}, {X: tx(0), Y: y + half}})
		}
		c.FillText(style, vg.Point{X: right + vg.Points(4), Y: y}, b.number)
	}
}
