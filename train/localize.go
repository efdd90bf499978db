package train

import (
	"fmt"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/task/localize"
)

func checkLocalize(c *Config, spec models.Spec) error {
	if spec.Task != "" && spec.Task != classify.Name {
		return wrongModel(c, spec)
	}
	return onlyClassify(c)
}

// onlyClassify reports settings that no other task has.
func onlyClassify(c *Config) error {
	for _, s := range []struct {
		key   string
		given bool
	}{{"loss", c.Loss != ""}, {"class_weights", c.ClassWeights != ""}, {"augment.mixup", c.Augment.MixUp > 0}, {"augment.cutmix", c.Augment.CutMix > 0}} {
		if s.given {
			return fmt.Errorf("%s is for the task classify, not for %s", s.key, c.Task)
		}
	}
	return nil
}

func describeLocalize(_ *Config, _ *modelfile.Model, first data.Sample) error {
	if n := len(first.Boxes); n != 1 {
		return fmt.Errorf("%d boxes, and the task localize learns from one in each image", n)
	}
	return nil
}

func localizeLearner(c *Config, m *modelfile.Model, _ data.Dataset) (task.Learner, error) {
	t, err := localize.Of(m)
	return localize.Learner{Task: t, Smoothing: float32(c.Smoothing)}, err
}
