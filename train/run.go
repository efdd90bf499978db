package train

import (
	"context"
	"errors"

	"github.com/lince-ml/lince/modelfile"
)

// A Run is a training and its folder.
type Run struct {
	dir  string
	cfg  Config
	data Data
}

// Start begins a training in the folder dir, which is made if it does not exist and must not hold a run. It divides and
// measures the data, writes config.yaml and a first last.safetensors. Close the run at the end.
func Start(dir string, cfg Config, d Data) (*Run, error) { return nil, errors.New("not yet written") }

// Resume opens the run in dir where last.safetensors left it. The data must be those it began with, the files of Config.Data.
// A run that has finished is an error.
func Resume(dir string, d Data) (*Run, error) { return nil, errors.New("not yet written") }

// Dir returns the folder.
func (r *Run) Dir() string { return r.dir }

// Config returns the settings, with the real values where the given ones left the choice open.
func (r *Run) Config() Config { return r.cfg }

// Data returns the images as they are used, with all splits made. Test and Validation may be nil.
func (r *Run) Data() Data { return r.data }

// Model describes the network that is trained. Its weights change during Train.
func (r *Run) Model() *modelfile.Model { return nil }

// Train does the epochs that are left, then measures the test images once and writes result.json. When ctx ends it finishes the step,
// saves last.safetensors and returns an *Interrupted. A loss that is not finite ends it with an error that names epoch and step.
func (r *Run) Train(ctx context.Context, h Hooks) (*Outcome, error) {
	return nil, errors.New("not yet written")
}

// Close ends the threads of the run.
func (r *Run) Close() {}

// Interrupted is the error of a training that its context ended. It can go on: see Resume.
type Interrupted struct {
	Dir   string
	Epoch int // the epoch it was in
	Step  int // of that epoch
	Err   error
}

// Error says where it stopped and how to go on.
func (e *Interrupted) Error() string { return "" }

// Unwrap returns the error of the context.
func (e *Interrupted) Unwrap() error { return e.Err }

// NewFolder makes the first folder of parent/name-1, parent/name-2, ... that does not exist, and returns its path.
func NewFolder(parent, name string) (string, error) { return "", errors.New("not yet written") }

// RunName returns the beginning of a run's name, such as "mnist-lenet5".
func (c *Config) RunName() string { return "" }

// ReadConfig reads a config.yaml. Settings that it does not name keep the values they have in base. A key that does not
// exist is an error that names the file, the line and the key that was probably meant.
func ReadConfig(path string, base Config) (Config, error) { return base, nil }

// Recipe returns the settings with which the given model (an architecture of package models) is trained on the given data ("mnist",
// "digits:DIR" or a folder) unless the user says otherwise.
func Recipe(data, model string) Config { return Config{} }
