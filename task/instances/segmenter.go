package instances

import (
	"context"
	"fmt"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
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
type programs struct{ boxes, masks *task.Program }

// New returns a segmenter whose variables have the values in weights, which must not change afterwards.
func New(b backend.Backend, t Task, weights map[string]*tensor.Tensor) *Segmenter {
	return newSegmenter(b, t, weights, false)
}

func newSegmenter(b backend.Backend, t Task, weights map[string]*tensor.Tensor, live bool) *Segmenter {
	of := func(n int) programs {
		return programs{
			task.NewProgram(b, weights, live, func() (*graph.Graph, error) { return t.boxProgram(n) }),
			task.NewProgram(b, weights, live, func() (*graph.Graph, error) { return t.maskProgram(n) }),
		}
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
		b.Shape = &data.Shape{Mask: paste(cells[0][i], *b, im.H, im.W)}
	}
	return all[0], nil
}

// predict returns what is in the first n of the images x, in pixels of the network's input, and the cells of the masks.
func (s *Segmenter) predict(p programs, x *tensor.Tensor, n int, set detect.Settings) (found [][]data.Detection, cells [][][]float32, err error) {
	call, err := p.boxes.Call()
	if err != nil {
		return nil, nil, err
	}
	defer p.boxes.Put(call)
	call.Set(task.Images, x)
	if err := call.Run(); err != nil {
		return nil, nil, err
	}
	out := call.Output(rows)
	size := out.Size() / out.Shape().Dim(0)
	found = make([][]data.Detection, n)
	for i := range found {
		found[i] = s.task.Detect.Read(out.F32()[i*size:(i+1)*size], set)
	}
	cells, err = s.masks(p.masks, call.Output(features), found)
	return found, cells, err
}

// masks returns the cells of what was found in each image, perRun at a time.
func (s *Segmenter) masks(p *task.Program, maps *tensor.Tensor, found [][]data.Detection) ([][][]float32, error) {
	call, err := p.Call()
	if err != nil {
		return nil, err
	}
	defer p.Put(call)
	boxes, images := tensor.New(tensor.F32, tensor.ShapeOf(perRun, 4)), tensor.New(tensor.I32, tensor.ShapeOf(perRun))
	call.Set(features, maps)
	call.Set(maskBoxes, boxes)
	call.Set(maskImages, images)
	cells := make([][][]float32, len(found))
	k := 0
	run := func() error {
		for ; k < perRun; k++ {
			images.I32()[k] = -1
		}
		if err := call.Run(); err != nil {
			return err
		}
		for k, image := range images.I32() {
			if image >= 0 {
				cells[image] = append(cells[image], append([]float32(nil), call.Output(masks).F32()[k*side*side:(k+1)*side*side]...))
			}
		}
		k = 0
		return nil
	}
	for i, list := range found {
		for _, d := range list {
			copy(boxes.F32()[4*k:], []float32{d.X0, d.Y0, d.X1, d.Y1})
			images.I32()[k] = int32(i)
			if k++; k == perRun {
				if err := run(); err != nil {
					return nil, err
				}
			}
		}
	}
	if k > 0 {
		err = run()
	}
	return cells, err
}
