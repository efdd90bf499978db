// Package detect is the task of finding things in images: boxes with classes. It has the anchors, the matching of ground truth, the losses, and
// the reading of each detector in package models; suppression and matching are Go code beside the programs, whose shapes are fixed.
package detect

import (
	"fmt"
	"math"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/tensor"
)

// Name is the name of the task in model files and results.
const Name = "detect"

// The answers of the training program: of each anchor of each image.
const (
	anchorClasses = "anchor.classes" // i32 [N, A]: a class, background or ignored
	anchorBoxes   = "anchor.boxes"   // f32 [N, A, 4]: the box, as the head's loss takes it; 0 where there is none
)

// The outputs of the prediction program, beside the features.
const (
	Boxes  = "boxes"  // f32 [N, A, 4]: the corners x0, y0, x1, y1 of each anchor's box, in pixels of the network's input
	Scores = "scores" // f32 [N, A, classes]: how sure the network is, from 0 to 1
)

// A Task is the detection of things by a network.
type Task struct {
	Stages  models.Stages // the rows are [N, A, columns]
	Input   modelfile.Input
	Classes []string
	head    head
	anchors *anchors
}

var _ task.Learner = Task{}

// newTask returns the task of the architecture's network net.
func newTask(architecture string, net models.Stages, in modelfile.Input, classes []string) (Task, error) {
	h, err := headOf(architecture)
	if err != nil {
		return Task{}, err
	}
	return taskOf(h, net, in, classes), nil
}

func taskOf(h head, net models.Stages, in modelfile.Input, classes []string) Task {
	return Task{net, in, classes, h, h.anchors(in.Height, in.Width)}
}

// Of returns the task that m has learned.
func Of(m *modelfile.Model) (Task, error) {
	if m.Layer != nil {
		return ofExported(m)
	}
	net, err := models.LookupStages(m.Architecture, m.Args())
	if err != nil {
		return Task{}, err
	}
	return newTask(m.Architecture, net, m.Input, m.Classes)
}

// Name returns "detect".
func (t Task) Name() string { return Name }

// Settings returns the usual settings of the architecture.
func (t Task) Settings() Settings { return t.head.settings() }

// Answers are the class and the box that each anchor is to find.
func (t Task) Answers(n int) []task.Answer {
	a := len(t.anchors.boxes)
	return []task.Answer{
		{Name: anchorClasses, Type: graph.TypeOf(tensor.I32, n, a)},
		{Name: anchorBoxes, Type: graph.F32(n, a, 4)},
	}
}

// Encode matches the boxes of s with the anchors. Crowds and what is difficult are left out: it is no mistake to find them, and none not to.
func (t Task) Encode(s data.Sample, i int, answers []*tensor.Tensor) error {
	if err := t.Input.Check("sample", s.Image.C, s.Image.H, s.Image.W); err != nil {
		return err
	}
	var boxes []rect
	var classes []int32
	for _, b := range s.Boxes {
		if b.Class < 0 || b.Class >= len(t.Classes) {
			return fmt.Errorf("box of class %d, expected 0 to %d", b.Class, len(t.Classes)-1)
		}
		if r := rectOf(b); !b.Crowd && !b.Difficult && r.width() > 0 && r.height() > 0 && !math.IsInf(float64(r.area()), 0) {
			boxes, classes = append(boxes, r), append(classes, int32(b.Class))
		}
	}
	n := len(t.anchors.boxes)
	t.encode(boxes, classes, answers[0].I32()[i*n:(i+1)*n], answers[1].F32()[4*i*n:4*(i+1)*n])
	return nil
}

// encode writes class and box of each anchor.
func (t Task) encode(boxes []rect, classes, labels []int32, targets []float32) {
	clear(targets)
	if len(boxes) == 0 {
		for i := range labels {
			labels[i] = background
		}
		return
	}
	t.head.match(t.anchors, boxes, labels)
	for i, to := range labels {
		if to >= 0 {
			labels[i] = classes[to]
			v := t.head.target(t.anchors.boxes[i], boxes[to])
			copy(targets[4*i:], v[:])
		}
	}
}

// Training emits the network and its losses for n images.
func (t Task) Training(s nn.Scope, g *graph.Graph, n int) task.Losses {
	rows, _ := t.network(s, task.Input(g, n, t.Input))
	return t.Losses(rows)
}

// Losses emits the losses of rows [N, A, columns], and declares the answers.
func (t Task) Losses(rows *graph.Node) task.Losses {
	g, answers := rows.Graph(), t.Answers(rows.Shape().Dim(0))
	labels, targets := g.Input(answers[0].Name, answers[0].Type), g.Input(answers[1].Name, answers[1].Type)
	return t.head.losses(rows, labels, targets, t.anchors, len(t.Classes))
}

// network emits the network, for images that have been normalised.
func (t Task) network(s nn.Scope, images *graph.Node) (rows *graph.Node, features []*graph.Node) {
	y, features := t.Stages.Rows(s, images)
	if want := graph.F32(images.Shape().Dim(0), len(t.anchors.boxes), t.head.columns(len(t.Classes))); y.Type() != want {
		graph.Fail(Name, fmt.Errorf("the network returns %v, expected %v: a row for each anchor", y.Type(), want), y)
	}
	return y, features
}

// A reading is what the prediction program says of an image.
type reading struct {
	boxes, scores []float32 // of each anchor
	classes       int       // scores of an anchor
}

// surest returns the surest candidates among anchors first to end-1 and the classes from to to-1: no more than s allows.
func (r reading) surest(first, end, from, to int, s Settings) []data.Detection {
	var list []data.Detection
	for i := first; i < end; i++ {
		for c := from; c < to; c++ {
			if v := r.scores[i*r.classes+c]; v > s.Score {
				b := r.boxes[4*i : 4*i+4]
				list = append(list, found(c, v, rect{b[0], b[1], b[2], b[3]}))
			}
		}
	}
	surest(list)
	return list[:min(len(list), s.Candidates)]
}

// find returns what r says is there, in pixels of the network's input, the surest first.
func (t Task) find(r reading, s Settings) []data.Detection {
	var all []data.Detection
	if isSSD(t.head) {
		for c := range r.classes {
			all = append(all, r.surest(0, len(t.anchors.boxes), c, c+1, s)...)
		}
	} else {
		t.anchors.eachLevel(func(first, end int) { all = append(all, r.surest(first, end, 0, r.classes, s)...) })
	}
	for i := range all {
		all[i] = found(all[i].Box.Class, all[i].Score, rectOf(all[i].Box).clip(t.Input.Height, t.Input.Width))
	}
	return t.suppress(all, s)
}

// suppress takes away of what was found in an image what is seen better by others, and leaves the surest.
func (t Task) suppress(all []data.Detection, s Settings) []data.Detection {
	if s.Soft > 0 {
		all = SoftSuppress(all, s.Soft, s.Score)
	} else {
		all = Suppress(all, s.Overlap, false)
	}
	return all[:min(len(all), s.Most)]
}
