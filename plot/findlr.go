package plot

import (
	"fmt"
	"image"
	"math"

	"github.com/lince-ml/lince/train"
	gplot "gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// FindRate draws the loss of a sweep over the learning rate, with the two suggestions.
func FindRate(s *train.RateSweep) (image.Image, error) {
	p := newPlot("Loss while the learning rate rises", "learning rate", "")
	p.X.Scale, p.X.Tick.Marker, p.Y.Tick.Marker = gplot.LogScale{}, gplot.TickerFunc(powers), ticks(0)
	p.Legend.TextStyle.Font = sans(9, false)
	p.Legend.Padding = 2 * vg.Millimeter
	p.Legend.Top, p.Legend.Left = true, true
	p.Add(horizontals())
	var raw, smooth plotter.XYs
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, point := range s.Points {
		raw = append(raw, plotter.XY{X: point.Rate, Y: point.Loss})
		smooth = append(smooth, plotter.XY{X: point.Rate, Y: point.Smooth})
		lo, hi = min(lo, point.Smooth), max(hi, point.Smooth)
	}
	dots, err := plotter.NewScatter(raw)
	if err != nil {
		return nil, fmt.Errorf("plot the learning rates: %w", err)
	}
	line, err := plotter.NewLine(smooth)
	if err != nil {
		return nil, fmt.Errorf("plot the learning rates: %w", err)
	}
	dots.Shape, dots.Color, dots.Radius = draw.CircleGlyph{}, rule, vg.Points(1.5)
	line.Color, line.Width = blue, vg.Points(1.6)
	p.Add(dots, line)
	p.Legend.Add("each step", dots)
	p.Legend.Add("smoothed", line)
	for _, mark := range []struct {
		rate float64
		name string
		line *plotter.Line
	}{{s.Steepest, "falls fastest", &plotter.Line{}}, {s.Tenth, "a tenth of the lowest", &plotter.Line{}}} {
		margin := (hi - lo) / 12
		mark.line.XYs = plotter.XYs{{X: mark.rate, Y: lo - margin}, {X: mark.rate, Y: hi + margin}}
		mark.line.Color, mark.line.Width = orange, vg.Points(1.2)
		if mark.rate == s.Tenth {
			mark.line.Color = green
		}
		p.Add(mark.line)
		p.Legend.Add(fmt.Sprintf("%s  %.2g", mark.name, mark.rate), mark.line)
	}
	p.Y.Min, p.Y.Max = lo-(hi-lo)/12, hi+(hi-lo)/12
	c, m := newCanvas(6.4*vg.Inch, 4*vg.Inch)
	pad := 0.12 * vg.Inch
	p.Draw(draw.Crop(draw.New(c), pad, -2*pad, pad, -pad))
	return m, nil
}

// powers returns a tick at each power of ten.
func powers(lo, hi float64) []gplot.Tick {
	var list []gplot.Tick
	for e := math.Ceil(math.Log10(lo) - 1e-9); e <= math.Log10(hi)+1e-9; e++ {
		list = append(list, gplot.Tick{Value: math.Pow(10, e), Label: fmt.Sprintf("%g", math.Pow(10, e))})
	}
	return list
}
