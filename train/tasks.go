package train

import (
	"cmp"
	"maps"
	"slices"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/nearest"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/task/detect"
	"github.com/lince-ml/lince/task/instances"
	"github.com/lince-ml/lince/task/localize"
	"github.com/lince-ml/lince/task/segment"
)

// A kind is what this package has to know of a task, beside its task.Learner.
type kind struct {
	// check reports settings, or an architecture, that do not go with the task.
	check func(c *Config, spec models.Spec) error
	// describe completes m, and reports if a training image, of which first is one, does not tell what the task learns.
	describe func(c *Config, m *modelfile.Model, first data.Sample) error
	// learner returns the task of m, trained as c says on the images d. A zero c is for those who only measure; d is nil then.
	learner func(c *Config, m *modelfile.Model, d data.Dataset) (task.Learner, error)
	// summary returns what the test in result.json is read into.
	summary func() task.Summary
	// record writes what the model says of each image to a file, which is PredictionsFile; nil if there is no such file.
	record  func(path string, r task.Report, d data.Dataset) error
	recipe  string                                 // the usual one
	framing func(architecture string) data.Framing // what becomes of pictures of other proportions
}

// kinds has a line for each task that can be trained.
var kinds = map[string]kind{
	classify.Name:  {checkClassify, describeClassify, classifyLearner, func() task.Summary { return &classify.Metrics{} }, recordClassify, "photos", always(data.Cover)},
	localize.Name:  {checkLocalize, describeLocalize, localizeLearner, func() task.Summary { return &localize.Metrics{} }, nil, "localize", always(data.Cover)},
	detect.Name:    {checkDetect, describeDetect, detectLearner, func() task.Summary { return &detect.Metrics{} }, nil, "detect", detect.Framing},
	instances.Name: {checkInstances, describeInstances, instancesLearner, func() task.Summary { return &instances.Metrics{} }, nil, "instances", detect.Framing},
	segment.Name:   {checkSegment, describeSegment, segmentLearner, func() task.Summary { return &segment.Metrics{} }, nil, "segment", always(data.Stretch)},
}

// TaskNames returns the names of the tasks, sorted.
func TaskNames() []string { return slices.Sorted(maps.Keys(kinds)) }

func kindOf(name string) (kind, error) {
	k, ok := kinds[name]
	if !ok {
		return k, nearest.Error("task", name, TaskNames())
	}
	return k, nil
}

// Framing says what becomes of pictures of other proportions than those that the architecture model takes, when the data of a task is opened.
func Framing(task, model string) (data.Framing, error) {
	k, err := kindOf(cmp.Or(task, classify.Name))
	if err != nil {
		return data.Cover, err
	}
	return k.framing(model), nil
}

func always(f data.Framing) func(string) data.Framing { return func(string) data.Framing { return f } }

// UsualRecipe returns the name of the recipe for a task, of photos.
func UsualRecipe(name string) (string, error) {
	k, err := kindOf(name)
	return k.recipe, err
}

// LearnerOf returns the task that m has learned, to measure it.
func LearnerOf(m *modelfile.Model) (task.Learner, error) {
	k, err := kindOf(m.Task)
	if err != nil {
		return nil, err
	}
	return k.learner(&Config{}, m, nil)
}

// PredictionOf returns the program in which m predicts n images, without its weights.
func PredictionOf(m *modelfile.Model, n int) (*graph.Graph, error) {
	l, err := LearnerOf(m)
	if err != nil {
		return nil, err
	}
	return l.Prediction(n)
}
