package train

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/lince-ml/lince/internal/nearest"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/optim"
	"github.com/lince-ml/lince/task/classify"
)

// A Config is all that determines a training. It is the content of config.yaml in a run folder; the field's comments are
// those a user needs.
type Config struct {
	Data         string            `yaml:"data"`                    // what to learn from, as on the command line
	Task         string            `yaml:"task,omitempty"`          // what to learn, such as localize; empty means classify
	Model        string            `yaml:"model"`                   // an architecture of package models
	ModelOptions map[string]string `yaml:"model_options,omitempty"` // its options, such as activation: relu
	Channels     int               `yaml:"channels"`                // of the images: 1 grey, 3 colour; 0 means as the data has
	Height       int               `yaml:"height"`                  // rows of the images; 0 means as the data has
	Width        int               `yaml:"width"`                   // columns of the images; 0 means as the data has

	Weights       string `yaml:"weights,omitempty"`        // file to start from: a lince model, a run folder, or weights of other programs; what fits is loaded
	WeightsSHA256 string `yaml:"weights_sha256,omitempty"` // of that file, which a run notes and a repetition insists on; empty means any
	Freeze        string `yaml:"freeze,omitempty"`         // layer, such as layer3 or features.7: all up to it keep their weights; empty means none
	UnfreezeAt    int    `yaml:"unfreeze_at,omitempty"`    // epoch from which on they are trained, too; 0 means never

	Mean []float32 `yaml:"mean,omitempty,flow"` // of each channel, 0 to 1, subtracted from the images; empty means that of the weights if it is known, else of the training images
	Std  []float32 `yaml:"std,omitempty,flow"`  // standard deviation of each channel, by which they are divided then; empty means likewise

	Epochs       int     `yaml:"epochs"`                  // passes over the training images
	Steps        int     `yaml:"steps,omitempty"`         // after which the training ends, whatever epochs says; 0 means that epochs decides
	Batch        int     `yaml:"batch"`                   // images that are in memory at a time
	Accumulate   int     `yaml:"accumulate"`              // batches per step of the optimiser; 0 means 1
	Optim        string  `yaml:"optim"`                   // as optim.ParseRule takes it, such as sgd:momentum=0.9,nesterov=true,decay=5e-4
	Rate         float64 `yaml:"lr"`                      // base learning rate; 0 means the usual one for optim
	LayerRates   string  `yaml:"layer_lr,omitempty"`      // factors of it by layer, as optim.ParseFactors takes them, such as conv1=0.1,layer*=0.5
	DecayAll     bool    `yaml:"decay_all,omitempty"`     // weight decay for biases and normalisation, too
	Schedule     string  `yaml:"schedule"`                // as optim.ParseSchedule takes it, such as onecycle:warmup=0.2
	EMA          string  `yaml:"ema,omitempty"`           // moving average of the weights that is measured and kept, as optim.ParseEMA takes it; empty means none
	ClipNorm     float64 `yaml:"clip_norm"`               // joint norm that the gradients are scaled down to; 0 means never
	ClipValue    float64 `yaml:"clip_value,omitempty"`    // size that each gradient is cut off at, before that; 0 means never
	Smoothing    float64 `yaml:"label_smoothing"`         // share of each label given to all classes evenly
	Loss         string  `yaml:"loss,omitempty"`          // as classify.ParseLoss takes it, such as focal:gamma=2; empty means the usual one of the data
	ClassWeights string  `yaml:"class_weights,omitempty"` // how much each class counts: balanced, or numbers between commas; empty means all the same
	Augment      Augment `yaml:"augment"`                 // random variation of the training images

	Validation float64 `yaml:"validation"`      // share of the training images set aside to choose the best epoch, where the data has no such set
	Test       float64 `yaml:"test"`            // share set aside for the test at the end, where the data has no such set
	Folds      int     `yaml:"folds,omitempty"` // validate with one of so many equal parts of the training images instead; 0 means by validation
	Fold       int     `yaml:"fold,omitempty"`  // which of them, counted from 0
	Patience   int     `yaml:"patience"`        // epochs without a better validation result after which training stops; 0 means never

	SaveEvery string `yaml:"save_every,omitempty"` // checkpoints within an epoch, such as 500 (steps) or 5m; empty means at its end. It changes no result.

	Seed    uint64 `yaml:"seed"`            // of all chance: splits, first weights, order, augmentation, dropout
	Threads int    `yaml:"threads"`         // of the computation; 0 means one per CPU. It changes no result.
	Workers int    `yaml:"workers"`         // goroutines that prepare images; 0 means one per CPU. It changes no result.
	Cache   string `yaml:"cache,omitempty"` // where decoded images of files are kept: ram, disk or none; empty means ram. It changes no result.
}

// usualRate returns the learning rate for r where the settings say none.
func usualRate(r optim.Rule) float64 {
	switch r := r.(type) {
	case optim.SGD:
		return 0.05
	case optim.Muon:
		return 0.02 // of its author's code
	case optim.LARS:
		return 1 // times its trust of 0.001
	case optim.Lookahead:
		return usualRate(r.Rule)
	}
	return 0.001 // of Adam's paper, section 2
}

// Check reports the first setting that is out of its range, by its key in config.yaml.
func (c *Config) Check() error {
	spec, err := models.Lookup(c.Model)
	if err != nil {
		return err
	}
	k, err := kindOf(cmp.Or(c.Task, classify.Name))
	if err != nil {
		return err
	}
	if err := k.check(c, spec); err != nil {
		return err
	}
	if _, err := optim.ParseRule(c.Optim); err != nil {
		return err
	}
	if _, err := optim.ParseSchedule(c.Schedule); err != nil {
		return err
	}
	if _, err := optim.ParseEMA(c.EMA); err != nil {
		return err
	}
	if _, _, err := parseSaveEvery(c.SaveEvery); err != nil {
		return err
	}
	if c.UnfreezeAt > 0 && c.Freeze == "" {
		return fmt.Errorf("unfreeze_at is %d, but freeze names no layer", c.UnfreezeAt)
	}
	if caches := []string{"ram", "disk", "none"}; c.Cache != "" && !slices.Contains(caches, c.Cache) {
		return nearest.Error("cache", c.Cache, caches)
	}
	if c.WeightsSHA256 != "" && c.Weights == "" {
		return fmt.Errorf("weights_sha256 is the SHA-256 of a file that weights does not name")
	}
	if len(c.Mean) != len(c.Std) {
		return fmt.Errorf("mean is %v and std is %v, expected as many numbers, or neither", c.Mean, c.Std)
	}
	for i, s := range c.Std {
		if m := float64(c.Mean[i]); !(s > 0) || math.IsInf(float64(s), 0) || math.IsInf(m, 0) || math.IsNaN(m) {
			return fmt.Errorf("mean is %v and std is %v, expected finite numbers, and deviations of more than 0", c.Mean, c.Std)
		}
	}
	for _, r := range []struct {
		key   string
		value float64
		ok    bool
		want  string
	}{
		{"channels", float64(c.Channels), c.Channels == 0 || c.Channels == 1 || c.Channels == 3, "1, 3, or 0 for those of the data"},
		{"height", float64(c.Height), c.Height >= 0, "0 or more"},
		{"width", float64(c.Width), c.Width >= 0, "0 or more"},
		{"epochs", float64(c.Epochs), c.Epochs >= 1, "1 or more"},
		{"steps", float64(c.Steps), c.Steps >= 0, "0 or more"},
		{"batch", float64(c.Batch), c.Batch >= 1, "1 or more"},
		{"accumulate", float64(c.Accumulate), c.Accumulate >= 0, "0 or more"},
		{"unfreeze_at", float64(c.UnfreezeAt), c.UnfreezeAt == 0 || c.UnfreezeAt >= 2, "2 or more: an epoch to come; 0 for never"},
		{"lr", c.Rate, c.Rate >= 0 && c.Rate < 1e9, "0 or more"},
		{"clip_norm", c.ClipNorm, c.ClipNorm >= 0, "0 or more"},
		{"clip_value", c.ClipValue, c.ClipValue >= 0, "0 or more"},
		{"label_smoothing", c.Smoothing, c.Smoothing >= 0 && c.Smoothing < 1, "0 or more and less than 1"},
		{"validation", c.Validation, c.Validation >= 0 && c.Validation < 1, "0 or more and less than 1"},
		{"test", c.Test, c.Test >= 0 && c.Test < 1, "0 or more and less than 1"},
		{"folds", float64(c.Folds), c.Folds == 0 || c.Folds >= 2, "2 or more, or 0 for none"},
		{"fold", float64(c.Fold), c.Fold >= 0 && c.Fold < max(1, c.Folds), fmt.Sprintf("0 to %d, counted from 0, with folds %d", max(1, c.Folds)-1, c.Folds)},
		{"patience", float64(c.Patience), c.Patience >= 0, "0 or more"},
		{"threads", float64(c.Threads), c.Threads >= 0, "0 or more"},
		{"workers", float64(c.Workers), c.Workers >= 0, "0 or more"},
	} {
		if !r.ok {
			return fmt.Errorf("%s is %v, expected %s", r.key, r.value, r.want)
		}
	}
	return c.Augment.check()
}
