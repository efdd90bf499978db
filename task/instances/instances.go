// Package instances is the task of finding things and the pixels of each: a detector, and a network that makes a mask of what it has found. In
// training both are one program, and the boxes that masks are learned from are those of the ground truth, moved a little. In prediction
// they are two, or three with Mask R-CNN, and suppression is between them.
package instances

import (
	"fmt"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/task/detect"
	"github.com/lince-ml/lince/tensor"
)

// Name is the name of the task in model files and results.
const Name = "instances"

// The inputs of the training program beside those of the detector.
const (
	maskBoxes  = "mask.boxes"  // f32 [N, K, 4]
	maskImages = "mask.images" // i32 [N, K]: the box's image in the batch, or -1 where there is no box
	maskCells  = "mask.cells"  // f32 [N, K, side, side], how much of each cell of the box is the thing
)

const (
	perImage = 8  // K in training: of more things in an image, some are chosen
	perRun   = 16 // K in prediction
	side     = 28 // cells of a mask
)

// A Task is the detection of things, with masks.
type Task struct {
	Detect detect.Task // what finds the boxes; its Stages have Masks
	paste  func(cells []float32, b data.Box, h, w int) *data.Mask
}

var _ task.Learner = Task{}

// Of returns the task that m has learned.
func Of(m *modelfile.Model) (Task, error) {
	d, err := detect.Of(m)
	if err != nil {
		return Task{}, err
	}
	if d.Stages.Masks == nil {
		return Task{}, fmt.Errorf("%s makes no masks: lince-mask and maskrcnn_resnet50_fpn do", m.Architecture)
	}
	t := Task{d, paste}
	if d.Stages.Boxes != nil {
		t.paste = pasteWhole
	}
	return t, nil
}

// Name returns "instances".
func (t Task) Name() string { return Name }

// Answers are those of the detector, then boxes, the images that they are of, and their masks.
func (t Task) Answers(n int) []task.Answer {
	return append(t.Detect.Answers(n),
		task.Answer{Name: maskBoxes, Type: graph.F32(n, perImage, 4)},
		task.Answer{Name: maskImages, Type: graph.TypeOf(tensor.I32, n, perImage)},
		task.Answer{Name: maskCells, Type: graph.F32(n, perImage, side, side)})
}

// Encode writes what the detector is to find, and the masks.
func (t Task) Encode(s data.Sample, i int, answers []*tensor.Tensor) error {
	if err := t.Detect.Encode(s, i, answers); err != nil {
		return err
	}
	n := len(t.Detect.Answers(1))
	boxes, images, cells := answers[n].F32()[4*perImage*i:], answers[n+1].I32()[perImage*i:], answers[n+2].F32()[side*side*perImage*i:]
	encodeMasks(s, int32(i), boxes[:4*perImage], images[:perImage], cells[:side*side*perImage])
	return nil
}

// Training emits the network and its losses for n images. The loss of the masks is the mean of the cells' binary cross-entropy (Mask R-CNN, section
// 3); it counts as much as that of the boxes, for which it is multiplied.
func (t Task) Training(s nn.Scope, g *graph.Graph, n int) task.Losses {
	out, features := t.Detect.Stages.Rows(s, task.Input(g, n, t.Detect.Input))
	l := t.Detect.Losses(out) // which fails if the network is for prediction only
	answers := t.Answers(n)[len(t.Detect.Answers(n)):]
	boxes, images, cells := g.Input(answers[0].Name, answers[0].Type), g.Input(answers[1].Name, answers[1].Type), g.Input(answers[2].Name, answers[2].Type)
	images = op.Reshape(images, n*perImage)
	logits := t.Detect.Stages.Masks(s, models.BoxesIn{Features: features, Boxes: op.Reshape(boxes, n*perImage, 4), Images: []*graph.Node{images}})
	each := op.ReduceMean(op.BCEWithLogits(logits, op.Reshape(cells, n*perImage, side, side)), false, 1, 2)
	is := op.Cast(op.GreaterOrEqual(images, g.Fill(graph.TypeOf(tensor.I32), 0)), tensor.F32)
	count := op.Max(op.ReduceSum(is, false), g.Scalar(1))
	mask := op.Div(op.ReduceSum(op.Mul(each, is), false), count)
	const weight = 2
	return task.Losses{
		Total: op.Add(l.Total, op.Mul(mask, g.Scalar(weight))),
		Parts: append(l.Parts, task.Part{Name: "mask", Node: mask}),
	}
}
