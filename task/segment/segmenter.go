package segment

import (
	"context"
	"fmt"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/tensor"
)

// evalBatch is how many images an evaluation takes at a time. It is one number everywhere, so that the same weights have the same
// result, bit for bit, wherever they are measured.
const evalBatch = 8

// A Segmenter is a network with its weights, ready to run. It is safe for concurrent use.
type Segmenter struct {
	task    Task
	one     *task.Program // predicts one image
	measure *task.Program // evaluates evalBatch images
}

// New returns a segmenter whose variables have the values in weights, which must not change afterwards.
func New(b backend.Backend, t Task, weights map[string]*tensor.Tensor) *Segmenter {
	return newSegmenter(b, t, weights, false)
}

func newSegmenter(b backend.Backend, t Task, weights map[string]*tensor.Tensor, live bool) *Segmenter {
	program := func(n int, trace func(int) (*graph.Graph, error)) *task.Program {
		return task.NewProgram(b, weights, live, func() (*graph.Graph, error) { return trace(n) })
	}
	return &Segmenter{t, program(1, t.Prediction), program(evalBatch, t.Evaluation)}
}

// Segment returns the class of each pixel of an image of height x width pixels. The image that is given has the size that the network takes: the whole one, resized. What
// the network says of it is resized to height x width before the largest is chosen, so that edges are smooth.
func (s *Segmenter) Segment(ctx context.Context, im data.Image, height, width int) (*data.Mask, error) {
	if err := s.task.Input.Check("image", im.C, im.H, im.W); err != nil {
		return nil, err
	}
	if min(height, width) < 1 || height > data.MaxPixels/width {
		return nil, fmt.Errorf("segment: a mask of %dx%d pixels, 1 or more each way and at most %d together expected", height, width, data.MaxPixels)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	call, err := s.one.Call()
	if err != nil {
		return nil, err
	}
	defer s.one.Put(call)
	x := tensor.New(tensor.U8, tensor.ShapeOf(1, im.C, im.H, im.W))
	copy(x.U8(), im.Pix)
	call.Set(task.Images, x)
	if err := call.Run(); err != nil {
		return nil, err
	}
	mask := &data.Mask{H: height, W: width, Pix: make([]uint16, height*width)}
	logits := call.Output(Logits).F32()
	if height == im.H && width == im.W {
		largest(logits, len(s.task.Classes), mask.Pix)
		return mask, nil
	}
	resizedLargest(logits, len(s.task.Classes), im.H, im.W, mask)
	return mask, nil
}

// largest writes which of the planes is the largest at each pixel, of equal ones the first.
func largest(planes []float32, classes int, dst []uint16) {
	size := len(dst)
	clear(dst)
	best := append([]float32(nil), planes[:size]...)
	for c := 1; c < classes; c++ {
		for i, v := range planes[c*size:][:size] {
			if v > best[i] {
				best[i], dst[i] = v, uint16(c)
			}
		}
	}
}

// resizedLargest is largest for planes of h x w pixels that are resized to the size of the mask, a row at a time.
func resizedLargest(planes []float32, classes, h, w int, mask *data.Mask) {
	a := op.ResizeAttrs{H: mask.H, W: mask.W}
	top, down := a.Taps(h, mask.H)
	left, right := a.Taps(w, mask.W)
	mixed, row := make([]float32, w+1), make([]float32, classes*mask.W)
	for y := range mask.H {
		for c := range classes {
			plane := planes[c*h*w:][:h*w]
			upper, lower := plane[top[y]*w:][:w], plane[min(top[y]+1, h-1)*w:][:w]
			for x := range w {
				mixed[x] = upper[x] + down[y]*(lower[x]-upper[x])
			}
			mixed[w] = mixed[w-1] // has share 0
			for x := range mask.W {
				l := mixed[left[x]]
				row[c*mask.W+x] = l + right[x]*(mixed[left[x]+1]-l)
			}
		}
		largest(row, classes, mask.Pix[y*mask.W:][:mask.W])
	}
}

// Evaluate implements task.Measurer.
func (s *Segmenter) Evaluate(ctx context.Context, d data.Dataset, workers int) (task.Report, error) {
	if n := len(d.Classes()); n != len(s.task.Classes) {
		return nil, fmt.Errorf("data of %d classes, the model knows %d", n, len(s.task.Classes))
	}
	if d.Len() == 0 {
		return nil, fmt.Errorf("evaluate: no images")
	}
	call, err := s.measure.Call()
	if err != nil {
		return nil, err
	}
	defer s.measure.Put(call)
	r := newReport(s.task.Classes)
	pixels := tensor.New(tensor.I32, s.task.pixels(evalBatch).Shape)
	size := s.task.Input.Height * s.task.Input.Width
	said := make([]uint16, size)
	loader := &data.Loader{Data: d, Batch: evalBatch, Workers: workers}
	for batch, err := range loader.Batches(ctx, 0, 0) {
		if err != nil {
			return nil, err
		}
		shape := batch.X.Shape()
		if err := s.task.Input.Check(d.Name(batch.Index[0]), shape.Dim(1), shape.Dim(2), shape.Dim(3)); err != nil {
			return nil, err
		}
		for i := range batch.N {
			if err := s.task.encode(batch.Samples[i], pixels.I32()[i*size:][:size]); err != nil {
				return nil, fmt.Errorf("%s: %w", d.Name(batch.Index[i]), err)
			}
		}
		call.Set(task.Images, batch.X)
		call.Set(Pixels, pixels)
		if err := call.Run(); err != nil {
			return nil, err
		}
		logits, sums := call.Output(Logits).F32(), call.Output(Sums).F32()
		for i := range batch.N {
			largest(logits[i*len(s.task.Classes)*size:][:len(s.task.Classes)*size], len(s.task.Classes), said)
			if err := r.add(batch.Index[i], batch.Samples[i].Mask.Pix, said, float64(sums[i])); err != nil {
				return nil, fmt.Errorf("%s: %w", d.Name(batch.Index[i]), err)
			}
			r.keep(said, s.task.Input.Height, s.task.Input.Width)
		}
	}
	return r, nil
}
