package train

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/internal/filelock"
	"github.com/lince-ml/lince/internal/version"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/optim"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/tensor"
)

// The files of a run folder, beside modelfile.Best and modelfile.Last.
const (
	ConfigFile  = "config.yaml"
	WeightsFile = "weights.json" // only of runs that started from weights
	MetricsFile = "metrics.jsonl"
	TableFile   = "metrics.csv" // the same as a table
	ResultFile  = "result.json"
)

// A Run is a training and its folder.
type Run struct {
	dir      string
	lock     *filelock.Lock // on the folder
	cfg      Config
	data     Data
	kind     kind
	model    *modelfile.Model
	backend  *cpu.Backend
	learner  task.Learner
	trainer  *Trainer
	current  task.Measurer // of the weights as they are
	loader   *data.Loader
	schedule optim.Schedule
	progress progress
	losses   []float64 // of the epochs so far, for the schedule
	initial  *Initial  // nil: random weights, or those of a checkpoint

	saver    saver
	began    time.Time        // of the steps that are being done, the zero time if none are
	best     *modelfile.Model // of the best epoch, if its file is not written yet
	written  int              // epochs of which the files of metrics tell
	unsaved  bool             // the last attempt to save failed
	events   string           // the file for TensorBoard that this process writes, "" if none yet
	warnings []string         // for Hooks.Warning
}

// Start begins a training in the folder dir, which is made if it does not exist and must not hold a run. It divides and
// measures the data, loads Config.Weights, writes config.yaml and a first last.safetensors. If it fails and the folder is empty, it removes it. Close the
// run at the end.
func Start(dir string, cfg Config, d Data) (*Run, error) {
	r, err := prepare(dir, cfg, d)
	if err == nil {
		if err = r.begin(); err == nil {
			return r, nil
		}
		r.Close()
	}
	if info, statErr := os.Stat(dir); statErr == nil && info.IsDir() {
		os.Remove(dir) // fails if there is something in it, and shall
	}
	return nil, err
}

// begin writes the first files, or none.
func (r *Run) begin() error {
	if err := os.MkdirAll(r.dir, 0o777); err != nil {
		return fmt.Errorf("make folder %s: %w", r.dir, errors.Unwrap(err))
	}
	var err error
	if r.lock, err = lockFolder(r.dir); err != nil {
		return err
	}
	for _, name := range []string{ConfigFile, modelfile.Last, modelfile.Best, ResultFile} {
		if _, err := os.Stat(filepath.Join(r.dir, name)); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s holds a run already (%s): resume it, or choose another folder", r.dir, name)
		}
	}
	err = r.cfg.write(filepath.Join(r.dir, ConfigFile))
	if err == nil {
		err = r.writeInitial()
	}
	if err == nil {
		err = r.save()
	}
	if err != nil {
		for _, name := range []string{ConfigFile, WeightsFile, modelfile.Last} {
			os.Remove(filepath.Join(r.dir, name))
		}
	}
	return err
}

// Resume opens the run in dir where its last checkpoint left it. The data must be those it began with, the files of Config.Data;
// Config.Weights are not needed any more, unless the run was killed before its first checkpoint and so begins anew. Of a run that has finished, Train only
// measures the test images again.
func Resume(dir string, d Data) (*Run, error) {
	cfg, err := ReadConfig(filepath.Join(dir, ConfigFile), Config{})
	if err != nil {
		return nil, err
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	r, err := reopen(dir, cfg, d)
	if err != nil {
		lock.Release()
		return nil, err
	}
	r.lock = lock
	return r, nil
}

// reopen is Resume with the folder locked.
func reopen(dir string, cfg Config, d Data) (*Run, error) {
	removeLeftovers(dir)
	m, warnings, err := readCheckpoint(dir)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return startAgain(dir, cfg, d)
	}
	r, err := newRun(dir, cfg, d, &m.Input)
	if err != nil {
		return nil, err
	}
	r.warnings = warnings
	if err := r.restore(m); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// startAgain begins a run that has its settings, but no checkpoint.
func startAgain(dir string, cfg Config, d Data) (*Run, error) {
	r, err := prepare(dir, cfg, d)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(r.writeInitial(), r.save()); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// newRun does everything up to the first step but for the weights, which are random, and touches no file. Images are normalised as for the input
// as, if it is not nil.
func newRun(dir string, cfg Config, d Data, as *modelfile.Input) (*Run, error) {
	if err := cfg.Check(); err != nil {
		return nil, err
	}
	r := &Run{dir: dir, cfg: cfg}
	r.cfg.Task = cmp.Or(cfg.Task, classify.Name)
	r.kind = kinds[r.cfg.Task]
	if err := r.prepareData(d); err != nil {
		return nil, err
	}
	if err := r.prepareModel(d, as); err != nil {
		return nil, err
	}
	if err := r.prepareTraining(); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// prepareData makes the splits and settles the size of the images.
func (r *Run) prepareData(d Data) error {
	if d.Train == nil || d.Train.Len() == 0 {
		return fmt.Errorf("%s: no training images", r.cfg.Data)
	}
	for name, set := range map[string]data.Dataset{"validation": d.Validation, "test": d.Test} {
		if set != nil && len(set.Classes()) != len(d.Train.Classes()) {
			return fmt.Errorf("%s: %d classes in the %s images, %d in the training images", r.cfg.Data, len(set.Classes()), name, len(d.Train.Classes()))
		}
	}
	var err error
	if r.data, err = Divide(d, &r.cfg); err != nil {
		return err
	}
	first, err := d.Train.Sample(0)
	if err != nil {
		return err
	}
	c, im := &r.cfg, first.Image
	c.Channels, c.Height, c.Width = cmp.Or(c.Channels, im.C), cmp.Or(c.Height, im.H), cmp.Or(c.Width, im.W)
	return modelfile.Input{Channels: c.Channels, Height: c.Height, Width: c.Width}.Check(d.Train.Name(0), im.C, im.H, im.W)
}

// prepareModel describes the network.
func (r *Run) prepareModel(d Data, as *modelfile.Input) error {
	c := &r.cfg
	spec, err := models.Lookup(c.Model)
	if err != nil {
		return err
	}
	first, err := d.Train.Sample(0)
	if err != nil {
		return err
	}
	m := &modelfile.Model{Task: c.Task, Architecture: c.Model, Classes: d.Train.Classes(), Version: version.String()}
	if err := r.kind.describe(c, m, first); err != nil {
		return fmt.Errorf("%s: %w", d.Train.Name(0), err)
	}
	if m.Input, err = measure(r.data.Train, c.Channels, c.Height, c.Width, c.Workers); err != nil {
		return err
	}
	switch {
	case c.Mean != nil && len(c.Mean) != c.Channels:
		return settingf("mean and std: %d each, expected %d, one for each channel", len(c.Mean), c.Channels)
	case c.Mean != nil:
		m.Input.Mean, m.Input.Std = c.Mean, c.Std
	case as != nil && as.Channels == c.Channels:
		m.Input.Mean, m.Input.Std = as.Mean, as.Std
	}
	if m.Data, err = describe(c.Data, d.Train, c.Workers); err != nil {
		return err
	}
	m.Options = c.ModelOptions
	args, err := spec.Complete(m.Args())
	m.Options = args.Options
	c.ModelOptions = args.Options
	r.model = m
	return err
}

// prepareTraining compiles.
func (r *Run) prepareTraining() error {
	c := &r.cfg
	var err error
	if r.learner, err = r.kind.learner(c, r.model, r.data.Train); err != nil {
		return err
	}
	rule, err := optim.ParseRule(c.Optim)
	if err != nil {
		return err
	}
	c.Rate = cmp.Or(c.Rate, usualRate(rule))
	if r.schedule, err = optim.ParseSchedule(c.Schedule); err != nil {
		return err
	}
	if r.backend, err = cpu.New(c.Threads); err != nil {
		return err
	}
	average, err := optim.ParseEMA(c.EMA)
	if err != nil {
		return err
	}
	keep, err := r.keptByFreeze()
	if err != nil {
		return err
	}
	c.Accumulate = max(1, c.Accumulate)
	err = r.setTrainer(Settings{
		Batch: c.Batch, Accumulate: c.Accumulate, Rule: rule, LayerRates: c.LayerRates, EMA: average, Seed: c.Seed, Frozen: keep,
		Optim: optim.Options{ClipNorm: c.ClipNorm, ClipValue: c.ClipValue, DecayAll: c.DecayAll},
	})
	if err != nil {
		return err
	}
	r.loader = &data.Loader{
		Data: r.data.Train, Batch: c.Batch, Seed: seedFor(seedOrder, c.Seed), Shuffle: true, DropLast: true,
		Workers: c.Workers, Answers: r.answers, Encode: r.learner.Encode,
	}
	if err := c.Augment.apply(r.loader, c.Height, c.Width); err != nil {
		return err
	}
	if c.Steps > 0 {
		c.Epochs = (c.Steps*c.Accumulate + r.batches() - 1) / r.batches()
	}
	r.saver.steps, r.saver.time, err = parseSaveEvery(c.SaveEvery)
	return err
}

// keptByFreeze returns the variables that Config.Freeze freezes.
func (r *Run) keptByFreeze() (map[string]bool, error) {
	if r.cfg.Freeze == "" {
		return nil, nil
	}
	vars, err := r.model.Variables()
	if err != nil {
		return nil, err
	}
	return frozen(vars, r.cfg.Freeze)
}

// answers makes the tensors of a batch that say what is right.
func (r *Run) answers() []*tensor.Tensor {
	var list []*tensor.Tensor
	for _, a := range r.learner.Answers(r.cfg.Batch) {
		list = append(list, tensor.New(a.Type.DType, a.Type.Shape))
	}
	return list
}

// setTrainer compiles the training step.
func (r *Run) setTrainer(s Settings) (err error) {
	if r.trainer, err = NewTrainer(r.backend, r.learner, s); err != nil {
		return err
	}
	r.watch()
	return nil
}

// watch makes the weights that are measured and kept those of the trainer.
func (r *Run) watch() {
	r.model.Weights = r.trainer.Averaged()
	r.current = r.learner.Measurer(r.backend, r.model.Weights, true)
}

// Dir returns the folder.
func (r *Run) Dir() string { return r.dir }

// Config returns the settings, with the real values where the given ones left the choice open.
func (r *Run) Config() Config { return r.cfg }

// Data returns the images as they are used, with all splits made. Test and Validation may be nil.
func (r *Run) Data() Data { return r.data }

// Model describes the network that is trained. Its weights change during Train.
func (r *Run) Model() *modelfile.Model { return r.model }

// LossTerms names the parts of the loss, each of which metrics.jsonl has with _loss behind its name; none if it is one number alone.
func (r *Run) LossTerms() (names []string) {
	for _, p := range r.trainer.parts {
		if !p.Count {
			names = append(names, p.Name)
		}
	}
	return names
}

// Initial says what was loaded from Config.Weights; nil if there were none, and after Resume.
func (r *Run) Initial() *Initial { return r.initial }

// Variables returns the parameters and running statistics of the network. Those that Config.Freeze freezes are marked.
func (r *Run) Variables() []nn.Variable { return r.trainer.variables }

// Close ends the threads of the run and lets others have its folder.
func (r *Run) Close() {
	if r.lock != nil {
		r.lock.Release()
		r.lock = nil
	}
	if r.backend != nil {
		r.backend.Close()
		r.backend = nil
	}
}
