package plot

import (
	"cmp"
	"fmt"
	"image"
	"math"
	"slices"

	"github.com/lince-ml/lince/metric/segmentation"
)

// PixelConfusion draws what share of the pixels of each class is said to be of which, in percent.
func PixelConfusion(c *segmentation.Confusion, classes []string) (image.Image, error) {
	percent := make([][]int, c.Classes)
	for t := range percent {
		percent[t] = make([]int, c.Classes)
		for p := range percent[t] {
			percent[t][p] = int(math.Round(100 * float64(c.Counts[t*c.Classes+p]) / math.Max(1, float64(c.Truth(t)))))
		}
	}
	return Confusion(fmt.Sprintf("%.2f %% of the pixels right; percent of each class", 100*c.PixelAccuracy()), percent, classes)
}

// ClassIoU draws the intersection over union of each class, the largest first; of very many classes, the smallest.
func ClassIoU(c *segmentation.Confusion, classes []string) image.Image {
	const most = 60
	var bars []bar
	for i, name := range classes {
		if v := c.IoU(i); !math.IsNaN(v) {
			bars = append(bars, bar{name, v, fmt.Sprintf("%.1f %%", 100*v)})
		}
	}
	slices.SortStableFunc(bars, func(a, b bar) int { return cmp.Compare(b.value, a.value) })
	return barCharts(barChart{fmt.Sprintf("Intersection over union: mean %.1f %%", 100*c.MeanIoU()), bars[max(0, len(bars)-most):]})
}
