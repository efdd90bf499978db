package plot

import (
	"image"

	"github.com/lince-ml/lince/metric"
	gplot "gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Reliability draws, beside each other, how often the network is right by how sure it is, and how many images each bar stands for. Bars below
// the dashed line stand for too much confidence (DeGroot & Fienberg, "The comparison and evaluation of forecasters", 1983).
func Reliability(bins []metric.Bin) image.Image {
	total := 0
	for _, b := range bins {
		total += b.N
	}
	p := unitPlot("Calibration: expected error "+metric.Percent(metric.ECE(bins)), "confidence", "accuracy")
	counts := unitPlot("Images by confidence", "confidence", "share of the images")
	accuracy, share := bars{}, bars{}
	for _, b := range bins {
		accuracy = append(accuracy, b.Accuracy)
		share = append(share, float64(b.N)/float64(max(1, total)))
	}
	p.Add(accuracy, diagonal())
	counts.Add(share)
	return sideBySide(p, counts)
}

// bars are the heights, 0 to 1, of bars that divide the axis from 0 to 1 evenly.
type bars []float64

// Plot implements plot.Plotter.
func (b bars) Plot(c draw.Canvas, p *gplot.Plot) {
	tx, ty := p.Transforms(&c)
	for i, v := range b {
		if v == 0 {
			continue
		}
		left, right := tx(float64(i)/float64(len(b))), tx(float64(i+1)/float64(len(b)))
		box := []vg.Point{{X: left, Y: ty(0)}, {X: right, Y: ty(0)}, {X: right, Y: ty(v)}, {X: left, Y: ty(v)}}
		c.FillPolygon(mix(blue, 0.75), box)
		c.StrokeLines(draw.LineStyle{Color: blue, Width: vg.Points(0.8)}, append(box, box[0]))
	}
}
