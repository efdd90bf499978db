package classify

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/internal/nearest"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/tensor"
)

// An Objective is what training makes small. The zero value is the usual one of the task's kind: cross-entropy, binary for the kinds of sigmoids.
type Objective struct {
	Sigmoid   bool      // binary cross-entropy: of two classes one logit, of several labels one each
	Focal     bool      // as nn.Focal and nn.SigmoidFocal weigh it
	Gamma     float32   // of the focal loss
	Alpha     float32   // of the focal loss with sigmoids; negative: none
	Smoothing float32   // share of each label given to all classes evenly
	Weights   []float32 // how much each class counts; nil: all the same
	Mixed     bool      // images are mixtures: Targets say how much of each class
}

// losses are the names that ParseLoss knows.
var losses = []string{"ce", "bce", "focal", "sigmoid-focal"}

// ParseLoss returns the loss that text describes. What is not given has the value shown:
//
//	ce                               cross-entropy of the softmax
//	bce                              binary cross-entropy of sigmoids
//	focal:gamma=2                    focal loss of the softmax
//	sigmoid-focal:gamma=2,alpha=0.25 focal loss of sigmoids; alpha=-1 is without
//
// No text is the usual loss of the data.
func ParseLoss(text string) (Objective, error) {
	if text == "" {
		return Objective{}, nil
	}
	name, rest, _ := strings.Cut(text, ":")
	var l Objective
	preset := map[string]*float32{}
	switch name {
	case "ce":
	case "bce":
		l.Sigmoid = true
	case "focal":
		l = Objective{Focal: true, Gamma: 2}
		preset["gamma"] = &l.Gamma
	case "sigmoid-focal":
		l = Objective{Sigmoid: true, Focal: true, Gamma: 2, Alpha: 0.25}
		preset["gamma"], preset["alpha"] = &l.Gamma, &l.Alpha
	default:
		return l, nearest.Error("loss", name, losses)
	}
	if rest == "" {
		return l, nil
	}
	for _, pair := range strings.Split(rest, ",") {
		key, value, _ := strings.Cut(pair, "=")
		to := preset[key]
		if to == nil {
			return l, fmt.Errorf("loss %s: %w", name, nearest.Error("setting", key, slices.Sorted(maps.Keys(preset))))
		}
		v, err := strconv.ParseFloat(value, 32)
		if err != nil || math.IsNaN(v) || key == "gamma" && !(v >= 0 && v <= 100) || key == "alpha" && !(v == -1 || v >= 0 && v <= 1) {
			return l, fmt.Errorf("loss %s: %s is %q, expected %s", name, key, value,
				map[string]string{"gamma": "a number from 0 to 100", "alpha": "a number from 0 to 1, or -1"}[key])
		}
		*to = float32(v)
	}
	return l, nil
}

// KindFor returns the kind of task that the loss text, as ParseLoss takes it, makes of data with so many classes, where each image has one label or, if
// several, any number of them.
func KindFor(text string, classes int, several bool) (modelfile.Kind, error) {
	l, err := ParseLoss(text)
	switch {
	case err != nil:
		return "", err
	case several && text != "" && !l.Sigmoid:
		return "", fmt.Errorf("loss %s is for one label per image, and the images have any number of them: expected bce or sigmoid-focal", text)
	case several:
		return modelfile.Multilabel, nil
	case l.Sigmoid && classes != 2:
		return "", fmt.Errorf("loss %s is for two classes, or for images with any number of labels, and there are %d classes: expected ce or focal", text, classes)
	case l.Sigmoid:
		return modelfile.Binary, nil
	}
	return modelfile.Multiclass, nil
}

// loss emits the mean loss of logits.
func (t Task) loss(logits *graph.Node, y answers, l Objective) *graph.Node {
	if t.Kind == modelfile.Multiclass {
		return t.softmaxLoss(logits, y, l)
	}
	return t.sigmoidLoss(logits, y, l)
}

func (t Task) softmaxLoss(logits *graph.Node, y answers, l Objective) *graph.Node {
	g := logits.Graph()
	if y.labels != nil && !l.Focal {
		if l.Weights == nil {
			return nn.CrossEntropy(logits, y.labels, l.Smoothing)
		}
		return nn.CrossEntropyWeighted(logits, y.labels, vector(g, l.Weights), l.Smoothing)
	}
	target := y.targets
	if target == nil {
		target = op.OneHot(y.labels, t.Classes)
	}
	target = smooth(target, l.Smoothing, 1/float64(t.Classes))
	if l.Weights != nil {
		target = op.Mul(target, vector(g, l.Weights))
	}
	if l.Focal {
		return nn.Focal(logits, target, l.Gamma)
	}
	return nn.CrossEntropySoft(logits, target)
}

func (t Task) sigmoidLoss(logits *graph.Node, y answers, l Objective) *graph.Node {
	g, positive := logits.Graph(), l.Weights
	target := t.sigmoidTarget(y)
	if t.Kind == modelfile.Binary && positive != nil {
		positive = []float32{positive[1] / positive[0]}
	}
	target = smooth(target, l.Smoothing, 0.5)
	switch {
	case l.Focal:
		return nn.SigmoidFocal(logits, target, l.Gamma, l.Alpha)
	case positive != nil:
		return nn.BCEWeighted(logits, target, vector(g, positive))
	}
	return nn.BCE(logits, target)
}

// sigmoidTarget returns the targets in the shape of the logits of sigmoids.
func (t Task) sigmoidTarget(y answers) *graph.Node {
	switch {
	case t.Kind == modelfile.Multilabel:
		return y.targets
	case y.targets != nil:
		return op.Slice(y.targets, 1, 1, 2, 1)
	}
	n := y.labels.Shape().Dim(0)
	return op.Reshape(op.Cast(y.labels, tensor.F32), n, 1)
}

// smooth moves a share of target to the value even.
func smooth(target *graph.Node, share float32, even float64) *graph.Node {
	if share == 0 {
		return target
	}
	g := target.Graph()
	return op.Add(op.Mul(target, g.Scalar(float64(1-share))), g.Scalar(float64(share)*even))
}

func vector(g *graph.Graph, v []float32) *graph.Node {
	return g.Const(tensor.Of(tensor.ShapeOf(len(v)), v...))
}
