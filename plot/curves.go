package plot

import (
	"fmt"
	"image"
	"image/color"
	"math"

	gplot "gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Curve is a quantity over the epochs. NaN and infinite values are left out.
type Curve struct {
	Name   string // as in the legend
	Epochs []int
	Values []float64
}

// A Panel is a set of curves with one vertical axis.
type Panel struct {
	Title  string
	Label  string // of the vertical axis
	Curves []Curve
}

// Curves draws the panels side by side. The last value of each curve stands in the legend.
func Curves(panels ...Panel) (image.Image, error) {
	const width, height = 4.6 * vg.Inch, 3.4 * vg.Inch
	row := make([]*gplot.Plot, len(panels))
	for i, p := range panels {
		var err error
		if row[i], err = panel(p); err != nil {
			return nil, err
		}
	}
	c, m := newCanvas(width*vg.Length(len(panels)), height)
	tiles := draw.Tiles{
		Rows: 1, Cols: len(panels), PadX: 0.35 * vg.Inch,
		PadTop: 0.12 * vg.Inch, PadBottom: 0.1 * vg.Inch, PadLeft: 0.1 * vg.Inch, PadRight: 0.2 * vg.Inch,
	}
	for i, dc := range gplot.Align([][]*gplot.Plot{row}, tiles, draw.New(c))[0] {
		row[i].Draw(dc)
	}
	return m, nil
}

func panel(d Panel) (*gplot.Plot, error) {
	p := newPlot(d.Title, "epoch", d.Label)
	p.X.Tick.Marker, p.Y.Tick.Marker = ticks(1), ticks(0) // there is no half epoch
	p.Legend.TextStyle.Font = sans(9, false)
	p.Legend.Padding = 2 * vg.Millimeter
	p.Add(horizontals())
	for i, c := range d.Curves {
		xy := points(c)
		if len(xy) == 0 {
			continue
		}
		line, dots, err := plotter.NewLinePoints(xy)
		if err != nil {
			return nil, fmt.Errorf("plot %s: %w", c.Name, err)
		}
		line.Color, line.Width = []color.Color{blue, orange, green}[i%3], vg.Points(1.6)
		dots.Shape, dots.Color, dots.Radius = draw.CircleGlyph{}, line.Color, vg.Points(2)
		p.Add(line, dots)
		p.Legend.Add(fmt.Sprintf("%s  %.4g", c.Name, xy[len(xy)-1].Y), line)
	}
	focus(p, d.Curves)
	p.Legend.Top = emptier(p, d.Curves)
	return p, nil
}

// emptier reports whether the curves leave more room in the upper right corner than in the lower.
func emptier(p *gplot.Plot, curves []Curve) bool {
	above, below := math.Inf(1), math.Inf(1)
	for _, c := range curves {
		for _, v := range points(c) {
			if v.X >= p.X.Min+0.6*(p.X.Max-p.X.Min) {
				above, below = min(above, p.Y.Max-v.Y), min(below, v.Y-p.Y.Min)
			}
		}
	}
	return above >= below
}

// focus makes the vertical axis fit the values after the first of each curve: the first epoch's is often so far off that one
// would see nothing else. Its line then leaves the picture.
func focus(p *gplot.Plot, curves []Curve) {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, c := range curves {
		xy := points(c)
		if len(xy) == 0 {
			continue
		}
		if len(xy) < 5 {
			return
		}
		for _, v := range xy[1:] {
			lo, hi = min(lo, v.Y), max(hi, v.Y)
		}
	}
	if margin := (hi - lo) / 12; margin > 0 {
		p.Y.Min, p.Y.Max = lo-margin, hi+margin
	}
}

// newPlot returns an empty plot in the style of all pictures.
func newPlot(title, x, y string) *gplot.Plot {
	p := gplot.New()
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = title, x, y
	p.Title.TextStyle.Font, p.Title.TextStyle.Color, p.Title.Padding = sans(12, true), ink, vg.Points(6)
	for _, a := range []*gplot.Axis{&p.X, &p.Y} {
		a.Label.TextStyle.Font, a.Label.TextStyle.Color = sans(10, false), ink
		a.Tick.Label.Font, a.Tick.Label.Color = sans(9, false), ink
		a.Color, a.Tick.Color = pale, pale
		a.Label.Padding = vg.Points(3)
	}
	return p
}

func horizontals() *plotter.Grid {
	g := plotter.NewGrid()
	g.Vertical.Color, g.Horizontal.Color = nil, rule
	return g
}

func points(c Curve) plotter.XYs {
	var xy plotter.XYs
	for i, v := range c.Values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			xy = append(xy, plotter.XY{X: float64(c.Epochs[i]), Y: v})
		}
	}
	return xy
}

// ticks returns a Ticker of about six round numbers that are at least step apart.
func ticks(step float64) gplot.TickerFunc {
	return func(lo, hi float64) []gplot.Tick {
		d := math.Pow(10, math.Floor(math.Log10((hi-lo)/6)))
		for _, f := range []float64{1, 2, 5, 10} {
			if (hi-lo)/(d*f) <= 7 {
				d *= f
				break
			}
		}
		d = max(d, step)
		if step == 0 {
			hi -= 0.03 * (hi - lo) // a number at the very end would move the title
		}
		var list []gplot.Tick
		for i := math.Ceil(lo/d) + 0; i*d <= hi+1e-9*d; i++ { // + 0: -0 becomes 0
			list = append(list, gplot.Tick{Value: i * d, Label: fmt.Sprintf("%.4g", i*d)})
		}
		return list
	}
}
