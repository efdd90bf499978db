package train

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/task/segment"
)

func checkSegment(c *Config, spec models.Spec) error {
	if spec.Task != segment.Name {
		return wrongModel(c, spec)
	}
	for _, s := range []struct {
		key   string
		given bool
	}{{"label_smoothing", c.Smoothing > 0}, {"augment.mixup", c.Augment.MixUp > 0}, {"augment.cutmix", c.Augment.CutMix > 0}} {
		if s.given {
			return fmt.Errorf("%s is not for the task %s", s.key, c.Task)
		}
	}
	if c.ClassWeights != "" && c.ClassWeights != balanced {
		if _, err := parseWeights(c.ClassWeights); err != nil {
			return err
		}
	}
	_, err := segment.ParseLoss(c.Loss)
	return err
}

func describeSegment(c *Config, _ *modelfile.Model, first data.Sample) error {
	c.Loss = cmp.Or(c.Loss, UsualLoss(false))
	if first.Mask == nil {
		return errors.New("no mask, and the task segment learns from the class of each pixel")
	}
	return nil
}

func segmentLearner(c *Config, m *modelfile.Model, d data.Dataset) (task.Learner, error) {
	t, err := segment.Of(m)
	if err != nil {
		return nil, err
	}
	o, err := segment.ParseLoss(c.Loss)
	switch {
	case err != nil || c.ClassWeights == "":
	case c.ClassWeights == balanced:
		o.Weights, err = balancePixels(d)
	default:
		if o.Weights, err = parseWeights(c.ClassWeights); err == nil && len(o.Weights) != len(m.Classes) {
			err = fmt.Errorf("class_weights %s: %d numbers for %d classes", c.ClassWeights, len(o.Weights), len(m.Classes))
		}
	}
	return segment.Learner{Task: t, Objective: o}, err
}

// balancePixels returns the weights of median frequency balancing, from the masks that visit chooses.
func balancePixels(d data.Dataset) ([]float32, error) {
	classes := len(d.Classes())
	counts, areas := make([]int64, classes), make([]int64, classes)
	err := visit(d, 0, func(_ []uint8, s data.Sample) error {
		if s.Mask == nil {
			return errors.New("class_weights balanced: an image without a mask")
		}
		here, known := make([]int64, classes), int64(0)
		for _, class := range s.Mask.Pix {
			if int(class) < classes {
				here[class]++
				known++
			}
		}
		for class, n := range here {
			if n > 0 {
				counts[class] += n
				areas[class] += known
			}
		}
		return nil
	})
	return segment.MedianFrequency(counts, areas), err
}
