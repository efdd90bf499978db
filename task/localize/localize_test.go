package localize

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/nn/nntest"
	"github.com/lince-ml/lince/tensor"
)

// golden is what testdata/losses.py has written.
type golden struct {
	N, Classes                    int
	Smoothing                     float32
	Y, Box, HasBox, Gradient, IoU []float32
	Labels                        []int
	Class, GIoU, SmoothL1, Total  float64
}

func readGolden(t *testing.T) golden {
	t.Helper()
	text, err := os.ReadFile("testdata/losses.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// side is that of the images of the tests.
const side = 10

// learner returns one whose network is the identity: the output is a parameter.
func (g golden) learner() Learner {
	in := modelfile.Input{Channels: 1, Height: side, Width: side, Mean: []float32{0}, Std: []float32{1}}
	net := func(s nn.Scope, x *graph.Node) *graph.Node {
		return s.Param("y", tensor.ShapeOf(x.Shape().Dim(0), g.Classes+4), nn.Zeros)
	}
	return Learner{Task{Net: net, Input: in, Classes: []string{"a", "b", "c", "d", "e", "f", "g"}}, g.Smoothing}
}

// sample returns what is known of image i.
func (g golden) sample(i int) data.Sample {
	s := data.Sample{Image: data.NewImage(1, side, side), Label: g.Labels[i], Boxes: []data.Box{}}
	if b := g.Box[4*i:]; g.HasBox[i] == 1 {
		s.Boxes = append(s.Boxes, data.Box{Class: g.Labels[i], X0: b[0] * side, Y0: b[1] * side, X1: b[2] * side, Y1: b[3] * side})
	}
	return s
}

// program traces the losses and the gradient, with answers that Encode has filled.
func (g golden) program(t *testing.T) (*graph.Graph, nntest.Store) {
	t.Helper()
	l := g.learner()
	store := nntest.Store{"y": tensor.Of(tensor.ShapeOf(g.N, g.Classes+4), g.Y...), "images": tensor.New(tensor.U8, tensor.ShapeOf(g.N, 1, side, side))}
	var answers []*tensor.Tensor
	for _, a := range l.Answers(g.N) {
		store[a.Name] = tensor.New(a.Type.DType, a.Type.Shape)
		answers = append(answers, store[a.Name])
	}
	for i := range g.N {
		if err := l.Encode(g.sample(i), i, answers); err != nil {
			t.Fatal(err)
		}
	}
	return nntest.Trace(t, func(gr *graph.Graph) {
		s := nn.NewScope(gr, nn.Train)
		losses := l.Training(s, gr, g.N)
		gr.Output("total", losses.Total)
		for _, p := range losses.Parts {
			gr.Output(p.Name, p.Node)
		}
		gr.Output("gradient", graph.Grad(losses.Total, []*graph.Node{s.Variables()[0].Node})[0])
	}), store
}

// TestGolden compares the losses and their gradient with torchvision's.
func TestGolden(t *testing.T) {
	g := readGolden(t)
	program, store := g.program(t)
	out := store.Run(t, program)
	for name, want := range map[string]float64{"total": g.Total, "class": g.Class, "giou": g.GIoU, "smooth_l1": g.SmoothL1} {
		if got := float64(out[name].F32()[0]); math.Abs(got-want) > 1e-5 {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	for i, got := range out["gradient"].F32() {
		if math.Abs(float64(got-g.Gradient[i])) > 1e-5 {
			t.Errorf("gradient %d is %v, want %v", i, got, g.Gradient[i])
		}
	}
}

// TestGradient compares the gradient with differences.
func TestGradient(t *testing.T) {
	g := readGolden(t)
	program, store := g.program(t)
	gradient := store.Run(t, program)["gradient"].F32()
	y := store["y"].F32()
	const h = 1e-2
	for i, v := range y {
		y[i] = v + h
		up := store.Run(t, program)["total"].F32()[0]
		y[i] = v - h
		down := store.Run(t, program)["total"].F32()[0]
		y[i] = v
		if slope := float64(up-down) / (2 * h); math.Abs(slope-float64(gradient[i])) > 2e-3 {
			t.Errorf("derivative %d is %v, differences say %v", i, gradient[i], slope)
		}
	}
}

// things are the images of the golden file.
type things struct{ golden }

func (d things) Len() int                          { return d.N }
func (d things) Classes() []string                 { return d.learner().Classes }
func (d things) Name(i int) string                 { return "things#" + string(rune('0'+i)) }
func (d things) Sample(i int) (data.Sample, error) { return d.sample(i), nil }

// TestReport measures the outputs of the golden file.
func TestReport(t *testing.T) {
	g := readGolden(t)
	g.HasBox[2] = 1
	l := g.learner()
	l.Net = fixed(g)
	r, err := l.Measurer(ref.Backend{}, nil, false).Evaluate(t.Context(), things{g}, 1)
	if err != nil {
		t.Fatal(err)
	}
	report := r.(*Report)
	rank := func(i, class int) (n int) {
		for _, v := range g.Y[i*(g.Classes+4):][:g.Classes] {
			if v > g.Y[i*(g.Classes+4)+class] {
				n++
			}
		}
		return n
	}
	var right, both, five, fiveBoth, iou float64
	for i, s := range report.Samples {
		if math.Abs(s.IoU-float64(g.IoU[i])) > 1e-5 || s.Rank != rank(i, g.Labels[i]) || s.Index != i {
			t.Errorf("image %d: IoU %v, rank %d; want %v, %d", i, s.IoU, s.Rank, g.IoU[i], rank(i, g.Labels[i]))
		}
		is := func(v bool) float64 {
			if v {
				return 1.0 / float64(g.N)
			}
			return 0
		}
		right += is(s.Rank < 1)
		five += is(s.Rank < 5)
		both += is(s.Rank < 1 && g.IoU[i] >= 0.5)
		fiveBoth += is(s.Rank < 5 && g.IoU[i] >= 0.5)
		iou += float64(g.IoU[i]) / float64(g.N)
	}
	m := report.Metrics()
	for name, v := range map[string][2]float64{
		"accuracy": {m.Accuracy, right}, "localisation": {m.Localisation, both}, "top 5": {*m.Top5Accuracy, five},
		"top 5 localisation": {*m.Top5, fiveBoth}, "mean IoU": {m.MeanIoU, iou}, "first quantity": {r.Quantities()[0].Value, both},
	} {
		if math.Abs(v[0]-v[1]) > 1e-5 {
			t.Errorf("%s is %v, want %v", name, v[0], v[1])
		}
	}
	if n := m.Images(); n != g.N || len(m.Quantities()) != 7 || len(m.Tables()[0].Rows) != g.Classes {
		t.Errorf("%d images, %v, %v", n, m.Quantities(), m.Tables())
	}
	for _, q := range m.Quantities() { // people read per cent, as in the lines of epochs
		if q.Share == (q.Name == "loss") {
			t.Errorf("%+v", q)
		}
	}
	if text, err := json.Marshal(m); err != nil || !strings.Contains(string(text), `"localisation_accuracy":`) {
		t.Errorf("%s %v", text, err)
	}
}

// fixed returns a network whose output is that of the golden file, whatever the images show.
func fixed(g golden) nn.Layer {
	return func(_ nn.Scope, x *graph.Node) *graph.Node {
		n := x.Shape().Dim(0)
		y := tensor.New(tensor.F32, tensor.ShapeOf(n, g.Classes+4))
		copy(y.F32(), g.Y)
		return x.Graph().Const(y)
	}
}

// TestLossOfReport is that of training.
func TestLossOfReport(t *testing.T) {
	g := readGolden(t)
	g.Smoothing, g.HasBox[2] = 0, 1
	program, store := g.program(t)
	want := float64(store.Run(t, program)["total"].F32()[0])
	l := g.learner()
	l.Net = fixed(g)
	r, err := l.Measurer(ref.Backend{}, nil, true).Evaluate(t.Context(), things{g}, 1)
	if err != nil || math.Abs(r.Loss()-want) > 1e-5 {
		t.Errorf("loss %v, in training %v; error %v", r.Loss(), want, err)
	}
}

func TestLocalize(t *testing.T) {
	g := readGolden(t)
	task := g.learner().Task
	task.Net = fixed(g)
	l := New(ref.Backend{}, task, nil)
	im := data.NewImage(1, side, side)
	one, err := l.Localize(t.Context(), []data.Image{im})
	if err != nil {
		t.Fatal(err)
	}
	many, err := l.Localize(t.Context(), []data.Image{im, im, im})
	if err != nil || len(one) != 1 || len(many) != 3 || one[0].Box != many[0].Box || many[0].Box == many[1].Box {
		t.Errorf("%+v, of three %+v, error %v", one, many, err)
	}
	for _, a := range many {
		if b := a.Box; !(0 <= b.X0 && b.X0 < b.X1 && b.X1 <= side && 0 <= b.Y0 && b.Y0 < b.Y1 && b.Y1 <= side) {
			t.Errorf("box %+v is not within the image", b)
		}
	}
	if _, err := l.Localize(t.Context(), []data.Image{data.NewImage(1, 3, 4)}); err == nil || !strings.Contains(err.Error(), "image 0: image of 1x3x4") {
		t.Errorf("error %v", err)
	}
}

func TestBadSamples(t *testing.T) {
	g := readGolden(t)
	l := g.learner()
	var answers []*tensor.Tensor
	for _, a := range l.Answers(1) {
		answers = append(answers, tensor.New(a.Type.DType, a.Type.Shape))
	}
	for want, s := range map[string]data.Sample{
		"no box, expected one":  {Label: 1},
		"2 boxes, expected one": {Label: 1, Boxes: make([]data.Box, 2)},
	} {
		if err := l.Encode(s, 0, answers); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, expected %q", err, want)
		}
	}
	if err := l.Encode(data.Sample{Label: -1, Boxes: []data.Box{{Class: 3, X1: 5, Y1: 10}}}, 0, answers); err != nil {
		t.Fatal(err)
	}
	if class := answers[0].F32()[3]; math.Abs(float64(class)-0.9-0.1/7) > 1e-6 || answers[1].F32()[2] != 0.5 || answers[1].F32()[3] != 1 || answers[2].F32()[0] != 1 {
		t.Errorf("a box with a class is encoded as %v", answers)
	}
}
