package segment

import (
	"cmp"
	"math"
	"slices"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/metric/segmentation"
	"github.com/lince-ml/lince/task"
)

// A Report says how well a network segments a dataset.
type Report struct {
	Classes   []string
	Confusion *segmentation.Confusion // of the pixels of all images
	Samples   []Sample                // in the order of the dataset
	Worst     []Sample                // the Shown images with the lowest mean IoU, the worst first
	Masks     map[int]*data.Mask      // what is said of the worst images and of the first ones, by their place in the dataset
	sum       float64                 // cross-entropy of all known pixels
}

// A Sample is how well an image is segmented. What nothing is known of has NaN.
type Sample struct {
	Index    int     // its place in the dataset
	MeanIoU  float64 // of the classes that it has, or is said to have
	Accuracy float64 // share of the pixels that are right
}

func newReport(classes []string) *Report {
	return &Report{Classes: classes, Confusion: segmentation.New(len(classes)), Masks: map[int]*data.Mask{}}
}

// Shown is of how many of the worst images, and of the first ones, a Report keeps the masks: those of all might be gigabytes.
const Shown = 8

// keep keeps the mask of the image that was added last, of height x width pixels, if it is to be shown.
func (r *Report) keep(said []uint16, height, width int) {
	last := r.Samples[len(r.Samples)-1]
	first := func(index int) bool {
		return slices.ContainsFunc(r.Samples[:min(Shown, len(r.Samples))], func(s Sample) bool { return s.Index == index })
	}
	keep := first(last.Index)
	if last.MeanIoU < 1 { // not NaN
		at, _ := slices.BinarySearchFunc(r.Worst, last, func(a, b Sample) int { return cmp.Or(cmp.Compare(a.MeanIoU, b.MeanIoU), cmp.Compare(a.Index, b.Index)) })
		r.Worst = slices.Insert(r.Worst, at, last)
		keep = keep || at < Shown
	}
	if keep {
		r.Masks[last.Index] = &data.Mask{H: height, W: width, Pix: slices.Clone(said)}
	}
	if len(r.Worst) > Shown {
		if gone := r.Worst[Shown].Index; !first(gone) {
			delete(r.Masks, gone)
		}
		r.Worst = r.Worst[:Shown]
	}
}

// add counts an image, with the cross-entropy of its pixels.
func (r *Report) add(index int, truth, said []uint16, sum float64) error {
	c := segmentation.New(len(r.Classes))
	if err := c.Add(truth, said, data.Ignore); err != nil {
		return err
	}
	r.Confusion.Merge(c)
	r.Samples = append(r.Samples, Sample{index, c.MeanIoU(), c.PixelAccuracy()})
	r.sum += sum
	return nil
}

// Loss returns the mean cross-entropy of the pixels; infinity if the weights have diverged.
func (r *Report) Loss() float64 {
	n := r.Confusion.Pixels()
	if n == 0 {
		return math.NaN()
	}
	if math.IsNaN(r.sum) {
		return math.Inf(1)
	}
	return r.sum / float64(n)
}

// Quantities returns the mean IoU and the share of the pixels that are right.
func (r *Report) Quantities() []metric.Quantity {
	return []metric.Quantity{
		{Name: "mean_iou", Title: "mean IoU", Value: zeroIfNone(r.Confusion.MeanIoU()), Share: true},
		{Name: "pixel_accuracy", Title: "pixel accuracy", Value: zeroIfNone(r.Confusion.PixelAccuracy()), Share: true},
	}
}

// Summary returns Metrics.
func (r *Report) Summary() task.Summary {
	m := r.Metrics()
	return &m
}

// zeroIfNone returns 0 for what is not defined, as where no pixel is known.
func zeroIfNone(v float64) float64 {
	if math.IsNaN(v) {
		return 0
	}
	return v
}
