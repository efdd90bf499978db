// Package lince uses trained models of images in Go programs:
//
//	m, err := lince.Open("runs/mnist-lenet5-1")
//	...
//	top, err := m.Classify(ctx, img)
//	fmt.Println(top[0].Label, top[0].Probability)
//
// Models are trained by the lince command, or by package train.
package lince

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"slices"
	"sync"

	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/task/detect"
	"github.com/lince-ml/lince/task/instances"
	"github.com/lince-ml/lince/task/localize"
	"github.com/lince-ml/lince/task/segment"
)

// A Model is a trained model, ready to use. It is safe for concurrent use.
type Model struct {
	options    options
	file       *modelfile.Model
	assumed    string
	backend    *cpu.Backend
	classifier *classify.Classifier // nil of models of another task
	localizer  *localize.Localizer  // likewise
	segmenter  *segment.Segmenter   // likewise
	detector   *detect.Detector     // likewise
	instances  *instances.Segmenter // likewise
	settings   detect.Settings      // of detector or instances
	thresholds []float32            // of images that may have several classes; else nil
	use        sync.RWMutex         // held for reading during calls, for writing by Close
	closed     bool
	explaining sync.Mutex
	explainers map[string]*classify.Explainer // by layer; explaining must be held
}

// A Prediction is a class and how probable it is.
type Prediction struct {
	Label       string  // name of the class
	Index       int     // its place in Classes
	Probability float32 // 0 to 1; those of all classes sum to 1, unless an image may have several
	Chosen      bool    // the model's answer: the most probable class, or, where an image may have several, all that reach their threshold
}

// Open reads the model at path: a model file, or a run folder that lince train has written, whose best weights are taken; or weights that
// another program has written (safetensors, PyTorch, numpy, Keras) of an architecture that lince has. What such files do not say is as is
// usual for the architecture; see Assumed, Architecture, Normalize and Labels. Errors name the file and say what is wrong.
func Open(path string, opts ...Option) (*Model, error) {
	m := &Model{explainers: map[string]*classify.Explainer{}, options: options{threshold: usual, overlap: usual}}
	for _, o := range opts {
		o(&m.options)
	}
	var err error
	if m.file, m.assumed, err = modelfile.ReadImport(path, m.options.weights); err != nil {
		return nil, err
	}
	if m.backend, err = cpu.New(m.options.threads); err != nil {
		return nil, err
	}
	if err := m.prepareTask(); err != nil {
		m.backend.Close()
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return m, nil
}

// prepareTask makes what the task of the model needs.
func (m *Model) prepareTask() error {
	switch m.file.Task {
	case classify.Name:
		task, err := classify.Of(m.file)
		if err != nil {
			return err
		}
		m.thresholds = task.LabelThresholds()
		m.classifier = classify.New(m.backend, task, m.file.Weights)
	case localize.Name:
		task, err := localize.Of(m.file)
		if err != nil {
			return err
		}
		m.localizer = localize.New(m.backend, task, m.file.Weights)
	case segment.Name:
		task, err := segment.Of(m.file)
		if err != nil {
			return err
		}
		m.segmenter = segment.New(m.backend, task, m.file.Weights)
	case detect.Name:
		task, err := detect.Of(m.file)
		if err != nil {
			return err
		}
		m.detector, m.settings = detect.New(m.backend, task, m.file.Weights), m.options.apply(task.Settings(), m.file.Threshold)
	case instances.Name:
		task, err := instances.Of(m.file)
		if err != nil {
			return err
		}
		m.instances, m.settings = instances.New(m.backend, task, m.file.Weights), m.options.apply(task.Detect.Settings(), m.file.Threshold)
	default:
		return fmt.Errorf("a model for the task %s, which this package does not know", m.file.Task)
	}
	return nil
}

// Close frees the model's threads, once the calls that run have returned. Later calls return ErrClosed.
func (m *Model) Close() error {
	m.use.Lock()
	defer m.use.Unlock()
	if !m.closed {
		m.closed = true
		m.backend.Close()
	}
	return nil
}

// ErrClosed is returned by the methods of a Model after Close.
var ErrClosed = errors.New("lince: the model is closed")

// Assumed says what Open took to be usual for weights from elsewhere: the architecture, the names of the classes, the normalisation. It is empty for models that
// lince has written.
func (m *Model) Assumed() string { return m.assumed }

// Classes returns the names of the classes.
func (m *Model) Classes() []string { return slices.Clone(m.file.Classes) }

// Classify returns all classes, the most probable first. An image of any size and colour is fitted to the model; see Prepare.
func (m *Model) Classify(ctx context.Context, img image.Image) ([]Prediction, error) {
	all, err := m.ClassifyBatch(ctx, []image.Image{img})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// ClassifyBatch is Classify for several images, which takes less time than one after the other.
func (m *Model) ClassifyBatch(ctx context.Context, imgs []image.Image) ([][]Prediction, error) {
	prepared := make([]data.Image, len(imgs))
	for i, img := range imgs {
		if img == nil || img.Bounds().Empty() {
			return nil, fmt.Errorf("lince: image %d has no pixels", i)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		prepared[i], _ = m.Prepare(img)
	}
	return m.ClassifyPrepared(ctx, prepared)
}

// ClassifyPrepared is ClassifyBatch for what Prepare, Read and ReadFile return.
func (m *Model) ClassifyPrepared(ctx context.Context, prepared []data.Image) ([][]Prediction, error) {
	m.use.RLock()
	defer m.use.RUnlock()
	if m.closed {
		return nil, ErrClosed
	}
	if m.classifier == nil {
		return nil, m.otherTask("classify")
	}
	rows, err := m.classifier.Probabilities(ctx, prepared)
	if err != nil {
		return nil, err
	}
	out := make([][]Prediction, len(rows))
	for i, row := range rows {
		out[i] = m.ranked(row)
	}
	return out, nil
}

// ranked returns the classes, the most probable first.
func (m *Model) ranked(probabilities []float32) []Prediction {
	list := make([]Prediction, len(probabilities))
	for i, p := range probabilities {
		list[i] = Prediction{Label: m.file.Classes[i], Index: i, Probability: p, Chosen: m.thresholds != nil && p >= m.thresholds[i]}
	}
	slices.SortStableFunc(list, func(a, b Prediction) int { return cmp.Compare(b.Probability, a.Probability) })
	if m.thresholds == nil {
		list[0].Chosen = true
	}
	return list
}
