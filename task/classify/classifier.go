package classify

import (
	"context"
	"fmt"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/tensor"
)

// evalBatch is how many images an evaluation takes at a time. It is one number everywhere, so that the same weights have the same
// result, bit for bit, wherever they are measured.
const evalBatch = 64

// A Classifier is a network with its weights, ready to run. It is safe for concurrent use.
type Classifier struct {
	task    Task
	one     *task.Program // predicts one image
	many    *task.Program // predicts evalBatch images
	measure *task.Program // evaluates evalBatch images
}

// New returns a classifier whose variables have the values in weights, which must not change afterwards: they become part of the programs,
// so that what depends on them alone is computed once.
func New(b backend.Backend, t Task, weights map[string]*tensor.Tensor) *Classifier {
	return build(b, t, weights, false)
}

// Live returns a classifier that reads weights at each run, and so sees what training does to them. They must not change during a run.
func Live(b backend.Backend, t Task, weights map[string]*tensor.Tensor) *Classifier {
	return build(b, t, weights, true)
}

func build(b backend.Backend, t Task, weights map[string]*tensor.Tensor, live bool) *Classifier {
	program := func(trace func(n int) (*graph.Graph, error), n int) *task.Program {
		return task.NewProgram(b, weights, live, func() (*graph.Graph, error) { return trace(n) })
	}
	return &Classifier{t, program(t.Prediction, 1), program(t.Prediction, evalBatch), program(t.Evaluation, evalBatch)}
}

// Probabilities returns the probability of each class for each image. The images must have the size that the network takes.
func (c *Classifier) Probabilities(ctx context.Context, images []data.Image) ([][]float32, error) {
	for i, im := range images {
		if err := c.task.Input.Check(fmt.Sprintf("image %d", i), im.C, im.H, im.W); err != nil {
			return nil, err
		}
	}
	out := make([][]float32, 0, len(images))
	for len(out) < len(images) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p, n := c.many, evalBatch
		if len(images) == 1 {
			p, n = c.one, 1
		}
		rest := images[len(out):]
		rows, err := c.predict(p, n, rest[:min(n, len(rest))])
		if err != nil {
			return nil, err
		}
		out = append(out, rows...)
	}
	return out, nil
}

// predict runs p, which takes n images, on at most n images.
func (c *Classifier) predict(p *task.Program, n int, images []data.Image) ([][]float32, error) {
	call, err := p.Call()
	if err != nil {
		return nil, err
	}
	defer p.Put(call)
	in := c.task.Input
	size := in.Channels * in.Height * in.Width
	x := tensor.New(tensor.U8, tensor.ShapeOf(n, in.Channels, in.Height, in.Width))
	for i, im := range images {
		copy(x.U8()[i*size:], im.Pix)
	}
	call.Set(Images, x)
	if err := call.Run(); err != nil {
		return nil, err
	}
	all := call.Output(Probabilities).F32()
	rows := make([][]float32, len(images))
	for i := range rows {
		rows[i] = append([]float32(nil), all[i*c.task.Classes:(i+1)*c.task.Classes]...)
	}
	return rows, nil
}
