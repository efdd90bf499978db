// Package modelfile reads and writes trained models: one safetensors file with the weights and all that is needed to use them.
//
// The weights are tensors under the names of the network's variables. Everything else is JSON in the metadata:
//
//	"lince.model"     the architecture, its options, the preprocessing, class names, metrics, data, version
//	"lince.training"  only in checkpoints: how far the training is; the optimiser's state are the tensors "optim.*"
//
// Files carry a checksum over every byte, which is verified when they are read; see format/safetensors.
package modelfile

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/tensor"
)

// A Model is a trained network.
type Model struct {
	Task         string             `json:"task"` // what it does: one of Tasks
	Kind         Kind               `json:"kind,omitempty"`
	Architecture string             `json:"architecture"` // its name in package models
	Options      map[string]string  `json:"options"`      // the architecture's options, all of them
	Input        Input              `json:"input"`
	Classes      []string           `json:"classes"` // the name of each class
	Metrics      map[string]float64 `json:"metrics"` // measured while it was trained, such as "validation.accuracy"
	Data         Data               `json:"data"`
	Version      string             `json:"version"` // of the lince that wrote the file

	Temperature float64   `json:"temperature,omitempty"` // what logits are divided by, so that probabilities can be trusted; 0 stands for 1
	Thresholds  []float32 `json:"thresholds,omitempty"`  // of a Multilabel model: the probability from which on an image has the class; nil stands for 0.5
	Threshold   float32   `json:"threshold,omitempty"`   // of a model that finds things: the score from which on they are taken for true; 0 is not known

	Weights  map[string]*tensor.Tensor `json:"-"` // parameters and running statistics
	Layer    nn.Layer                  `json:"-"` // the network, if it is none of package models: that of an ONNX file
	Training *Training                 `json:"-"` // nil unless the file is a checkpoint
}

// Tasks are the names of what models can be for.
var Tasks = []string{"classify", "localize", "detect", "segment", "instances"}

// A Kind says what classes an image may have, and so what the logits mean.
type Kind string

// The kinds.
const (
	Multiclass Kind = ""           // one of the classes: the softmax of a logit for each
	Binary     Kind = "binary"     // one of two classes: the sigmoid of a single logit is the probability of the second
	Multilabel Kind = "multilabel" // any number of the classes: the sigmoid of a logit for each
)

// String returns the name that the field uses.
func (k Kind) String() string {
	if k == Multiclass {
		return "multiclass"
	}
	return string(k)
}

// Outputs returns the number of logits for so many classes.
func (k Kind) Outputs(classes int) int {
	if k == Binary {
		return 1
	}
	return classes
}

// Input says how an image becomes the input of the network: it is resized to Channels x Height x Width bytes (see data.FromImage), or, if Resize is
// more than the smaller of the two, so much larger that this side has Resize pixels, and the middle is taken; channel c of pixel p becomes
// (p/255 - Mean[c]) / Std[c].
type Input struct {
	Channels int       `json:"channels"`
	Height   int       `json:"height"`
	Width    int       `json:"width"`
	Resize   int       `json:"resize,omitempty"`
	Mean     []float32 `json:"mean"`
	Std      []float32 `json:"std"`
	Border   Border    `json:"border"`
}

// Check reports whether an image of c channels, h rows and w columns, called name in the error, is as the network takes it.
func (in Input) Check(name string, c, h, w int) error {
	if c == in.Channels && h == in.Height && w == in.Width {
		return nil
	}
	return fmt.Errorf("%s: image of %dx%dx%d, the model takes %dx%dx%d (channels x height x width)", name, c, h, w, in.Channels, in.Height, in.Width)
}

// A Border is the brightness of the outermost pixels of the training images, 0 (black) to 1 (white).
type Border struct {
	Mean float32 `json:"mean"`
	Std  float32 `json:"std"` // standard deviation
}

// anyBorder is that of images of which nothing is known: not even.
var anyBorder = Border{Mean: 0.5, Std: 0.5}

// Uniform reports whether the training images show things on an even background, as scans of writing do and photographs
// do not.
func (b Border) Uniform() bool { return b.Std < 0.1 }

// Data says what a model has learned from.
type Data struct {
	Name   string `json:"name"`   // as on the command line
	Train  int    `json:"train"`  // number of images
	SHA256 string `json:"sha256"` // of the images and labels, as package train defines it
}

// Training is what a checkpoint has beside the model: all that the rest of the training depends on.
type Training struct {
	State json.RawMessage           // how far it is; its meaning is package train's
	Optim map[string]*tensor.Tensor // the optimiser's state, under names that begin with "optim."
}

// Args returns the arguments of the architecture. A model that localizes has four numbers for the box beside the logits of the classes.
func (m *Model) Args() models.Args {
	outputs := m.Kind.Outputs(len(m.Classes))
	if m.Task == "localize" {
		outputs += 4
	}
	return models.Args{
		Classes: outputs, Channels: m.Input.Channels, Height: m.Input.Height, Width: m.Input.Width, Options: m.Options,
	}
}

// Network builds the network, without its weights.
func (m *Model) Network() (nn.Layer, error) {
	if m.Layer != nil {
		return m.Layer, nil
	}
	spec, err := models.Lookup(m.Architecture)
	if err != nil {
		return nil, err
	}
	return spec.Build(m.Args())
}

// check reports what is wrong with the description, apart from the weights.
func (m *Model) check() error {
	in := m.Input
	switch {
	case !slices.Contains(Tasks, m.Task):
		return fmt.Errorf("a model for the task %q; this version of lince knows %s", m.Task, strings.Join(Tasks, ", "))
	case m.Task != "classify" && (m.Kind != Multiclass || m.Temperature != 0 || m.Thresholds != nil):
		return fmt.Errorf("a model for the task %q with kind, temperature or thresholds, which only classify has", m.Task)
	case m.Threshold != 0 && m.Task != "detect" && m.Task != "instances":
		return fmt.Errorf("a model for the task %q with a threshold, which only detect and instances have", m.Task)
	case !(m.Threshold >= 0 && m.Threshold <= 1):
		return fmt.Errorf("threshold %v, 0 to 1 expected", m.Threshold)
	case m.Kind != Multiclass && m.Kind != Binary && m.Kind != Multilabel:
		return fmt.Errorf("a model of the kind %q; this version of lince knows multiclass, binary and multilabel", m.Kind)
	case m.Task == "classify" && m.Kind != Multilabel && len(m.Classes) < 2:
		return fmt.Errorf("%d classes, at least 2 expected", len(m.Classes))
	case len(m.Classes) < 1:
		return fmt.Errorf("no classes, at least 1 expected")
	case m.Kind == Binary && len(m.Classes) != 2:
		return fmt.Errorf("a binary model of %d classes, 2 expected", len(m.Classes))
	case m.Thresholds != nil && (m.Kind != Multilabel || len(m.Thresholds) != len(m.Classes)):
		return fmt.Errorf("%d thresholds for a %s model of %d classes", len(m.Thresholds), m.Kind, len(m.Classes))
	case !(m.Temperature >= 0 && m.Temperature <= math.MaxFloat32):
		return fmt.Errorf("temperature %v, more than 0 expected", m.Temperature)
	case in.Channels != 1 && in.Channels != 3:
		return fmt.Errorf("images of %d channels, 1 or 3 expected", in.Channels)
	case in.checkSides() != nil:
		return in.checkSides()
	case in.Resize != 0 && (in.Resize < min(in.Height, in.Width) || in.Resize > maxSide):
		return fmt.Errorf("images resized to %d for %dx%d pixels, %d to %d expected", in.Resize, in.Height, in.Width, min(in.Height, in.Width), maxSide)
	case len(in.Mean) != in.Channels || len(in.Std) != in.Channels:
		return fmt.Errorf("%d means and %d standard deviations for %d channels", len(in.Mean), len(in.Std), in.Channels)
	}
	for _, s := range in.Std {
		if !(s > 0) {
			return fmt.Errorf("standard deviation %v, more than 0 expected", s)
		}
	}
	return nil
}

// checkSides reports sides of the image that no network takes.
func (in Input) checkSides() error {
	if min(in.Height, in.Width) <= 0 || max(in.Height, in.Width) > maxSide {
		return fmt.Errorf("images of %dx%d pixels, sides of 1 to %d expected", in.Height, in.Width, maxSide)
	}
	return nil
}

// maxSide bounds what a damaged or hostile file can make a program allocate for its images.
const maxSide = 1 << 14
