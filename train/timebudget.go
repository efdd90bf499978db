package train

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/lince-ml/lince/data"
)

// StepsWithin returns how many steps of training, with validation and the test at the end, take the given time, judging from the speed of the first few on a copy
// that is thrown away. As Config.Steps, the number makes a training that can be resumed and repeated exactly, which the clock could not.
func StepsWithin(ctx context.Context, cfg Config, d Data, budget time.Duration) (int, error) {
	begin := time.Now()
	r, err := prepare("", cfg, d)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	step, err := r.timeStep(ctx, min(budget/20, 5*time.Second))
	if err != nil {
		return 0, err
	}
	image, err := r.timeImage(ctx)
	if err != nil {
		return 0, err
	}
	length := func(set data.Dataset) float64 {
		if set == nil {
			return 0
		}
		return float64(set.Len())
	}
	const reserve = 0.95 // for files, and a machine that does not stay as fast
	left := reserve*(budget-time.Since(begin)).Seconds() - image*length(r.data.Test)
	perEpoch := float64(r.batches() / r.cfg.Accumulate)
	steps := int(left / (step + image*length(r.data.Validation)/perEpoch))
	if steps < 1 {
		return 0, fmt.Errorf("%v is too short: a step takes %.2g s, validation %.2g s and the test %.2g s",
			budget, step, image*length(r.data.Validation), image*length(r.data.Test))
	}
	return steps, nil
}

// timeStep returns the median time of a step, in seconds, measured for about the given time: a pause of the machine does not count.
func (r *Run) timeStep(ctx context.Context, d time.Duration) (float64, error) {
	const warm = 3 // steps that find caches and memory cold
	var took []float64
	start := time.Now()
	last := start
	err := r.sweep(ctx, func(batch *data.Batch) (bool, error) {
		_, _, err := r.trainer.Step(batch, 0)
		if r.trainer.pending == 0 {
			took = append(took, time.Since(last).Seconds())
			last = time.Now()
		}
		return len(took) <= 2*warm || time.Since(start) < d, err
	})
	if err != nil {
		return 0, err
	}
	took = took[warm:]
	slices.Sort(took)
	return took[len(took)/2], nil
}

// timeImage returns the time that measuring takes for an image, in seconds.
func (r *Run) timeImage(ctx context.Context) (float64, error) {
	set := r.data.Validation
	if set == nil {
		set = r.data.Test
	}
	if set == nil {
		return 0, nil
	}
	indices := make([]int, min(256, set.Len()))
	for i := range indices {
		indices[i] = i
	}
	var took time.Duration
	for range 2 { // the first compiles
		start := time.Now()
		if _, err := r.current.Evaluate(ctx, data.Subset(set, indices), r.cfg.Workers); err != nil {
			return 0, err
		}
		took = time.Since(start)
	}
	return took.Seconds() / float64(len(indices)), nil
}

// sweep calls f for batches, epoch after epoch, until it returns false.
func (r *Run) sweep(ctx context.Context, f func(*data.Batch) (more bool, err error)) error {
	for epoch := 0; ; epoch++ {
		for batch, err := range r.loader.Batches(ctx, epoch, 0) {
			if err != nil {
				return err
			}
			if more, err := f(batch); err != nil || !more {
				return err
			}
		}
	}
}
