package train

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/optim"
	"github.com/lince-ml/lince/task"
)

// Train does the epochs that are left, then measures the test images once and writes result.json. When ctx ends it finishes the step,
// saves last.safetensors and returns an *Interrupted. A loss that is not finite ends it with a *Diverged.
func (r *Run) Train(ctx context.Context, h Hooks) (*Outcome, error) {
	o, err := r.train(ctx, h)
	if stop := ctx.Err(); stop != nil && errors.Is(err, stop) {
		return nil, r.interrupted(ctx)
	}
	return o, err
}

func (r *Run) train(ctx context.Context, h Hooks) (*Outcome, error) {
	for _, w := range r.warnings {
		r.warn(h, w)
	}
	r.warnings = nil
	r.saver.last = time.Now()
	for !r.done() {
		if err := r.unfreezeInTime(); err != nil {
			return nil, err
		}
		if err := r.epoch(ctx, h); err != nil {
			return nil, err
		}
	}
	if r.unsaved {
		if err := r.save(); err != nil {
			return nil, err
		}
	}
	o, err := r.finish(ctx)
	if err == nil {
		os.Remove(filepath.Join(r.dir, previousFile))
	}
	return o, err
}

func (r *Run) done() bool { return r.progress.Epoch >= r.cfg.Epochs || r.outOfPatience() }

// batches returns how many batches an epoch has. They make whole steps.
func (r *Run) batches() int { return r.loader.Len() / r.cfg.Accumulate * r.cfg.Accumulate }

// batchesNow returns how many batches the epoch has that is being done, of which Config.Steps may end the last early.
func (r *Run) batchesNow() int {
	n := r.batches()
	if r.cfg.Steps > 0 {
		n = min(n, r.cfg.Steps*r.cfg.Accumulate-r.progress.Epoch*n)
	}
	return n
}

// allSteps returns how many steps the training has.
func (r *Run) allSteps() int { return cmp.Or(r.cfg.Steps, r.cfg.Epochs*r.batches()/r.cfg.Accumulate) }

// outOfPatience reports whether validation has not got better for Config.Patience epochs.
func (r *Run) outOfPatience() bool {
	p := &r.progress
	return r.cfg.Patience > 0 && r.data.Validation != nil && p.Epoch-p.Best >= r.cfg.Patience
}

// epoch does the steps that are left of an epoch, measures and saves.
func (r *Run) epoch(ctx context.Context, h Hooks) error {
	p := &r.progress
	stop := spend(&p.Seconds.Total)
	e, err := r.learn(ctx, h)
	stop()
	if err != nil {
		return err
	}
	e.Seconds = p.Seconds.Total
	r.endEpoch(e, h)
	if h.Epoch != nil {
		h.Epoch(e)
	}
	return nil
}

// spend adds the time until stop is called to *seconds.
func spend(seconds *float64) (stop func()) {
	start := time.Now()
	return func() { *seconds += time.Since(start).Seconds() }
}

// learn does the steps that are left of an epoch and validates.
func (r *Run) learn(ctx context.Context, h Hooks) (Epoch, error) {
	p := &r.progress
	stop := spend(&p.Seconds.Steps)
	err := r.steps(ctx, h)
	stop()
	if err != nil {
		return Epoch{}, err
	}
	e := Epoch{
		Epoch: p.Epoch + 1, Step: r.trainer.steps, Rate: r.rate(r.trainer.steps - 1), Train: p.Sums.score(r.trainer.parts, r.cfg.Batch),
		ImagesPerSecond: float64(p.Batch*r.cfg.Batch) / p.Seconds.Steps,
	}
	report, err := r.validate(ctx, e.Epoch)
	if err != nil {
		return e, err
	}
	if report != nil {
		s := scoreOf(report)
		e.Validation = &s
	}
	e.Best = p.better(e.Validation)
	if t, ok := report.(task.Thresholder); ok && e.Best {
		e.Threshold = t.Threshold()
	}
	return e, nil
}

// steps learns from the batches that are left of the epoch.
func (r *Run) steps(ctx context.Context, h Hooks) error {
	if r.progress.Batch >= r.batchesNow() {
		return nil
	}
	ticker := newTicker(r, h)
	r.began = time.Now()
	defer func() { r.began = time.Time{} }()
	for batch, err := range r.loader.Batches(ctx, r.progress.Epoch, r.progress.Batch) {
		if err != nil {
			return err
		}
		if err := r.step(batch); err != nil {
			return err
		}
		ticker.tick()
		if r.progress.Batch >= r.batchesNow() {
			break
		}
		if r.trainer.pending == 0 && r.saver.due(r.trainer.steps) {
			r.keep(h)
		}
	}
	return nil
}

// step learns from one batch.
func (r *Run) step(batch *data.Batch) error {
	p := &r.progress
	s := batch.X.Shape()
	if err := r.model.Input.Check(r.data.Train.Name(batch.Index[0]), s.Dim(1), s.Dim(2), s.Dim(3)); err != nil {
		return err
	}
	loss, parts, err := r.trainer.Step(batch, r.rate(r.trainer.steps))
	if err != nil {
		return err
	}
	if math.IsNaN(loss) || math.IsInf(loss, 0) {
		return r.diverged(p.Epoch+1, fmt.Sprintf("step %d", p.Batch+1), loss)
	}
	p.Batch++
	p.Sums.add(loss, parts)
	return nil
}

func (r *Run) diverged(epoch int, where string, loss float64) error {
	return &Diverged{epoch, where, loss, r.cfg.Rate}
}

// Diverged is the error of a training whose loss is not finite.
type Diverged struct {
	Epoch int    // counted from 1
	Where string // in it, such as step 12
	Loss  float64
	Rate  float64 // Config.Rate
}

func (d *Diverged) Error() string {
	return fmt.Sprintf("epoch %d, %s: the loss is %v: the weights have diverged; try a lower learning rate than %v", d.Epoch, d.Where, d.Loss, d.Rate)
}

// rate returns the learning rate of a step, counted from 0 over the whole training.
func (r *Run) rate(step int) float64 {
	return r.cfg.Rate * r.schedule(optim.Time{Step: step, Steps: r.allSteps(), Losses: r.losses})
}

// endEpoch saves everything about the epoch e.
func (r *Run) endEpoch(e Epoch, h Hooks) {
	p := &r.progress
	p.History = append(p.History, e)
	r.losses = append(r.losses, e.loss())
	p.Epoch, p.Batch, p.Sums, p.Seconds = e.Epoch, 0, sums{}, epochSeconds{}
	if e.Best {
		p.Best = e.Epoch
		m := *r.model
		m.Metrics, m.Threshold = p.metrics(p.Epoch), e.Threshold
		r.best = &m
	}
	r.keep(h)
	if err := r.logEpoch(); err != nil {
		r.warn(h, fmt.Sprintf("%v; TensorBoard will not see epoch %d for now", err, e.Epoch))
	}
}

// validate measures the validation images; nil if there are none.
func (r *Run) validate(ctx context.Context, epoch int) (task.Report, error) {
	if r.data.Validation == nil {
		return nil, nil
	}
	report, err := r.current.Evaluate(ctx, r.data.Validation, r.cfg.Workers)
	if err != nil {
		return nil, err
	}
	if s := scoreOf(report); !s.finite() {
		return nil, r.diverged(epoch, "validation", s.Loss)
	}
	return report, nil
}

// better reports whether v is the best validation result so far. Without validation, later is better.
func (p *progress) better(v *Score) bool {
	if v == nil || p.Best == 0 {
		return true
	}
	old := p.History[p.Best-1].Validation
	return v.best() > old.best() || v.best() == old.best() && v.Loss < old.Loss
}
