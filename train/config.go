package train

import (
	"fmt"

	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/optim"
)

// A Config is all that determines a training. It is the content of config.yaml in a run folder; the field's comments are
// those a user needs.
type Config struct {
	Data         string            `yaml:"data"`                    // what to learn from, as on the command line
	Model        string            `yaml:"model"`                   // an architecture of package models
	ModelOptions map[string]string `yaml:"model_options,omitempty"` // its options, such as activation: relu
	Channels     int               `yaml:"channels"`                // of the images: 1 grey, 3 colour; 0 means as the data has
	Height       int               `yaml:"height"`                  // rows of the images; 0 means as the data has
	Width        int               `yaml:"width"`                   // columns of the images; 0 means as the data has

	Weights       string `yaml:"weights,omitempty"`        // file to start from: a lince model, a run folder, or weights of other programs; what fits is loaded
	WeightsSHA256 string `yaml:"weights_sha256,omitempty"` // of that file, which a run notes and a repetition insists on; empty means any
	Freeze        string `yaml:"freeze,omitempty"`         // layer, such as layer3 or features.7: all up to it keep their weights; empty means none

	Epochs    int     `yaml:"epochs"`          // passes over the training images
	Batch     int     `yaml:"batch"`           // images per step
	Optim     string  `yaml:"optim"`           // as optim.ParseRule takes it, such as sgd:momentum=0.9,nesterov=true,decay=5e-4
	Rate      float64 `yaml:"lr"`              // base learning rate; 0 means the usual one for optim
	Schedule  string  `yaml:"schedule"`        // as optim.ParseSchedule takes it, such as onecycle:warmup=0.2
	ClipNorm  float64 `yaml:"clip_norm"`       // joint norm that the gradients are scaled down to; 0 means never
	Smoothing float64 `yaml:"label_smoothing"` // share of each label given to all classes evenly
	Augment   Augment `yaml:"augment"`         // random variation of the training images

	Validation float64 `yaml:"validation"` // share of the training images set aside to choose the best epoch, where the data has no such set
	Test       float64 `yaml:"test"`       // share set aside for the test at the end, where the data has no such set
	Patience   int     `yaml:"patience"`   // epochs without a better validation result after which training stops; 0 means never

	Seed    uint64 `yaml:"seed"`    // of all chance: splits, first weights, order, augmentation, dropout
	Threads int    `yaml:"threads"` // of the computation; 0 means one per CPU. It changes no result.
	Workers int    `yaml:"workers"` // goroutines that prepare images; 0 means one per CPU. It changes no result.
}

// usualRate returns the learning rate for r where the settings say none.
func usualRate(r optim.Rule) float64 {
	if _, ok := r.(optim.SGD); ok {
		return 0.05
	}
	return 0.001 // of Adam's paper, section 2
}

// Check reports the first setting that is out of its range, by its key in config.yaml.
func (c *Config) Check() error {
	if _, err := models.Lookup(c.Model); err != nil {
		return err
	}
	if _, err := optim.ParseRule(c.Optim); err != nil {
		return err
	}
	if _, err := optim.ParseSchedule(c.Schedule); err != nil {
		return err
	}
	if c.WeightsSHA256 != "" && c.Weights == "" {
		return fmt.Errorf("weights_sha256 is the SHA-256 of a file that weights does not name")
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
		{"batch", float64(c.Batch), c.Batch >= 1, "1 or more"},
		{"lr", c.Rate, c.Rate >= 0 && c.Rate < 1e9, "0 or more"},
		{"clip_norm", c.ClipNorm, c.ClipNorm >= 0, "0 or more"},
		{"label_smoothing", c.Smoothing, c.Smoothing >= 0 && c.Smoothing < 1, "0 or more and less than 1"},
		{"validation", c.Validation, c.Validation >= 0 && c.Validation < 1, "0 or more and less than 1"},
		{"test", c.Test, c.Test >= 0 && c.Test < 1, "0 or more and less than 1"},
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
