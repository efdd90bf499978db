package localize

import (
	"context"
	"fmt"
	"slices"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/metric"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/tensor"
)

// evalBatch is how many images an evaluation takes at a time. It is one number everywhere, so that the same weights have the same
// result, bit for bit, wherever they are measured.
const evalBatch = 64

// A Localizer is a network with its weights, ready to run. It is safe for concurrent use.
type Localizer struct {
	task Task
	one  *task.Program // predicts one image
	many *task.Program // predicts evalBatch images
}

// An Answer is what the network says of an image.
type Answer struct {
	Probabilities []float32 // of each class
	Box           data.Box  // of the most probable class, in pixels of the network's image, cut off at its edges
	whole         data.Box  // before that
}

// New returns a localizer whose variables have the values in weights, which must not change afterwards.
func New(b backend.Backend, t Task, weights map[string]*tensor.Tensor) *Localizer {
	return newLocalizer(b, t, weights, false)
}

func newLocalizer(b backend.Backend, t Task, weights map[string]*tensor.Tensor, live bool) *Localizer {
	program := func(n int) *task.Program {
		return task.NewProgram(b, weights, live, func() (*graph.Graph, error) { return t.Prediction(n) })
	}
	return &Localizer{t, program(1), program(evalBatch)}
}

// Localize returns an answer for each image. The images must have the size that the network takes.
func (l *Localizer) Localize(ctx context.Context, images []data.Image) ([]Answer, error) {
	for i, im := range images {
		if err := l.task.Input.Check(fmt.Sprintf("image %d", i), im.C, im.H, im.W); err != nil {
			return nil, err
		}
	}
	p, n := l.many, evalBatch
	if len(images) == 1 {
		p, n = l.one, 1
	}
	in := l.task.Input
	x := tensor.New(tensor.U8, tensor.ShapeOf(n, in.Channels, in.Height, in.Width))
	size := in.Channels * in.Height * in.Width
	out := make([]Answer, 0, len(images))
	for some := range slices.Chunk(images, n) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for i, im := range some {
			copy(x.U8()[i*size:], im.Pix)
		}
		var err error
		if out, err = l.run(p, x, len(some), out); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// run appends the answers for the first n images of x to list.
func (l *Localizer) run(p *task.Program, x *tensor.Tensor, n int, list []Answer) ([]Answer, error) {
	call, err := p.Call()
	if err != nil {
		return nil, err
	}
	defer p.Put(call)
	call.Set(task.Images, x)
	if err := call.Run(); err != nil {
		return nil, err
	}
	probabilities, boxes := call.Output(Probabilities).F32(), call.Output(Boxes).F32()
	classes, w, h := len(l.task.Classes), float32(l.task.Input.Width), float32(l.task.Input.Height)
	for i := range n {
		a := Answer{Probabilities: slices.Clone(probabilities[i*classes:][:classes])}
		b := boxes[4*i:][:4]
		a.whole = data.Box{Class: metric.Largest(a.Probabilities), X0: b[0] * w, Y0: b[1] * h, X1: b[2] * w, Y1: b[3] * h}
		a.Box = a.whole
		a.Box.X0, a.Box.Y0, a.Box.X1, a.Box.Y1 = max(0, a.Box.X0), max(0, a.Box.Y0), min(w, a.Box.X1), min(h, a.Box.Y1)
		list = append(list, a)
	}
	return list, nil
}

// Evaluate implements task.Measurer.
func (l *Localizer) Evaluate(ctx context.Context, d data.Dataset, workers int) (task.Report, error) {
	if n := len(d.Classes()); n != len(l.task.Classes) {
		return nil, fmt.Errorf("data of %d classes, the model knows %d", n, len(l.task.Classes))
	}
	if d.Len() == 0 {
		return nil, fmt.Errorf("evaluate: no images")
	}
	r := &Report{Classes: l.task.Classes}
	loader := &data.Loader{Data: d, Batch: evalBatch, Workers: workers}
	for batch, err := range loader.Batches(ctx, 0, 0) {
		if err != nil {
			return nil, err
		}
		s := batch.X.Shape()
		if err := l.task.Input.Check(d.Name(batch.Index[0]), s.Dim(1), s.Dim(2), s.Dim(3)); err != nil {
			return nil, err
		}
		answers, err := l.run(l.many, batch.X, batch.N, nil)
		if err != nil {
			return nil, err
		}
		for i, a := range answers {
			if err := r.add(batch.Index[i], batch.Samples[i], a, l.task); err != nil {
				return nil, fmt.Errorf("%s: %w", d.Name(batch.Index[i]), err)
			}
		}
	}
	return r, nil
}
