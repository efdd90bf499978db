package classify

import (
	"context"
	"fmt"
	"sync"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/tensor"
)

// evalBatch is how many images an evaluation takes at a time. It is one number everywhere, so that the same weights have the same
// result, bit for bit, wherever they are measured.
const evalBatch = 64

// A Classifier is a network with its weights, ready to run. It is safe for concurrent use.
type Classifier struct {
	task    Task
	weights map[string]*tensor.Tensor
	one     program // predicts one image
	many    program // predicts evalBatch images
	measure program // evaluates evalBatch images
}

// New returns a classifier whose variables have the values in weights, which must not change afterwards: they become part of the programs,
// so that what depends on them alone is computed once.
func New(b backend.Backend, t Task, weights map[string]*tensor.Tensor) *Classifier {
	return build(b, t, weights, func(g *graph.Graph) (*graph.Graph, error) { return graph.Freeze(g, weights) })
}

// Live returns a classifier that reads weights at each run, and so sees what training does to them. They must not change during a run.
func Live(b backend.Backend, t Task, weights map[string]*tensor.Tensor) *Classifier {
	return build(b, t, weights, func(g *graph.Graph) (*graph.Graph, error) { return g, nil })
}

func build(b backend.Backend, t Task, weights map[string]*tensor.Tensor, freeze func(*graph.Graph) (*graph.Graph, error)) *Classifier {
	c := &Classifier{task: t, weights: weights}
	for _, p := range []struct {
		to    *program
		trace func(n int) (*graph.Graph, error)
		n     int
	}{{&c.one, t.Prediction, 1}, {&c.many, t.Prediction, evalBatch}, {&c.measure, t.Evaluation, evalBatch}} {
		p.to.compile = sync.OnceValues(func() (*compiled, error) {
			g, err := p.trace(p.n)
			if err != nil {
				return nil, err
			}
			if g, err = freeze(g); err != nil {
				return nil, err
			}
			code, err := b.Compile(g)
			return &compiled{code, g}, err
		})
	}
	return c
}

// A program is compiled when it is first needed. Its calls, with the tensors they write to, are kept for the next.
type program struct {
	compile func() (*compiled, error)
	calls   sync.Pool
}

type compiled struct {
	backend.Program
	graph *graph.Graph
}

// call returns a call of p with the weights set; p.calls.Put gives it back.
func (c *Classifier) call(p *program) (*backend.Call, error) {
	if call, ok := p.calls.Get().(*backend.Call); ok {
		return call, nil
	}
	code, err := p.compile()
	if err != nil {
		return nil, err
	}
	call := backend.NewCall(code, code.graph)
	for name, t := range c.weights {
		call.Set(name, t) // does nothing if they are frozen
	}
	return call, nil
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
		p, n := &c.many, evalBatch
		if len(images) == 1 {
			p, n = &c.one, 1
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
func (c *Classifier) predict(p *program, n int, images []data.Image) ([][]float32, error) {
	call, err := c.call(p)
	if err != nil {
		return nil, err
	}
	defer p.calls.Put(call)
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
