package classify

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/task"
)

// A Report says how well a network classifies a dataset.
type Report struct {
	Kind      modelfile.Kind
	N         int          // images
	Correct   int          // classified rightly: the most probable class is the label; of several labels, all are told from the other classes
	MeanLoss  float64      // mean cross-entropy, without label smoothing and weights
	Tally     metric.Tally // by class
	Confusion [][]int      // images by [label][most probable class]; nil where images may have several labels
	Samples   []Sample     // in the order of the dataset

	Probabilities []float32 // of each image and class, row-major
	Targets       []float32 // the same, 1 where the image has the class; nil where images have one label
	Thresholds    []float32 // of each class, from which on an image is said to have it; nil where images have one label
}

// A Sample is what the network says of one image.
type Sample struct {
	Index       int     // its place in the dataset
	Label       int     // the class it has; -1 where images may have several
	Predicted   int     // the most probable class
	Probability float32 // of Predicted
	Loss        float32 // cross-entropy: -log of the probability of Label
	Right       bool
}

// Classes returns the number of classes.
func (r *Report) Classes() int { return len(r.Tally.Support) }

// Row returns the probabilities of image i of the report.
func (r *Report) Row(i int) []float32 { return row(r.Probabilities, i, r.Classes()) }

// Has reports whether image i of the report is of class c.
func (r *Report) Has(i, c int) bool {
	if r.Targets != nil {
		return r.Targets[i*r.Classes()+c] == 1
	}
	return r.Samples[i].Label == c
}

// Labels returns the label of each image.
func (r *Report) Labels() []int {
	labels := make([]int, len(r.Samples))
	for i, s := range r.Samples {
		labels[i] = s.Label
	}
	return labels
}

// Accuracy returns the share of the images that are classified rightly.
func (r *Report) Accuracy() float64 { return float64(r.Correct) / float64(r.N) }

// ErrorRate returns the share of the images that are classified wrongly.
func (r *Report) ErrorRate() float64 { return float64(r.N-r.Correct) / float64(r.N) }

// Worst returns at most k wrongly classified samples, those with the most confidence first; of images with several labels, those with the
// largest loss.
func (r *Report) Worst(k int) []Sample {
	var wrong []Sample
	for _, s := range r.Samples {
		if !s.Right {
			wrong = append(wrong, s)
		}
	}
	slices.SortStableFunc(wrong, func(a, b Sample) int {
		if r.Targets != nil {
			return cmp.Compare(b.Loss, a.Loss)
		}
		return cmp.Compare(b.Probability, a.Probability)
	})
	return wrong[:min(k, len(wrong))]
}

// Loss returns MeanLoss; infinity if that is no number, as weights that have diverged make it.
func (r *Report) Loss() float64 {
	if math.IsNaN(r.MeanLoss) {
		return math.Inf(1)
	}
	return r.MeanLoss
}

// Quantities returns the accuracy.
func (r *Report) Quantities() []metric.Quantity {
	return []metric.Quantity{{Name: "accuracy", Title: "accuracy", Value: r.Accuracy(), Share: true}}
}

// Summary returns Metrics.
func (r *Report) Summary() task.Summary {
	m := r.Metrics()
	return &m
}

// Evaluate runs the network on the images of d, which must be of the size that it takes, loaded by the given number of workers
// (0: one per CPU).
func (c *Classifier) Evaluate(ctx context.Context, d data.Dataset, workers int) (*Report, error) {
	return c.EvaluateViews(ctx, d, workers, nil)
}

// EvaluateViews is Evaluate with the probabilities that the network gives for the views of each image, added up by their weights.
func (c *Classifier) EvaluateViews(ctx context.Context, d data.Dataset, workers int, views []data.View) (*Report, error) {
	if n := len(d.Classes()); n != c.task.Classes {
		return nil, fmt.Errorf("data of %d classes, the model knows %d", n, c.task.Classes)
	}
	if d.Len() == 0 {
		return nil, fmt.Errorf("evaluate: no images")
	}
	if views == nil {
		views = []data.View{{Weight: 1}}
	}
	var sum *outcome
	for i, view := range views {
		p, err := c.pass(ctx, &data.Loader{Data: d, Batch: evalBatch, Workers: workers, Transform: view.Transform})
		if err != nil {
			return nil, err
		}
		if i == 0 {
			sum = p
		}
		for k, v := range p.probabilities {
			if v *= float32(view.Weight); i == 0 {
				sum.probabilities[k] = v
			} else {
				sum.probabilities[k] += v
			}
		}
	}
	if len(views) > 1 {
		sum.losses = nil // they were those of one view
	}
	return sum.report(c.task.Kind, c.task.Classes, c.task.LabelThresholds()), nil
}

// CheckImages reports an error that names an image of batch, from d, if the images are not of the network's size.
func (t Task) CheckImages(batch *data.Batch, d data.Dataset) error {
	s := batch.X.Shape()
	return t.Input.Check(d.Name(batch.Index[0]), s.Dim(1), s.Dim(2), s.Dim(3))
}

// LabelThresholds returns the probabilities from which on an image has each class, those of images with several labels, nil for other kinds.
func (t Task) LabelThresholds() []float32 {
	if t.Kind != modelfile.Multilabel {
		return nil
	}
	if t.Thresholds != nil {
		return t.Thresholds
	}
	return slices.Repeat([]float32{0.5}, t.Classes)
}

// An outcome is what a network says of the images of a dataset, and what is right.
type outcome struct {
	index         []int
	labels        []int
	targets       []float32 // nil where images have one label
	probabilities []float32
	losses        []float32 // nil: to be computed from the probabilities
}

// pass runs the network on all images of l.
func (c *Classifier) pass(ctx context.Context, l *data.Loader) (*outcome, error) {
	call, err := c.measure.Call()
	if err != nil {
		return nil, err
	}
	defer c.measure.Put(call)
	p := &outcome{}
	for batch, err := range l.Batches(ctx, 0, 0) {
		if err != nil {
			return nil, err
		}
		if err := c.task.CheckImages(batch, l.Data); err != nil {
			return nil, err
		}
		if (batch.Targets != nil) != (c.task.Kind == modelfile.Multilabel) {
			return nil, fmt.Errorf("%s: the images and the model, which is %s, differ in whether an image may have several labels", l.Data.Name(batch.Index[0]), c.task.Kind)
		}
		call.Set(Images, batch.X)
		call.Set(Labels, batch.Y)
		if batch.Targets != nil {
			call.Set(Targets, batch.Targets)
			p.targets = append(p.targets, batch.Targets.F32()[:batch.N*c.task.Classes]...)
		}
		if err := call.Run(); err != nil {
			return nil, err
		}
		p.index = append(p.index, batch.Index...)
		for _, label := range batch.Y.I32()[:batch.N] {
			p.labels = append(p.labels, int(label))
		}
		p.probabilities = append(p.probabilities, call.Output(Probabilities).F32()[:batch.N*c.task.Classes]...)
		p.losses = append(p.losses, call.Output(Loss).F32()[:batch.N]...)
	}
	return p, nil
}

// report counts.
func (p *outcome) report(kind modelfile.Kind, classes int, thresholds []float32) *Report {
	r := &Report{
		Kind: kind, N: len(p.index), Tally: metric.NewTally(classes), Samples: make([]Sample, len(p.index)),
		Probabilities: p.probabilities, Targets: p.targets, Thresholds: thresholds,
	}
	if p.targets == nil {
		r.Confusion = make([][]int, classes)
		for i := range r.Confusion {
			r.Confusion[i] = make([]int, classes)
		}
	}
	for i, index := range p.index {
		s := Sample{Index: index, Label: p.labels[i], Predicted: metric.Largest(r.Row(i))}
		s.Probability = r.Row(i)[s.Predicted]
		if p.targets != nil {
			s.Right = r.Tally.AddSet(r.Row(i), row(p.targets, i, classes), thresholds)
		} else {
			s.Right = s.Predicted == s.Label
			r.Tally.Add(s.Label, s.Predicted)
			r.Confusion[s.Label][s.Predicted]++
		}
		if p.losses != nil {
			s.Loss = p.losses[i]
		} else {
			s.Loss = p.loss(i, r.Row(i))
		}
		r.MeanLoss += float64(s.Loss)
		if s.Right {
			r.Correct++
		}
		r.Samples[i] = s
	}
	r.MeanLoss /= float64(r.N)
	return r
}

// loss returns the cross-entropy of image i, from its probabilities.
func (p *outcome) loss(i int, row []float32) float32 {
	if p.targets == nil {
		return float32(metric.LogLoss(row, len(row), p.labels[i:i+1]))
	}
	return float32(metric.SigmoidLogLoss(row, p.targets[i*len(row):(i+1)*len(row)]))
}

func row(matrix []float32, i, classes int) []float32 { return matrix[i*classes : (i+1)*classes] }
