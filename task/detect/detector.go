package detect

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/tensor"
)

// A Detector is a network with its weights, ready to run. It is safe for concurrent use.
type Detector struct {
	task Task
	one  *Finder // of one image
	many *Finder // of as many as task.Batch says
}

// New returns a detector whose variables have the values in weights, which must not change afterwards.
func New(b backend.Backend, t Task, weights map[string]*tensor.Tensor) *Detector {
	return newDetector(b, t, weights, false)
}

func newDetector(b backend.Backend, t Task, weights map[string]*tensor.Tensor, live bool) *Detector {
	return &Detector{t, NewFinder(b, t, weights, live, 1), NewFinder(b, t, weights, live, t.Batch())}
}

// Batch is how many images are measured at a time: 16 small ones, fewer large ones. It depends on nothing else, so that the same weights have the
// same result wherever they are measured.
func (t Task) Batch() int { return max(1, min(16, 16*320*320/(t.Input.Height*t.Input.Width))) }

// Detect returns the things in an image of any size, in its pixels, the surest first. Where the network takes another size, the image is resized
// to it: to the very sides for SSD, else as large as fits, with grey around it.
func (d *Detector) Detect(ctx context.Context, im data.Image, s Settings) ([]data.Detection, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if im.C != d.task.Input.Channels || im.H <= 0 || im.W <= 0 || len(im.Pix) != im.C*im.H*im.W {
		return nil, fmt.Errorf("an image of %d planes of %dx%d pixels with %d bytes, %d planes expected", im.C, im.H, im.W, len(im.Pix), d.task.Input.Channels)
	}
	fitted, back := d.task.Place(im)
	in := d.task.Input
	x := tensor.New(tensor.U8, tensor.ShapeOf(1, in.Channels, in.Height, in.Width))
	copy(x.U8(), fitted.Pix)
	all, err := d.one.Find(x, 1, s, nil)
	if err != nil {
		return nil, err
	}
	for i := range all[0] {
		all[0][i].Box = back(all[0][i].Box)
	}
	return all[0], nil
}

// Place makes im an image of the size that the network takes, as Fit does, and returns how boxes in it lie in im.
func (t Task) Place(im data.Image) (fitted data.Image, back func(data.Box) data.Box) {
	h, w := t.Input.Height, t.Input.Width
	if im.H == h && im.W == w {
		return im, func(b data.Box) data.Box { return b }
	}
	// The corners of im as a box tell where they went.
	s := data.Sample{Image: im, Boxes: []data.Box{{X1: float32(im.W), Y1: float32(im.H)}}}
	s = t.Fit()(rand.New(rand.NewPCG(0, 0)), s)
	to := rect{0, 0, float32(w), float32(h)}
	if len(s.Boxes) > 0 { // else the image is a line
		to = rectOf(s.Boxes[0])
	}
	x, y := float32(im.W)/to.width(), float32(im.H)/to.height()
	return s.Image, func(b data.Box) data.Box {
		r := rect{(b.X0 - to[0]) * x, (b.Y0 - to[1]) * y, (b.X1 - to[0]) * x, (b.Y1 - to[1]) * y}.clip(im.H, im.W)
		b.X0, b.Y0, b.X1, b.Y1 = r[0], r[1], r[2], r[3]
		return b
	}
}

// Framing says how a picture of any size becomes one of the size that the architecture takes: SSD distorts it, for others it is letterboxed.
func Framing(architecture string) data.Framing { return framing(heads[architecture]) }

func framing(h head) data.Framing {
	if isSSD(h) {
		return data.Stretch
	}
	return data.Contain
}

// Fit is the transform that does with a sample what Framing says of the network.
func (t Task) Fit() data.Transform {
	if framing(t.head) == data.Stretch {
		return data.Resize(t.Input.Height, t.Input.Width)
	}
	return data.Letterbox(t.Input.Height, t.Input.Width)
}
