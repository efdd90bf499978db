package classify

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/data"
)

// A Report says how well a network classifies a dataset.
type Report struct {
	N         int      // images
	Correct   int      // of which the most probable class is the label
	Loss      float64  // mean cross-entropy, without label smoothing
	Confusion [][]int  // images by [label][most probable class]
	Samples   []Sample // in the order of the dataset
}

// A Sample is what the network says of one image.
type Sample struct {
	Index       int     // its place in the dataset
	Label       int     // the class it has
	Predicted   int     // the most probable class
	Probability float32 // of Predicted
	Loss        float32 // -log of the probability of Label
}

// Accuracy returns the share of the images that are classified rightly.
func (r *Report) Accuracy() float64 { return float64(r.Correct) / float64(r.N) }

// ErrorRate returns the share of the images that are classified wrongly.
func (r *Report) ErrorRate() float64 { return float64(r.N-r.Correct) / float64(r.N) }

// Worst returns at most k wrongly classified samples, those with the most confidence first.
func (r *Report) Worst(k int) []Sample {
	var wrong []Sample
	for _, s := range r.Samples {
		if s.Predicted != s.Label {
			wrong = append(wrong, s)
		}
	}
	slices.SortStableFunc(wrong, func(a, b Sample) int { return cmp.Compare(b.Probability, a.Probability) })
	return wrong[:min(k, len(wrong))]
}

// Evaluate runs the network on the images of d, which must be of the size that it takes, loaded by the given number of workers
// (0: one per CPU).
func (c *Classifier) Evaluate(ctx context.Context, d data.Dataset, workers int) (*Report, error) {
	if n := len(d.Classes()); n != c.task.Classes {
		return nil, fmt.Errorf("data of %d classes, the model knows %d", n, c.task.Classes)
	}
	if d.Len() == 0 {
		return nil, fmt.Errorf("evaluate: no images")
	}
	call, err := c.call(&c.measure)
	if err != nil {
		return nil, err
	}
	defer c.measure.calls.Put(call)
	r := newReport(c.task.Classes, d.Len())
	loader := &data.Loader{Data: d, Batch: evalBatch, Workers: workers}
	for batch, err := range loader.Batches(ctx, 0, 0) {
		if err != nil {
			return nil, err
		}
		if err := c.task.CheckImages(batch, d); err != nil {
			return nil, err
		}
		call.Set(Images, batch.X)
		call.Set(Labels, batch.Y)
		if err := call.Run(); err != nil {
			return nil, err
		}
		r.add(batch, call)
	}
	r.Loss /= float64(r.N)
	return r, nil
}

// CheckImages reports an error that names an image of batch, from d, if the images are not of the network's size.
func (t Task) CheckImages(batch *data.Batch, d data.Dataset) error {
	s := batch.X.Shape()
	return t.Input.Check(d.Name(batch.Index[0]), s.Dim(1), s.Dim(2), s.Dim(3))
}

func newReport(classes, n int) *Report {
	r := &Report{Confusion: make([][]int, classes), Samples: make([]Sample, 0, n)}
	for i := range r.Confusion {
		r.Confusion[i] = make([]int, classes)
	}
	return r
}

// add counts the first batch.N rows; the others are padding.
func (r *Report) add(batch *data.Batch, call *backend.Call) {
	probabilities, losses, labels := call.Output(Probabilities).F32(), call.Output(Loss).F32(), batch.Y.I32()
	classes := len(r.Confusion)
	for i, index := range batch.Index {
		row := probabilities[i*classes : (i+1)*classes]
		s := Sample{Index: index, Label: int(labels[i]), Predicted: largest(row), Loss: losses[i]}
		s.Probability = row[s.Predicted]
		r.Samples = append(r.Samples, s)
		r.Confusion[s.Label][s.Predicted]++
		r.N++
		r.Loss += float64(s.Loss)
		if s.Predicted == s.Label {
			r.Correct++
		}
	}
}

// largest returns the place of the first largest element.
func largest(row []float32) int {
	best := 0
	for i, p := range row {
		if p > row[best] {
			best = i
		}
	}
	return best
}

// Finite reports whether the loss is a number: weights that have diverged give NaN or infinities.
func (r *Report) Finite() bool { return !math.IsNaN(r.Loss) && !math.IsInf(r.Loss, 0) }
