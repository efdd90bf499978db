package train

import (
	"cmp"
	"fmt"
	"runtime"

	"github.com/lince-ml/lince/internal/memory"
)

const (
	memoryShare   = 0.5 // of the free memory, for a training
	stepsPerEpoch = 20  // at least: larger batches would only learn less
	largestBatch  = 512
)

// LargestBatch returns the largest power of two whose training step fits into half of the free memory, as the compiled program plans it, and at most as many as give
// 20 steps an epoch, or 512. Nothing is run.
func LargestBatch(cfg Config, d Data) (int, error) {
	free, err := memory.Available()
	if err != nil {
		return 0, fmt.Errorf("batch auto: %w: give a number", err)
	}
	return largestWithin(cfg, d, int64(memoryShare*float64(free)))
}

func largestWithin(cfg Config, d Data, budget int64) (int, error) {
	cfg.Batch = 1
	r, err := newRun("", cfg, d, nil)
	if err != nil {
		return 0, err
	}
	defer r.Close()
	if one := r.memory(); one > budget {
		return 0, fmt.Errorf("batch auto: a single image needs %d MiB, and half of the free memory is %d MiB", one>>20, budget>>20)
	}
	limit := min(largestBatch, r.data.Train.Len()/stepsPerEpoch/r.cfg.Accumulate)
	batch := 1
	for batch*2 <= limit {
		batch *= 2
	}
	for ; batch > 1; batch /= 2 {
		s := r.trainer.settings
		s.Batch, r.cfg.Batch = batch, batch
		if r.trainer, err = NewTrainer(r.backend, r.learner, s); err != nil {
			return 0, err
		}
		if r.memory() <= budget {
			break
		}
	}
	return batch, nil
}

// memory returns how many bytes a training step needs, with the images that the loader prepares ahead.
func (r *Run) memory() int64 {
	workers := cmp.Or(r.cfg.Workers, runtime.GOMAXPROCS(0))
	images := (2*workers + 1) * r.cfg.Batch * r.cfg.Channels * r.cfg.Height * r.cfg.Width
	return int64(r.trainer.Memory() + images)
}
