package train

import (
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/task/detect"
)

func checkDetect(c *Config, spec models.Spec) error {
	if spec.Task != detect.Name {
		return wrongModel(c, spec)
	}
	if err := detect.CanLearn(spec.Name); err != nil {
		return err
	}
	return onlyClassify(c)
}

// describeDetect has nothing to complain of: an image without boxes shows background.
func describeDetect(*Config, *modelfile.Model, data.Sample) error { return nil }

func detectLearner(_ *Config, m *modelfile.Model, _ data.Dataset) (task.Learner, error) {
	return detect.Of(m)
}
