package segment

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/op/optest"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/tensor"
)

var _ task.Learner = Learner{}

// dark is the segmentation of grey images of 4 x 6 pixels: with weight -1, dark pixels are of class 0 and light ones of class 1.
func dark() Task {
	return Task{
		Net: nn.Named("conv", func(s nn.Scope, x *graph.Node) *graph.Node {
			return op.Concat(1, nn.Conv(1, 1, nn.NoBias)(s, x), x.Graph().Fill(x.Type(), 0))
		}),
		Input:   modelfile.Input{Channels: 1, Height: 4, Width: 6, Mean: []float32{0.5}, Std: []float32{0.5}},
		Classes: []string{"dark", "light"},
	}
}

var darkWeights = map[string]*tensor.Tensor{"conv.weight": tensor.Of(tensor.ShapeOf(1, 1, 1, 1), float32(-1))}

// halves is a dataset of images whose left half is dark, with masks in which some pixels are not known, or wrong.
type halves struct{ mask func(i int) *data.Mask }

func (halves) Len() int          { return 3 }
func (halves) Classes() []string { return []string{"dark", "light"} }
func (halves) Name(i int) string { return fmt.Sprintf("halves#%d", i) }
func (d halves) Sample(i int) (data.Sample, error) {
	im := data.NewImage(1, 4, 6)
	for p := range im.Pix {
		if p%6 >= 3 {
			im.Pix[p] = 255
		}
	}
	return data.Sample{Image: im, Mask: d.mask(i)}, nil
}

func right() *data.Mask {
	m := &data.Mask{H: 4, W: 6, Pix: make([]uint16, 24)}
	for p := range m.Pix {
		if p%6 >= 3 {
			m.Pix[p] = 1
		}
	}
	return m
}

func newCPU(t *testing.T) *cpu.Backend {
	b, err := cpu.New(0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func TestEvaluate(t *testing.T) {
	d := halves{func(i int) *data.Mask {
		m := right()
		m.Pix[0] = data.Ignore
		if i == 2 {
			m.Pix[1], m.Pix[2] = 1, 1
		}
		return m
	}}
	r, err := New(newCPU(t), dark(), darkWeights).Evaluate(context.Background(), d, 1)
	if err != nil {
		t.Fatal(err)
	}
	m := r.Summary().(*Metrics)
	// 31 of 33 dark and 36 of 38 light pixels, and all that are said to be light, are right
	if m.N != 3 || m.Pixels != 69 || fmt.Sprint(m.Confusion) != "[[31 0] [2 36]]" || m.MeanIoU != (31./33+36./38)/2 || m.PixelAccuracy != 67./69 {
		t.Errorf("%+v", m)
	}
	own := func(logit float64) float64 { return math.Log1p(math.Exp(-logit)) } // -log p
	if want := (67*own(1) + 2*own(-1)) / 69; math.Abs(m.Loss-want) > 1e-6 || r.Loss() != m.Loss {
		t.Errorf("loss %v, want %v", m.Loss, want)
	}
	if s := r.(*Report).Samples[1]; s.MeanIoU != 1 || s.Accuracy != 1 || s.Index != 1 {
		t.Errorf("%+v", s)
	}
	if q := r.Quantities(); q[0].Name != "mean_iou" || q[0].Value != m.MeanIoU {
		t.Errorf("%+v", q)
	}
	for _, q := range m.Quantities() { // people read per cent, as in the lines of epochs
		if q.Share == (q.Name == "loss") {
			t.Errorf("%+v", q)
		}
	}
	if rows := m.Tables()[0].Rows; len(rows) != 2 || rows[0][1] != "31" || rows[0][2] != "93.94 %" {
		t.Errorf("%v", rows)
	}
}

func TestBadMasks(t *testing.T) {
	for want, mask := range map[string]*data.Mask{
		"halves#0: no mask, expected a class for each pixel":                                   nil,
		"halves#0: mask of 4 x 6 pixels of an image of 6 x 4":                                  {H: 6, W: 4, Pix: make([]uint16, 24)},
		"halves#0: pixel (1, 0) of the mask is of class 2, expected 0 to 1, or 65535 for none": {H: 4, W: 6, Pix: append(make([]uint16, 6), append([]uint16{2}, make([]uint16, 17)...)...)},
	} {
		_, err := New(newCPU(t), dark(), darkWeights).Evaluate(context.Background(), halves{func(int) *data.Mask { return mask }}, 1)
		if err == nil || err.Error() != want {
			t.Errorf("error %v\nwant %s", err, want)
		}
	}
	_, err := Of(&modelfile.Model{Task: "classify"})
	if err == nil || err.Error() != "a model for the task classify, expected one for segment" {
		t.Errorf("error %v", err)
	}
}

// TestSegment: the mask has the size that is asked for, with the edge where it is in the image.
func TestSegment(t *testing.T) {
	s := New(newCPU(t), dark(), darkWeights)
	sample, _ := halves{func(int) *data.Mask { return nil }}.Sample(0)
	for _, size := range [][2]int{{4, 6}, {9, 12}, {2, 2}} {
		m, err := s.Segment(context.Background(), sample.Image, size[0], size[1])
		if err != nil {
			t.Fatal(err)
		}
		for p, class := range m.Pix {
			if want := uint16(p % size[1] / (size[1] / 2)); class != want {
				t.Errorf("%v: pixel %d is of class %d", size, p, class)
			}
		}
	}
	for want, err := range map[string]error{
		"image: ":                       func() error { _, err := s.Segment(context.Background(), data.NewImage(1, 4, 5), 4, 5); return err }(),
		"segment: a mask of 0x3 pixels": func() error { _, err := s.Segment(context.Background(), sample.Image, 0, 3); return err }(),
	} {
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("error %v\nwant %s", err, want)
		}
	}
}

// TestResizedLargest compares with op.Resize.
func TestResizedLargest(t *testing.T) {
	const classes, h, w = 3, 5, 4
	planes := optest.Rand(rand.New(rand.NewPCG(1, 2)), -1, 1, 1, classes, h, w)
	for _, size := range [][2]int{{13, 9}, {3, 2}, {1, 1}} {
		o := op.ResizeOp{ResizeAttrs: op.ResizeAttrs{H: size[0], W: size[1]}}
		g, err := optest.Program(o, []*tensor.Tensor{planes})
		if err != nil {
			t.Fatal(err)
		}
		resized := optest.Run(t, ref.Backend{}, g, []*tensor.Tensor{planes})[0]
		want, got := make([]uint16, size[0]*size[1]), &data.Mask{H: size[0], W: size[1], Pix: make([]uint16, size[0]*size[1])}
		largest(resized.F32(), classes, want)
		resizedLargest(planes.F32(), classes, h, w, got)
		for i := range want {
			if got.Pix[i] != want[i] {
				t.Errorf("%v: pixel %d is of class %d, want %d", size, i, got.Pix[i], want[i])
			}
		}
	}
}

// TestEncode: what is not known counts nothing, the rest as much as its class.
func TestEncode(t *testing.T) {
	l := Learner{dark(), Objective{CrossEntropy: true, Weights: []float32{0.5, 3}}}
	var answers []*tensor.Tensor
	for _, a := range l.Answers(2) {
		answers = append(answers, tensor.New(a.Type.DType, a.Type.Shape))
	}
	m := right()
	m.Pix[0] = data.Ignore
	if err := l.Encode(data.Sample{Mask: m}, 1, answers); err != nil {
		t.Fatal(err)
	}
	if got := answers[0].I32()[24:30]; fmt.Sprint(got) != "[-1 0 0 1 1 1]" {
		t.Errorf("pixels %v", got)
	}
	if got := answers[1].F32()[24:30]; fmt.Sprint(got) != "[0 0.5 0.5 3 3 3]" {
		t.Errorf("weights %v", got)
	}
}

// TestWrongNetwork: the error says what the network should return.
func TestWrongNetwork(t *testing.T) {
	bad := dark()
	bad.Net = nn.Chain(nn.Conv(2, 1, nn.Stride(2)))
	_, err := bad.Prediction(1)
	if err == nil || !strings.Contains(err.Error(), "the network returns f32[1 2 2 3], expected f32[1 2 4 6]: a logit for each class and pixel") {
		t.Errorf("error %v", err)
	}
}
