package train

import (
	"fmt"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/task/detect"
	"github.com/lince-ml/lince/task/instances"
)

func checkInstances(c *Config, spec models.Spec) error {
	if spec.Task != instances.Name {
		return wrongModel(c, spec)
	}
	if err := detect.CanLearn(spec.Name); err != nil {
		return err
	}
	return onlyClassify(c)
}

func describeInstances(_ *Config, _ *modelfile.Model, first data.Sample) error {
	for _, b := range first.Boxes {
		if b.Shape != nil {
			return nil
		}
	}
	if len(first.Boxes) > 0 {
		return fmt.Errorf("boxes without outlines, and the task instances learns from these: the task detect learns from boxes")
	}
	return nil
}

func instancesLearner(_ *Config, m *modelfile.Model, _ data.Dataset) (task.Learner, error) {
	return instances.Of(m)
}
