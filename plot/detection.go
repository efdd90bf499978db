package plot

import (
	"cmp"
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/lince-ml/lince/metric/coco"
	"github.com/lince-ml/lince/metric/detection"
	gplot "gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

// DetectionCurves draws precision by recall at the intersections over union 0.50 and 0.75: the mean over the classes, dashed, and the classes, of
// many those with the least average precision. The area under each curve stands in the legend.
func DetectionCurves(r *coco.Report) image.Image {
	var panels []*gplot.Plot
	for _, t := range []int{0, 5} {
		area := func(c *coco.Class) float64 { return []float64{c.AP50, c.AP75}[t/5] }
		mean := []float64{r.AP50, r.AP75}[t/5]
		p := unitPlot(fmt.Sprintf("Precision and recall, IoU %.2f: AP %.4g", coco.Thresholds[t], mean), "recall", "precision")
		var shown []*coco.Class
		for i := range r.Classes {
			if c := &r.Classes[i]; c.Things > 0 {
				shown = append(shown, c)
			}
		}
		if len(shown) > 1 {
			line := recallCurve(meanPrecision(shown, t))
			line.Color, line.Width, line.Dashes = ink, vg.Points(1.6), []vg.Length{vg.Points(4), vg.Points(3)}
			p.Add(line)
			p.Legend.Add(fmt.Sprintf("mean of %d classes  %.4g", len(shown), mean), line)
		}
		slices.SortStableFunc(shown, func(a, b *coco.Class) int { return cmp.Compare(area(a), area(b)) })
		for i, c := range shown[:min(lines-1, len(shown))] {
			line := recallCurve(c.Precision[t][:])
			line.Color, line.Width = lineColours[i], vg.Points(1.6)
			p.Add(line)
			p.Legend.Add(fmt.Sprintf("%s  %.4g", shortened(c.Name), area(c)), line)
		}
		p.Legend.Top = mean < 0.5 // where the curves are not
		p.Legend.Left = !p.Legend.Top
		panels = append(panels, p)
	}
	return sideBySide(panels...)
}

// meanPrecision returns the mean precision of the classes at each recall.
func meanPrecision(classes []*coco.Class, t int) []float64 {
	mean := make([]float64, len(classes[0].Precision[t]))
	for _, c := range classes {
		for i, v := range c.Precision[t] {
			mean[i] += v / float64(len(classes))
		}
	}
	return mean
}

// recallCurve returns the line through precisions at recalls from 0 to 1.
func recallCurve(precision []float64) *plotter.Line {
	xy := make(plotter.XYs, len(precision))
	for i, v := range precision {
		xy[i] = plotter.XY{X: float64(i) / float64(len(precision)-1), Y: v}
	}
	return &plotter.Line{XYs: xy, LineStyle: plotter.DefaultLineStyle}
}

// DetectionConfusion draws which classes things are taken for by detections that are at least as sure as score; "background" is where nothing of the
// kind is, or nothing was found.
func DetectionConfusion(a *detection.Analysis, classes []string, score float64) (image.Image, error) {
	return Confusion(fmt.Sprintf("Detections with a score from %.3g", score), a.Confusion(score), append(slices.Clone(classes), "background"))
}

// DetectionMistakes draws, beside each other, what each kind of mistake costs, and how many there are.
func DetectionMistakes(a *detection.Analysis) image.Image {
	var cost, count []bar
	for _, k := range detection.Kinds {
		cost = append(cost, bar{k.String(), a.Cost[k], fmt.Sprintf("%.1f", 100*a.Cost[k])})
		count = append(count, bar{k.String(), float64(a.Count[k]), fmt.Sprint(a.Count[k])})
	}
	title := "AP, in points, that is lost by mistakes"
	if !math.IsNaN(a.AP) {
		title = fmt.Sprintf("Points that mistakes cost an AP of %.1f", 100*a.AP)
	}
	return barCharts(barChart{title, cost}, barChart{"How often they are made", count})
}
