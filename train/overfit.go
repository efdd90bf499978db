package train

import (
	"bytes"
	"context"
	"fmt"
	"math"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/optim"
	"github.com/lince-ml/lince/task/classify"
)

// OverfitSteps is how often OverfitBatch learns from its batch, and OverfitLoss how small the loss must get, of tasks other than classification a tenth
// of what it was.
const (
	OverfitSteps = 500
	OverfitLoss  = 0.1
)

// An Overfit says whether a network can learn a single batch by heart. If it cannot, more data will not help.
type Overfit struct {
	Pass    bool    `json:"pass"`
	Rate    float64 `json:"lr"` // that of the settings, or a tenth or a hundredth of it, if only that passes
	Steps   int     `json:"steps"`
	Images  int     `json:"images"`
	Right   int     `json:"right"` // of them, in the last step
	First   float64 `json:"first_loss"`
	Last    float64 `json:"last_loss"`
	Problem string  `json:"problem,omitempty"`
}

// OverfitBatch trains a copy of the network, which is thrown away, on its first batch alone, without augmentation and label smoothing, until all images are
// right and the loss is below OverfitLoss, at most OverfitSteps times, over which the schedule is laid. If that fails, it tries a
// tenth and a hundredth of the learning rate. It writes no file.
func OverfitBatch(ctx context.Context, cfg Config, d Data) (*Overfit, error) {
	cfg.Augment, cfg.Smoothing, cfg.ClassWeights, cfg.EMA = Augment{}, 0, "", ""
	cfg.Accumulate, cfg.Steps, cfg.UnfreezeAt = 1, 0, 0
	var first *Overfit
	for _, factor := range []float64{1, 0.1, 0.01} {
		o, err := overfitAt(ctx, cfg, d, factor)
		if err != nil || o.Pass {
			return o, err
		}
		if first == nil {
			first = o
		}
	}
	return first, nil
}

// overfitAt is OverfitBatch with the learning rate times factor.
func overfitAt(ctx context.Context, cfg Config, d Data, factor float64) (*Overfit, error) {
	r, err := prepare("", cfg, d)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	r.cfg.Rate *= factor
	var o *Overfit
	err = r.sweep(ctx, func(batch *data.Batch) (bool, error) {
		o, err = r.overfit(ctx, batch)
		return false, err
	})
	return o, err
}

func (r *Run) overfit(ctx context.Context, batch *data.Batch) (*Overfit, error) {
	o := &Overfit{Images: batch.N, Rate: r.cfg.Rate}
	for o.Steps < OverfitSteps && !o.Pass {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		loss, parts, err := r.trainer.Step(batch, r.cfg.Rate*r.schedule(optim.Time{Step: o.Steps, Steps: OverfitSteps}))
		if err != nil {
			return nil, err
		}
		if o.Steps == 0 {
			o.First = loss
		}
		o.Steps++
		if math.IsNaN(loss) || math.IsInf(loss, 0) {
			o.Problem = fmt.Sprintf("the loss is %v after %d steps: the learning rate of %g is too high", loss, o.Steps, r.cfg.Rate)
			return o, nil
		}
		o.Last, o.Right = loss, r.right(parts, batch.N)
		o.Pass = o.Right == batch.N && loss < r.overfitLoss(o.First)
	}
	if !o.Pass {
		o.Problem = r.whyNot(o, batch)
	}
	return o, nil
}

// right returns how many images of n are right; all if the task does not count them.
func (r *Run) right(parts []float64, n int) int {
	for i, p := range r.trainer.parts {
		if p.Count {
			return int(parts[i])
		}
	}
	return n
}

// overfitLoss returns the loss below which a batch is learned, if it was first in the beginning: OverfitLoss, but losses of boxes and masks have no usual size.
func (r *Run) overfitLoss(first float64) float64 {
	if r.cfg.Task == classify.Name {
		return OverfitLoss
	}
	return first / 10
}

// whyNot returns the most likely reason for not learning the batch.
func (r *Run) whyNot(o *Overfit, batch *data.Batch) string {
	if a, b, ok := contradiction(batch); ok {
		name := r.data.Train.Name
		return fmt.Sprintf("%s and %s are the same picture in two classes: look for double images", name(batch.Index[a]), name(batch.Index[b]))
	}
	switch {
	case o.Last > 0.9*o.First:
		return fmt.Sprintf("the loss stays at %.3g (%.3g at first): the learning rate of %g may be too low or far too high, or the network does not see the images; try lince train --find-lr",
			o.Last, o.First, r.cfg.Rate)
	case o.Right == o.Images:
		return fmt.Sprintf("all images are right, but the loss is still %.3g: dropout or weight decay may hold it up", o.Last)
	}
	return fmt.Sprintf("the loss falls from %.3g to %.3g only, and %d of %d images are right: the network may be too small, or the learning rate of %g too low or too high; try lince train --find-lr",
		o.First, o.Last, o.Right, o.Images, r.cfg.Rate)
}

// contradiction returns two rows with the same image and different labels.
func contradiction(batch *data.Batch) (a, b int, ok bool) {
	size := batch.X.Size() / batch.X.Shape().Dim(0)
	image := func(i int) []byte { return batch.X.U8()[i*size : (i+1)*size] }
	for b := range batch.N {
		for a := range b {
			if batch.Y.I32()[a] != batch.Y.I32()[b] && bytes.Equal(image(a), image(b)) {
				return a, b, true
			}
		}
	}
	return 0, 0, false
}
