package train

import "time"

// every is the least time between two calls of Hooks.Progress.
const every = 100 * time.Millisecond

// A ticker reports progress within an epoch.
type ticker struct {
	run         *Run
	hook        func(Progress)
	start, last time.Time
	done        int // steps since start
}

func newTicker(r *Run, h Hooks) *ticker {
	now := time.Now()
	return &ticker{run: r, hook: h.Progress, start: now, last: now}
}

// tick is called after each step.
func (t *ticker) tick() {
	t.done++
	if t.hook == nil {
		return
	}
	now := time.Now()
	if now.Sub(t.last) < every {
		return
	}
	t.last = now
	t.hook(t.progress(now.Sub(t.start)))
}

// progress describes the epoch after elapsed time in which t.done steps were made.
func (t *ticker) progress(elapsed time.Duration) Progress {
	r, p := t.run, &t.run.progress
	score := p.Sums.score(r.trainer.parts, r.cfg.Batch)
	perStep := elapsed.Seconds() / float64(t.done)
	epochsLeft := r.cfg.Epochs - p.Epoch - 1
	left := perStep * float64(r.allSteps()*r.cfg.Accumulate-p.Epoch*r.batches()-p.Batch)
	if n := len(p.History); n > 0 { // validation and saving take as long as the last time
		last := p.History[n-1]
		left += float64(epochsLeft+1) * (last.Seconds - float64(r.imagesPerEpoch())/last.ImagesPerSecond)
	}
	return Progress{
		Epoch: p.Epoch + 1, Epochs: r.cfg.Epochs, Step: p.Batch, Steps: r.batchesNow(),
		Score:           score,
		ImagesPerSecond: float64(r.cfg.Batch) / perStep,
		Remaining:       time.Duration(left * float64(time.Second)),
	}
}
