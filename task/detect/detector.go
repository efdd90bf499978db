package detect

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/tensor"
)

// A Detector is a network with its weights, ready to run. It is safe for concurrent use.
type Detector struct {
	task    Task
	weights map[string]*tensor.Tensor
	one     program // predicts one image
	many    program // predicts as many as task.batch says
}

// NewDetector returns a detector whose variables have the values in weights, which must not change afterwards: they become part of the programs.
func NewDetector(b backend.Backend, t Task, weights map[string]*tensor.Tensor) *Detector {
	return build(b, t, weights, func(g *graph.Graph) (*graph.Graph, error) { return graph.Freeze(g, weights) })
}

// Live returns a detector that reads weights at each run, and so sees what training does to them. They must not change during a run.
func Live(b backend.Backend, t Task, weights map[string]*tensor.Tensor) *Detector {
	return build(b, t, weights, func(g *graph.Graph) (*graph.Graph, error) { return g, nil })
}

func build(b backend.Backend, t Task, weights map[string]*tensor.Tensor, freeze func(*graph.Graph) (*graph.Graph, error)) *Detector {
	d := &Detector{task: t, weights: weights}
	for p, n := range map[*program]int{&d.one: 1, &d.many: t.batch()} {
		p.compile = sync.OnceValues(func() (*compiled, error) {
			g, err := t.Prediction(n)
			if err == nil {
				g, err = freeze(g)
			}
			if err != nil {
				return nil, err
			}
			code, err := b.Compile(g)
			return &compiled{code, g}, err
		})
	}
	return d
}

// batch is how many images are measured at a time: 16 small ones, fewer large ones. It depends on nothing else, so that the same weights have the
// same result wherever they are measured.
func (t Task) batch() int { return max(1, min(16, 16*320*320/(t.Input.Height*t.Input.Width))) }

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
func (d *Detector) call(p *program) (*backend.Call, error) {
	if call, ok := p.calls.Get().(*backend.Call); ok {
		return call, nil
	}
	code, err := p.compile()
	if err != nil {
		return nil, err
	}
	call := backend.NewCall(code, code.graph)
	for name, t := range d.weights {
		call.Set(name, t) // does nothing if they are frozen
	}
	return call, nil
}

// Detect returns the things in an image of any size, in its pixels, the surest first. Where the network takes another size, the image is resized
// to it: to the very sides for SSD, else as large as fits, with grey around it.
func (d *Detector) Detect(ctx context.Context, im data.Image, s Settings) ([]data.Detection, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if im.C != d.task.Input.Channels || im.H <= 0 || im.W <= 0 || len(im.Pix) != im.C*im.H*im.W {
		return nil, fmt.Errorf("an image of %d planes of %dx%d pixels with %d bytes, %d planes expected", im.C, im.H, im.W, len(im.Pix), d.task.Input.Channels)
	}
	fitted, back := d.task.fit(im)
	in := d.task.Input
	x := tensor.New(tensor.U8, tensor.ShapeOf(1, in.Channels, in.Height, in.Width))
	copy(x.U8(), fitted.Pix)
	all, err := d.predict(&d.one, x, 1, s)
	if err != nil {
		return nil, err
	}
	for i := range all[0] {
		b := &all[0][i].Box
		r := back(rectOf(*b)).clip(im.H, im.W)
		b.X0, b.Y0, b.X1, b.Y1 = r[0], r[1], r[2], r[3]
	}
	return all[0], nil
}

// fit makes im an image of the size that the network takes, and returns how its boxes lie in im.
func (t Task) fit(im data.Image) (fitted data.Image, back func(rect) rect) {
	h, w := t.Input.Height, t.Input.Width
	if im.H == h && im.W == w {
		return im, func(r rect) rect { return r }
	}
	// The corners of im as a box tell where they went.
	s := data.Sample{Image: im, Boxes: []data.Box{{X1: float32(im.W), Y1: float32(im.H)}}}
	s = t.Fit()(rand.New(rand.NewPCG(0, 0)), s)
	to := rect{0, 0, float32(w), float32(h)}
	if len(s.Boxes) > 0 { // else the image is a line
		to = rectOf(s.Boxes[0])
	}
	x, y := float32(im.W)/to.width(), float32(im.H)/to.height()
	return s.Image, func(r rect) rect {
		return rect{(r[0] - to[0]) * x, (r[1] - to[1]) * y, (r[2] - to[0]) * x, (r[3] - to[1]) * y}
	}
}

// Fit is the transform that makes a sample of any size one of the size that the network takes.
func (t Task) Fit() data.Transform {
	if _, stretched := t.head.(ssdHead); stretched {
		return data.Resize(t.Input.Height, t.Input.Width)
	}
	return data.Letterbox(t.Input.Height, t.Input.Width)
}

// predict runs p on the images x, of which the first n count.
func (d *Detector) predict(p *program, x *tensor.Tensor, n int, s Settings) ([][]data.Detection, error) {
	call, err := d.call(p)
	if err != nil {
		return nil, err
	}
	defer p.calls.Put(call)
	call.Set(task.Images, x)
	if err := call.Run(); err != nil {
		return nil, err
	}
	out := call.Output(output)
	rows, size := out.F32(), out.Size()/out.Shape().Dim(0)
	all := make([][]data.Detection, n)
	for i := range all {
		all[i] = d.task.read(rows[i*size:(i+1)*size], s)
	}
	return all, nil
}
