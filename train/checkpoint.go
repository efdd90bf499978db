package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"time"

	"github.com/lince-ml/lince/internal/atomicfile"
	"github.com/lince-ml/lince/modelfile"
)

// progress is how far a training is: with the weights, the optimiser's state and the Config, all that the rest depends on. It is
// the "lince.training" of last.safetensors. The random numbers need no state: they are functions of seed, epoch, step and image.
type progress struct {
	Epoch   int          `json:"epoch"`   // complete epochs
	Batch   int          `json:"batch"`   // next batch of the epoch after them: the state of the loader
	Step    int          `json:"step"`    // steps since the beginning
	Sums    sums         `json:"sums"`    // over that epoch
	History []Epoch      `json:"history"` // of the complete epochs
	Best    int          `json:"best"`    // the best of them; the first is 1, 0 means none
	Seconds epochSeconds `json:"seconds"` // spent in that epoch

	Unfrozen bool `json:"unfrozen,omitempty"` // Config.UnfreezeAt has come
}

// epochSeconds are times of one epoch.
type epochSeconds struct {
	Steps float64 `json:"steps"` // training
	Total float64 `json:"total"`
}

// previousFile is the checkpoint before last.safetensors, for the case that a machine that lost power, or a failing disk, has spoilt that one.
const previousFile = "previous.safetensors"

// nextFile is a checkpoint that is being written.
const nextFile = "next.safetensors"

// save writes what there is to write, the checkpoint at the end: an epoch whose files are not all there is done again. At any moment last.safetensors
// is a whole checkpoint, and an error leaves it, and the one before it, as they were.
func (r *Run) save() error {
	r.saver.last = time.Now()
	r.unsaved = true
	if r.best != nil {
		if err := modelfile.Write(filepath.Join(r.dir, modelfile.Best), r.best); err != nil {
			return err
		}
		r.best = nil
	}
	if err := r.writeHistory(); err != nil {
		return err
	}
	if err := r.saveCheckpoint(); err != nil {
		return err
	}
	r.unsaved = false
	return nil
}

// saveCheckpoint writes last.safetensors and keeps the one before it.
func (r *Run) saveCheckpoint() error {
	p := r.progress
	p.Step = r.trainer.steps
	if !r.began.IsZero() { // in the middle of the steps of an epoch
		seconds := time.Since(r.began).Seconds()
		p.Seconds.Steps += seconds
		p.Seconds.Total += seconds
	}
	state, err := json.Marshal(p)
	if err != nil {
		return err
	}
	m := *r.model
	m.Weights = r.trainer.values
	m.Metrics = p.metrics(p.Epoch)
	m.Training = &modelfile.Training{State: state, Optim: r.trainer.state}
	next, last, previous := filepath.Join(r.dir, nextFile), filepath.Join(r.dir, modelfile.Last), filepath.Join(r.dir, previousFile)
	if err := modelfile.Write(next, &m); err != nil {
		return fmt.Errorf("write %s: %w", last, errors.Unwrap(err)) // the name that the user knows
	}
	os.Remove(previous)
	os.Link(last, previous) // fails at the first checkpoint, and on file systems without links, which then keep one only
	return atomicfile.Rename(next, last)
}

// keep saves as save does, but a failure is a warning: the next attempt may find room on the disk.
func (r *Run) keep(h Hooks) {
	err := r.save()
	if err == nil {
		return
	}
	if r.best != nil { // the training goes on, and would change it
		r.best.Weights = maps.Clone(r.best.Weights)
		for name, t := range r.best.Weights {
			r.best.Weights[name] = t.Clone()
		}
	}
	r.warn(h, fmt.Sprintf("%v; the training goes on, and the next checkpoint is tried", err))
}

func (r *Run) warn(h Hooks, text string) {
	if h.Warning != nil {
		h.Warning(text)
	}
}

// readCheckpoint reads the last checkpoint of a run, or the one before if that is damaged, which is a warning. It returns nil if there is none.
func readCheckpoint(dir string) (m *modelfile.Model, warnings []string, err error) {
	last, previous := filepath.Join(dir, modelfile.Last), filepath.Join(dir, previousFile)
	m, err = modelfile.Read(last)
	if err == nil {
		return m, nil, nil
	}
	if m, prevErr := modelfile.Read(previous); prevErr == nil {
		return m, []string{fmt.Sprintf("%v; going on from %s, the checkpoint before it", err, previous)}, nil
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	return nil, nil, err
}

// removeLeftovers removes what a killed process was writing.
func removeLeftovers(dir string) {
	files, _ := filepath.Glob(filepath.Join(dir, ".*.tmp"))
	for _, f := range append(files, filepath.Join(dir, nextFile)) {
		os.Remove(f)
	}
}

// metrics returns what a model file says of the weights after the given epoch, 0 for none.
func (p *progress) metrics(epoch int) map[string]float64 {
	if epoch == 0 {
		return nil
	}
	e := p.History[epoch-1]
	m := map[string]float64{"epoch": float64(epoch)}
	e.Train.metrics("train.", m)
	if e.Validation != nil {
		e.Validation.metrics("validation.", m)
	}
	return m
}

// restore puts m, the content of last.safetensors, into a new run.
func (r *Run) restore(m *modelfile.Model) error {
	if err := r.restoreFrom(m); err != nil {
		return fmt.Errorf("resume %s: %w", filepath.Join(r.dir, modelfile.Last), err)
	}
	return nil
}

func (r *Run) restoreFrom(m *modelfile.Model) error {
	if m.Training == nil {
		return fmt.Errorf("a model, but no checkpoint: the optimiser's state is missing")
	}
	if m.Data.SHA256 != r.model.Data.SHA256 {
		return fmt.Errorf("the data are not those that the run began with: %d images whose SHA-256 begins with %.12s, expected %d with %.12s",
			r.model.Data.Train, r.model.Data.SHA256, m.Data.Train, m.Data.SHA256)
	}
	var p progress
	if err := json.Unmarshal(m.Training.State, &p); err != nil {
		return fmt.Errorf("state of the training: %w", err)
	}
	if p.Unfrozen {
		if err := r.unfreeze(); err != nil {
			return err
		}
	}
	if err := modelfile.Match(m.Architecture, r.trainer.variables, m.Weights); err != nil {
		return err
	}
	if err := modelfile.Match(r.cfg.Optim, r.trainer.states, m.Training.Optim); err != nil {
		return err
	}
	if p.Epoch != len(p.History) || p.Epoch > r.cfg.Epochs || p.Batch < 0 || p.Batch > r.batches() || p.Best > p.Epoch {
		return fmt.Errorf("state of the training: epoch %d of %d, batch %d of %d: not of this run", p.Epoch, r.cfg.Epochs, p.Batch, r.batches())
	}
	r.progress = p
	for _, e := range p.History {
		r.losses = append(r.losses, e.loss())
	}
	r.trainer.steps, r.trainer.pending = p.Step, p.Batch%r.cfg.Accumulate
	r.trainer.take(m.Weights, m.Training.Optim)
	return nil
}

func writeFile(path string, content []byte) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}
