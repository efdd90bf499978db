package localize

import (
	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/tensor"
)

// What training makes small is the cross-entropy of the class, plus these weights times the losses of the box, where the image has one: 1 - GIoU,
// and the smooth L1 distance of the four corners, as shares of the image's sides. The first says what is measured, the second pulls boxes that are far off.
const (
	giouWeight   = 2.0
	smoothWeight = 5.0
	smoothBeta   = 0.1 // a tenth of the side of the image
)

// A Learner is a Task with what its training makes small. It implements task.Learner.
type Learner struct {
	Task
	Smoothing float32 // share of each label given to all classes evenly
}

// Name returns the name of the task.
func (l Learner) Name() string { return Name }

// Answers lists how much of each class an image is, nothing of any if that is not known; the corners of the box as shares of the image's sides; and
// 1 where there is a box, else 0.
func (l Learner) Answers(n int) []task.Answer {
	return []task.Answer{{Name: "class", Type: graph.F32(n, len(l.Classes))}, {Name: "box", Type: graph.F32(n, 4)}, {Name: "has box", Type: graph.F32(n)}}
}

// Encode writes the class and the box of s. A box that a transform has moved out of the image does not count.
func (l Learner) Encode(s data.Sample, i int, answers []*tensor.Tensor) error {
	class, box, err := truth(s)
	if err != nil {
		return err
	}
	row := answers[0].F32()[len(l.Classes)*i:][:len(l.Classes)]
	clear(row)
	if class >= 0 {
		for c := range row {
			row[c] = l.Smoothing / float32(len(row))
		}
		row[class] += 1 - l.Smoothing
	}
	corners, has := answers[1].F32()[4*i:][:4], answers[2].F32()
	if box == nil {
		clear(corners)
		has[i] = 0
		return nil
	}
	w, h := float32(l.Input.Width), float32(l.Input.Height)
	corners[0], corners[1], corners[2], corners[3] = box.X0/w, box.Y0/h, box.X1/w, box.Y1/h
	has[i] = 1
	return nil
}

// Training emits the losses. The part accuracy counts the images of which the class is right.
func (l Learner) Training(s nn.Scope, g *graph.Graph, n int) task.Losses {
	var in []*graph.Node
	for _, a := range l.Answers(n) {
		in = append(in, g.Input(a.Name, a.Type))
	}
	logits, boxes := l.network(s, g, n)
	class, giou, smooth := losses(logits, boxes, in[0], in[1], in[2])
	total := weighted(class, giou, smooth)
	for _, head := range s.Auxiliaries() {
		logits, boxes := l.split(head.Node)
		total = op.Add(total, op.Mul(weighted(losses(logits, boxes, in[0], in[1], in[2])), g.Scalar(float64(head.Weight))))
	}
	right := op.Equal(op.ArgMax(logits, 1, false), op.ArgMax(in[0], 1, false))
	return task.Losses{Total: total, Parts: []task.Part{
		{Name: "accuracy", Node: op.ReduceSum(op.Cast(right, tensor.F32), false), Count: true},
		{Name: "class", Node: class}, {Name: "giou", Node: giou}, {Name: "smooth_l1", Node: smooth},
	}}
}

// losses emits the means over the batch of the three losses.
func losses(logits, boxes, class, box, hasBox *graph.Node) (crossEntropy, giou, smooth *graph.Node) {
	mean := func(each *graph.Node) *graph.Node { return op.ReduceMean(op.Mul(each, hasBox), false) }
	far := op.ReduceMean(op.SmoothL1(boxes, box, smoothBeta), false, 1)
	return nn.CrossEntropySoft(logits, class), mean(op.Sub(logits.Graph().Scalar(1), nn.GIoU(boxes, box))), mean(far)
}

func weighted(class, giou, smooth *graph.Node) *graph.Node {
	g := class.Graph()
	return op.Add(class, op.Add(op.Mul(giou, g.Scalar(giouWeight)), op.Mul(smooth, g.Scalar(smoothWeight))))
}

// Measurer returns a Localizer.
func (l Learner) Measurer(b backend.Backend, weights map[string]*tensor.Tensor, live bool) task.Measurer {
	return newLocalizer(b, l.Task, weights, live)
}
