// Package train teaches networks: it runs the epochs, measures, keeps the best weights, and leaves a run folder from which the training can
// be repeated, continued and judged:
//
//	config.yaml          every setting: Config
//	weights.json         what became of the tensors of Config.Weights, if there are any: Initial
//	metrics.jsonl        one Epoch a line
//	metrics.csv          the same as a table
//	events.out.tfevents.*  the same for TensorBoard, and at the end the plots
//	last.safetensors     where the training is, with the state of optimiser and loader
//	previous.safetensors the same, of the checkpoint before; removed at the end
//	best.safetensors     the model after the epoch with the best validation result, such as the accuracy (of equal ones, the least loss);
//	                     without validation images, after the last epoch
//	predictions.csv.gz   what those weights say of each test image: classify.Predictions, only of that task
//	result.json          Result: the test set, measured once, at the end, with the weights of best.safetensors
//
// No file is ever seen half-written, and a training that was killed goes on from last.safetensors to the same bits. The same
// Config on the same data gives the same weights whatever the number of threads and workers.
package train

import (
	"encoding/json"
	"time"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/task"
)

// Data are the images to learn from and to measure with.
type Data struct {
	Train      data.Dataset
	Validation data.Dataset // nil: Config.Validation of Train is set aside
	Test       data.Dataset // nil: Config.Test of Train is set aside, before that
}

// Hooks are told how the training goes. Train calls them one at a time. Each may be nil.
type Hooks struct {
	Progress func(Progress) // about ten times a second within an epoch
	Epoch    func(Epoch)    // after each epoch, when its files are written
	Warning  func(string)   // when something went wrong that does not end the training, such as a checkpoint that could not be written
}

// Progress is the state within an epoch.
type Progress struct {
	Epoch, Epochs   int   // the first epoch is 1
	Step, Steps     int   // steps done and to do in this epoch
	Score           Score // over the epoch so far
	ImagesPerSecond float64
	Remaining       time.Duration // estimate of the time until the end of all epochs
}

// An Epoch is a line of metrics.jsonl.
type Epoch struct {
	Epoch           int     `json:"epoch"` // the first is 1
	Step            int     `json:"step"`  // steps since the beginning of the training
	Rate            float64 `json:"lr"`    // learning rate of the last step
	Train           Score   `json:"train"` // as the epoch went: on varied images, with label smoothing, while the weights changed
	Validation      *Score  `json:"validation,omitempty"`
	Best            bool    `json:"best"`                // the best epoch so far: its weights are now in best.safetensors
	Threshold       float32 `json:"threshold,omitempty"` // of the best one, where things are found: from which score on they are best believed
	ImagesPerSecond float64 `json:"images_per_second"`   // in the training steps
	Seconds         float64 `json:"seconds"`             // of the whole epoch, with validation
}

// A Result is the content of result.json.
type Result struct {
	Task            string       `json:"task"`
	Model           string       `json:"model"`
	Test            task.Summary `json:"test"`          // of the weights in best.safetensors; null if there are no test images
	Epochs          int          `json:"epochs"`        // done
	TrainSeconds    float64      `json:"train_seconds"` // of all epochs, with validation
	ImagesPerSecond float64      `json:"images_per_second"`
	Seed            uint64       `json:"seed"`
	Parameters      int          `json:"parameters"`    // trainable numbers
	ParamsSHA256    string       `json:"params_sha256"` // of the parameters in best.safetensors, as modelfile.ParameterSum defines it

	LastParamsSHA256 string         `json:"last_params_sha256"` // the same of the parameters after the last epoch
	BestEpoch        int            `json:"best_epoch"`
	Validation       *Score         `json:"validation,omitempty"` // of the best epoch
	EarlyStopped     bool           `json:"early_stopped"`        // Config.Patience ended the training
	Data             modelfile.Data `json:"data"`
	Version          string         `json:"version"` // of lince
}

// UnmarshalJSON implements json.Unmarshaler: the task says which kind of Summary Test is.
func (r *Result) UnmarshalJSON(b []byte) error {
	type plain Result
	v := struct {
		*plain
		Test json.RawMessage `json:"test"`
	}{plain: (*plain)(r)}
	if err := json.Unmarshal(b, &v); err != nil || len(v.Test) == 0 || string(v.Test) == "null" {
		return err
	}
	k, err := kindOf(r.Task)
	if err != nil {
		return err
	}
	r.Test = k.summary()
	return json.Unmarshal(v.Test, r.Test)
}

// An Outcome is what a finished training returns, for reports and plots.
type Outcome struct {
	Result  Result
	History []Epoch
	Model   *modelfile.Model // the content of best.safetensors
	Report  task.Report      // of the test images; nil if there are none
	Test    data.Dataset     // the test images
}
