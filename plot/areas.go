package plot

import (
	"cmp"
	"fmt"
	"image"
	"image/color"
	"math"
	"slices"

	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/task/classify"
	gplot "gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// lines is how many classes have a line of their own in the picture of Areas.
const lines = 7

// Areas draws the precision-recall curves and the ROC of the classes side by side, each class against the rest: of many classes, those with
// the least average precision. The area under each curve stands in the legend, with the mean over all classes in its title.
func Areas(r *classify.Report, classes []string) (image.Image, error) {
	shown, precision, auc := areas(r, classes)
	pr := unitPlot(fmt.Sprintf("Precision and recall: mean average precision %.4g", metric.Mean(precision)), "recall", "precision")
	roc := unitPlot(fmt.Sprintf("ROC: mean area %.4g", metric.Mean(auc)), "false positive rate", "true positive rate")
	roc.Add(diagonal())
	for i, c := range shown {
		ranking := r.Ranking(c)
		for _, side := range []struct {
			p      *gplot.Plot
			points []metric.Point
			area   float64
		}{{pr, steps(ranking.PR()), precision[c]}, {roc, ranking.ROC(), auc[c]}} {
			line, err := plotter.NewLine(thinned(side.points))
			if err != nil {
				return nil, err
			}
			line.Color, line.Width = lineColours[i%len(lineColours)], vg.Points(1.6)
			side.p.Add(line)
			side.p.Legend.Add(fmt.Sprintf("%s  %.4g", classes[c], side.area), line)
		}
	}
	pr.Legend.Left = true // where the curves are not
	return sideBySide(pr, roc), nil
}

// areas returns the classes to show, those with the least average precision, and the areas of all.
func areas(r *classify.Report, classes []string) (shown []int, precision, auc []float64) {
	for c, m := range r.ByClass(classes) {
		auc, precision = append(auc, math.NaN()), append(precision, math.NaN())
		if m.ROCAUC == nil || m.AveragePrecision == nil {
			continue
		}
		auc[c], precision[c] = *m.ROCAUC, *m.AveragePrecision
		if r.Kind != modelfile.Binary || c == 1 { // of two classes, one says it all
			shown = append(shown, c)
		}
	}
	slices.SortStableFunc(shown, func(a, b int) int { return cmp.Compare(precision[a], precision[b]) })
	return shown[:min(lines, len(shown))], precision, auc
}

// lineColours are those of Okabe & Ito, but for yellow, which is hard to see on white.
var lineColours = []color.RGBA{
	blue, orange, green, {0xcc, 0x79, 0xa7, 0xff}, {0x56, 0xb4, 0xe9, 0xff}, {0xe6, 0x9f, 0x00, 0xff}, {0x33, 0x33, 0x33, 0xff},
}

// steps makes of a precision-recall curve the steps whose area is the average precision.
func steps(points []metric.Point) []metric.Point {
	var out []metric.Point
	for i, p := range points {
		if i > 0 {
			out = append(out, metric.Point{X: points[i-1].X, Y: p.Y})
		}
		out = append(out, p)
	}
	return out
}

// thinned leaves out points that are too near to be told apart.
func thinned(points []metric.Point) plotter.XYs {
	var xy plotter.XYs
	for i, p := range points {
		if last := len(xy) - 1; last >= 0 && i < len(points)-1 && math.Abs(p.X-xy[last].X)+math.Abs(p.Y-xy[last].Y) < 1e-3 {
			continue
		}
		xy = append(xy, plotter.XY{X: p.X, Y: p.Y})
	}
	return xy
}

// unitPlot returns an empty plot whose axes go from 0 to 1.
func unitPlot(title, x, y string) *gplot.Plot {
	p := newPlot(title, x, y)
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, 1, 0, 1.004 // a line at 1 is seen in its full width
	p.X.Tick.Marker, p.Y.Tick.Marker = fifths, fifths
	p.Legend.TextStyle.Font, p.Legend.Padding = sans(9, false), 2*vg.Millimeter
	p.Add(horizontals())
	return p
}

// diagonal returns a dashed line from (0, 0) to (1, 1).
func diagonal() *plotter.Function {
	f := plotter.NewFunction(func(x float64) float64 { return x })
	f.Color, f.Dashes, f.Samples = ink, []vg.Length{vg.Points(3), vg.Points(3)}, 2
	f.XMin, f.XMax = 0, 1
	return f
}

// sideBySide draws plots in a row.
func sideBySide(plots ...*gplot.Plot) image.Image {
	const side = 4.6 * vg.Inch
	c, m := newCanvas(side*vg.Length(len(plots)), side)
	tiles := draw.Tiles{
		Rows: 1, Cols: len(plots), PadX: 0.35 * vg.Inch,
		PadTop: 0.12 * vg.Inch, PadBottom: 0.1 * vg.Inch, PadLeft: 0.1 * vg.Inch, PadRight: 0.2 * vg.Inch,
	}
	for i, dc := range gplot.Align([][]*gplot.Plot{plots}, tiles, draw.New(c))[0] {
		plots[i].Draw(dc)
	}
	return m
}

// fifths marks an axis from 0 to 1.
var fifths = gplot.TickerFunc(func(_, _ float64) (list []gplot.Tick) {
	for i := range 6 {
		list = append(list, gplot.Tick{Value: float64(i) / 5, Label: fmt.Sprintf("%.1f", float64(i)/5)})
	}
	return list
})
