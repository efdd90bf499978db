package instances

import (
	"context"
	"fmt"
	"slices"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/task/detect"
	"github.com/lince-ml/lince/tensor"
)

// A Segmenter is a network with its weights, ready to run. It is safe for concurrent use.
type Segmenter struct {
	task Task
	one  programs // for one image
	many programs // for as many as task.Detect.Batch says
}

// programs run after each other.
type programs struct {
	boxes *detect.Finder
	masks *task.Program
}

// New returns a segmenter whose variables have the values in weights, which must not change afterwards.
func New(b backend.Backend, t Task, weights map[string]*tensor.Tensor) *Segmenter {
	return newSegmenter(b, t, weights, false)
}

func newSegmenter(b backend.Backend, t Task, weights map[string]*tensor.Tensor, live bool) *Segmenter {
	d := t.Detect
	of := func(n int) programs {
		return programs{detect.NewFinder(b, d, weights, live, n), d.BoxProgram(b, weights, live, n, perRun, t.masks)}
	}
	return &Segmenter{t, of(1), of(t.Detect.Batch())}
}

// Detect returns the things in an image of any size, each with its mask as Shape, in the image's pixels, the surest first. See detect.Detector.Detect.
func (s *Segmenter) Detect(ctx context.Context, im data.Image, set detect.Settings) ([]data.Detection, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	in := s.task.Detect.Input
	if im.C != in.Channels || im.H <= 0 || im.W <= 0 || len(im.Pix) != im.C*im.H*im.W {
		return nil, fmt.Errorf("an image of %d planes of %dx%d pixels with %d bytes, %d planes expected", im.C, im.H, im.W, len(im.Pix), in.Channels)
	}
	fitted, back := s.task.Detect.Place(im)
	x := tensor.New(tensor.U8, tensor.ShapeOf(1, in.Channels, in.Height, in.Width))
	copy(x.U8(), fitted.Pix)
	all, cells, err := s.predict(s.one, x, 1, set)
	if err != nil {
		return nil, err
	}
	for i := range all[0] {
		b := &all[0][i].Box
		*b = back(*b)
		b.Shape = &data.Shape{Mask: s.task.paste(cells[0][i], *b, im.H, im.W)}
	}
	return all[0], nil
}

// predict returns what is in the first n of the images x, in pixels of the network's input, and the cells of the masks.
func (s *Segmenter) predict(p programs, x *tensor.Tensor, n int, set detect.Settings) (found [][]data.Detection, cells [][][]float32, err error) {
	found, err = p.boxes.Find(x, n, set, func(features []*tensor.Tensor, found [][]data.Detection) error {
		cells = make([][][]float32, len(found))
		return detect.EachBox(p.masks, features, found, perRun, func(image, _ int, values []float32) {
			cells[image] = append(cells[image], slices.Clone(values))
		})
	})
	return found, cells, err
}

// masks emits how sure the network is of each cell of each box, f32 [K, side, side].
func (t Task) masks(s nn.Scope, in models.BoxesIn) *graph.Node {
	return op.Sigmoid(t.Detect.Stages.Masks(s, in))
}
