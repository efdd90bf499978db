package localize

import (
	"fmt"
	"math"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/task"
)

// found is the least IoU with which a box counts as right (Russakovsky et al., "ImageNet large scale visual recognition challenge", IJCV 2015, section 4.2).
const found = 0.5

// A Report says how well a network localises the things in a dataset. It implements task.Report.
type Report struct {
	Classes []string
	Samples []Sample // in the order of the dataset
}

// A Sample is what the network says of one image, and what is right.
type Sample struct {
	Answer
	Index int // its place in the dataset
	Class int
	Truth data.Box
	IoU   float64 // of both boxes
	Rank  int     // how many classes are more probable than Class
	Loss  float64 // as in training, without smoothing
}

// Right reports whether the class is among the k most probable ones, and the box is right.
func (s *Sample) Right(k int) bool { return s.Rank < k && s.IoU >= found }

// add measures an answer.
func (r *Report) add(index int, s data.Sample, a Answer, t Task) error {
	class, box, err := truth(s)
	if err != nil {
		return err
	}
	if box == nil || class < 0 {
		return fmt.Errorf("a class and a box are needed to measure")
	}
	m := Sample{Answer: a, Index: index, Class: class, Truth: *box}
	for _, p := range a.Probabilities {
		if p > a.Probabilities[class] {
			m.Rank++
		}
	}
	m.IoU, _ = overlap(a.Box, *box)
	_, giou := overlap(a.whole, *box)
	m.Loss = metric.LogLoss(a.Probabilities, len(a.Probabilities), []int{class}) + giouWeight*(1-giou) + smoothWeight*smoothL1(a.whole, *box, t)
	r.Samples = append(r.Samples, m)
	return nil
}

// overlap returns IoU and GIoU of two boxes, as nn.GIoU explains it. Boxes without area have nothing in common.
func overlap(a, b data.Box) (iou, giou float64) {
	area := func(x0, y0, x1, y1 float32) float64 { return float64(max(0, x1-x0)) * float64(max(0, y1-y0)) }
	shared := area(max(a.X0, b.X0), max(a.Y0, b.Y0), min(a.X1, b.X1), min(a.Y1, b.Y1))
	union := area(a.X0, a.Y0, a.X1, a.Y1) + area(b.X0, b.Y0, b.X1, b.Y1) - shared
	hull := area(min(a.X0, b.X0), min(a.Y0, b.Y0), max(a.X1, b.X1), max(a.Y1, b.Y1))
	if union > 0 {
		iou = shared / union
	}
	if hull > 0 {
		giou = iou - (hull-union)/hull
	}
	return iou, giou
}

// smoothL1 returns the mean over the corners, as nn.SmoothL1 has it.
func smoothL1(a, b data.Box, t Task) float64 {
	w, h := float64(t.Input.Width), float64(t.Input.Height)
	sum := 0.0
	for _, d := range []float64{float64(a.X0-b.X0) / w, float64(a.Y0-b.Y0) / h, float64(a.X1-b.X1) / w, float64(a.Y1-b.Y1) / h} {
		if d = math.Abs(d); d < smoothBeta {
			sum += d * d / (2 * smoothBeta)
		} else {
			sum += d - smoothBeta/2
		}
	}
	return sum / 4
}

// mean returns the mean of f over the samples of class c, of all if c is -1, and how many they are.
func (r *Report) mean(c int, f func(*Sample) float64) (mean float64, n int) {
	sum := 0.0
	for i := range r.Samples {
		if s := &r.Samples[i]; c < 0 || s.Class == c {
			sum += f(s)
			n++
		}
	}
	return sum / float64(n), n
}

// share is mean for what is so or not.
func (r *Report) share(c int, is func(*Sample) bool) float64 {
	m, _ := r.mean(c, func(s *Sample) float64 {
		if is(s) {
			return 1
		}
		return 0
	})
	return m
}

// Loss returns the mean loss; infinity if the weights have diverged.
func (r *Report) Loss() float64 {
	loss, _ := r.mean(-1, func(s *Sample) float64 { return s.Loss })
	if math.IsNaN(loss) {
		return math.Inf(1)
	}
	return loss
}

// Quantities returns the accuracy of localisation, that of the class, and the mean IoU.
func (r *Report) Quantities() []metric.Quantity {
	iou, _ := r.mean(-1, (*Sample).iou)
	return []metric.Quantity{
		{Name: "localisation_accuracy", Title: "localisation accuracy", Value: r.share(-1, func(s *Sample) bool { return s.Right(1) }), Share: true},
		{Name: "accuracy", Title: "class accuracy", Value: r.share(-1, func(s *Sample) bool { return s.Rank == 0 }), Share: true},
		{Name: "mean_iou", Title: "mean IoU", Value: iou, Share: true},
	}
}

func (s *Sample) iou() float64 { return s.IoU }

// Summary returns Metrics.
func (r *Report) Summary() task.Summary {
	m := r.Metrics()
	return &m
}
