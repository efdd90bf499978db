package train

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/task/classify"
)

// balanced is the value of Config.ClassWeights that makes rare classes count as much as others.
const balanced = "balanced"

// UsualLoss returns the value of Config.Loss that an empty one stands for, where images, or pixels, have one label or, if several, any number of them.
func UsualLoss(several bool) string {
	if several {
		return "bce"
	}
	return "ce"
}

// checkClassify is the check of the kind.
func checkClassify(c *Config, spec models.Spec) error {
	if spec.Task != "" && spec.Task != classify.Name {
		return wrongModel(c, spec)
	}
	if c.ClassWeights != "" && c.ClassWeights != balanced {
		if _, err := parseWeights(c.ClassWeights); err != nil {
			return err
		}
	}
	_, err := classify.ParseLoss(c.Loss)
	return err
}

func wrongModel(c *Config, spec models.Spec) error {
	return fmt.Errorf("model %s is for the task %s, not for %s", spec.Name, cmp.Or(spec.Task, classify.Name), cmp.Or(c.Task, classify.Name))
}

// describeClassify gives m its kind.
func describeClassify(c *Config, m *modelfile.Model, first data.Sample) (err error) {
	if first.Label < 0 && first.Labels == nil {
		return errors.New("no label, which the task classify needs: say with --task what to learn from such images: " + strings.Join(modelfile.Tasks[1:], ", "))
	}
	m.Kind, err = classify.KindFor(c.Loss, len(m.Classes), first.Labels != nil)
	c.Loss = cmp.Or(c.Loss, UsualLoss(first.Labels != nil))
	return err
}

func classifyLearner(c *Config, m *modelfile.Model, d data.Dataset) (task.Learner, error) {
	t, err := classify.Of(m)
	if err != nil {
		return nil, err
	}
	o, err := c.objective(m.Kind, d)
	return classify.Learner{Task: t, Objective: o}, err
}

func recordClassify(path string, r task.Report, d data.Dataset) error {
	return classify.NewPredictions(r.(*classify.Report), d).Write(path)
}

// objective returns what training makes small, for images d of the given kind.
func (c *Config) objective(kind modelfile.Kind, d data.Dataset) (classify.Objective, error) {
	o, err := classify.ParseLoss(c.Loss)
	if err != nil {
		return o, err
	}
	o.Smoothing, o.Mixed = float32(c.Smoothing), c.Augment.Mixes()
	if c.ClassWeights == "" {
		return o, nil
	}
	if kind != modelfile.Multiclass && o.Focal {
		return o, settingf("class_weights %s with loss %s, whose alpha has that purpose: expected none", c.ClassWeights, c.Loss)
	}
	if c.ClassWeights == balanced {
		o.Weights, err = balance(d)
	} else if o.Weights, err = parseWeights(c.ClassWeights); err == nil && len(o.Weights) != len(d.Classes()) {
		err = settingf("class_weights %s: %d numbers, expected one for each of %s", c.ClassWeights, len(o.Weights), someClasses(d.Classes()))
	}
	return o, err
}

// someClasses says how many classes there are, and which, if they are few.
func someClasses(names []string) string {
	if len(names) > 10 {
		return fmt.Sprintf("%d classes", len(names))
	}
	return fmt.Sprintf("%d classes: %s", len(names), strings.Join(names, ", "))
}

// parseWeights reads numbers between commas, in the order of the classes.
func parseWeights(text string) (list []float32, err error) {
	for _, word := range strings.Split(text, ",") {
		v, err := strconv.ParseFloat(strings.TrimSpace(word), 32)
		if err != nil || !(v > 0 && v <= 1e6) {
			return nil, fmt.Errorf("class_weights %s: %q, expected balanced, or a number above 0 for each class, between commas", text, word)
		}
		list = append(list, float32(v))
	}
	return list, nil
}

// balance returns the weight of each class: all images / (classes x images of the class), as scikit-learn's class_weight="balanced"; where images may
// have several labels, the images without it / those with it.
func balance(d data.Dataset) ([]float32, error) {
	counts, several, err := countLabels(d)
	if err != nil {
		return nil, err
	}
	if i := slices.Index(counts, 0); i >= 0 {
		return nil, fmt.Errorf("class_weights balanced: no training image is of class %s", d.Classes()[i])
	}
	weights := make([]float32, len(counts))
	for i, n := range counts {
		weights[i] = float32(float64(d.Len()) / float64(len(counts)*n))
		if several {
			weights[i] = float32(max(1, d.Len()-n)) / float32(n)
		}
	}
	return weights, nil
}

// countLabels returns how many images of d have each class, and whether they may have several.
func countLabels(d data.Dataset) (counts []int, several bool, err error) {
	counts = make([]int, len(d.Classes()))
	for i := range d.Len() {
		label, labels, err := labelsOf(d, i)
		if err != nil {
			return nil, false, err
		}
		if labels == nil {
			counts[label]++
			continue
		}
		several = true
		for c, has := range labels {
			counts[c] += int(has)
		}
	}
	return counts, several, nil
}

// labelsOf returns the label of an image, or the list of its labels, without reading the image if that can be.
func labelsOf(d data.Dataset, i int) (label int, labels []float32, err error) {
	if l, ok := d.(data.Labeler); ok {
		if label, err = l.Label(i); err != nil || label >= 0 {
			return label, nil, err
		}
	}
	if l, ok := d.(data.MultiLabeler); ok {
		labels, err = l.Labels(i)
		return -1, labels, err
	}
	s, err := d.Sample(i)
	return s.Label, s.Labels, err
}
