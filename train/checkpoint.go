package train

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"

	"github.com/lince-ml/lince/internal/atomicfile"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/tensor"
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
}

// sums are what the training loss and accuracy of an epoch are made from.
type sums struct {
	Loss    float64 `json:"loss"` // of the steps
	Correct int     `json:"correct"`
	Steps   int     `json:"steps"`
}

// epochSeconds are times of one epoch.
type epochSeconds struct {
	Steps float64 `json:"steps"` // training
	Total float64 `json:"total"`
}

// save writes last.safetensors.
func (r *Run) save() error {
	p := r.progress
	p.Step = r.trainer.steps
	state, err := json.Marshal(p)
	if err != nil {
		return err
	}
	m := *r.model
	m.Metrics = p.metrics(p.Epoch)
	m.Training = &modelfile.Training{State: state, Optim: r.trainer.state}
	return modelfile.Write(filepath.Join(r.dir, modelfile.Last), &m)
}

// saveBest writes best.safetensors.
func (r *Run) saveBest() error {
	m := *r.model
	m.Metrics = r.progress.metrics(r.progress.Epoch)
	return modelfile.Write(filepath.Join(r.dir, modelfile.Best), &m)
}

// metrics returns what a model file says of the weights after the given epoch, 0 for none.
func (p *progress) metrics(epoch int) map[string]float64 {
	if epoch == 0 {
		return nil
	}
	e := p.History[epoch-1]
	m := map[string]float64{"epoch": float64(epoch), "train.loss": e.Train.Loss, "train.accuracy": e.Train.Accuracy}
	if e.Validation != nil {
		m["validation.loss"], m["validation.accuracy"] = e.Validation.Loss, e.Validation.Accuracy
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
	if err := modelfile.Match(m.Architecture, r.trainer.variables, m.Weights); err != nil {
		return err
	}
	if err := modelfile.Match(r.cfg.Optim, r.trainer.states, m.Training.Optim); err != nil {
		return err
	}
	var p progress
	if err := json.Unmarshal(m.Training.State, &p); err != nil {
		return fmt.Errorf("state of the training: %w", err)
	}
	if p.Epoch != len(p.History) || p.Epoch > r.cfg.Epochs || p.Batch < 0 || p.Batch > r.loader.Len() || p.Best > p.Epoch {
		return fmt.Errorf("state of the training: epoch %d of %d, batch %d of %d: not of this run", p.Epoch, r.cfg.Epochs, p.Batch, r.loader.Len())
	}
	r.progress = p
	r.trainer.steps = p.Step
	for to, from := range map[*map[string]*tensor.Tensor]map[string]*tensor.Tensor{
		&r.trainer.values: m.Weights, &r.trainer.state: m.Training.Optim,
	} {
		for name, t := range from {
			copy((*to)[name].Bytes(), t.Bytes())
		}
	}
	return nil
}

// writeHistory writes metrics.jsonl anew. It is short, and so never has a line twice or in part.
func (r *Run) writeHistory() error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, e := range r.progress.History {
		if err := enc.Encode(e); err != nil {
			return err
		}
	}
	return writeFile(filepath.Join(r.dir, MetricsFile), b.Bytes())
}

func writeFile(path string, content []byte) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}
