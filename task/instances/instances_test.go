package instances

import (
	"context"
	"testing"

	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/nn/nntest"
	"github.com/lince-ml/lince/tensor"
)

const pixels = 64

// disc is an image of one thing, all of whose pixels are known.
type disc struct{}

func (disc) Len() int          { return 3 }
func (disc) Classes() []string { return []string{"disc", "other"} }
func (disc) Name(int) string   { return "disc" }

func (disc) Sample(i int) (data.Sample, error) {
	m := &data.Mask{H: pixels, W: pixels, Pix: make([]uint16, pixels*pixels)}
	s := data.Sample{Image: data.NewImage(3, pixels, pixels), Label: -1, Index: i}
	for y := range pixels {
		for x := range pixels {
			if (x-30)*(x-30)+(y-28)*(y-28) < 20*20 {
				m.Pix[y*pixels+x], s.Image.Pix[y*pixels+x] = 1, 200
			}
		}
	}
	s.Boxes = []data.Box{{X0: 11, Y0: 9, X1: 50, Y1: 48, Shape: &data.Shape{Mask: m}}}
	return s, nil
}

func smallTask(t *testing.T) Task {
	t.Helper()
	k, err := Of(&modelfile.Model{
		Task: Name, Architecture: "lince-mask", Options: map[string]string{"width": "0.25"}, Classes: disc{}.Classes(),
		Input: modelfile.Input{Channels: 3, Height: pixels, Width: pixels, Mean: []float32{0.1, 0.1, 0.1}, Std: []float32{0.3, 0.3, 0.3}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestCells: what is encoded and pasted again is the same but for some pixels of the edge.
func TestCells(t *testing.T) {
	s, _ := disc{}.Sample(0)
	boxes, images, cells := make([]float32, 4*perImage), make([]int32, perImage), make([]float32, perImage*side*side)
	encodeMasks(s, 2, boxes, images, cells)
	if images[0] != 2 || images[1] != -1 || boxes[4] != 0 {
		t.Fatalf("images %v, boxes %v", images, boxes)
	}
	got := paste(cells[:side*side], data.Box{X0: boxes[0], Y0: boxes[1], X1: boxes[2], Y1: boxes[3]}, pixels, pixels)
	off := 0
	for i, v := range s.Boxes[0].Shape.Mask.Pix {
		x, y := float32(i%pixels)+0.5, float32(i/pixels)+0.5
		if inside := x > boxes[0] && x < boxes[2] && y > boxes[1] && y < boxes[3]; inside && v != got.Pix[i] {
			off++
		}
	}
	if off > 30 {
		t.Errorf("%d pixels differ, of a disc of 1250", off)
	}
	if empty := paste(cells, data.Box{X0: 3, X1: 3, Y1: 4}, 8, 8); empty.Pix[0] != 0 {
		t.Error("a box without area has pixels")
	}
}

// TestPrograms traces the training, and finds masks with random weights.
func TestPrograms(t *testing.T) {
	k := smallTask(t)
	store := nntest.Store{}
	g := nntest.Trace(t, func(g *graph.Graph) {
		s := nn.NewScope(g, nn.Train)
		l := k.Training(s, g, 2)
		g.Output("loss", l.Total)
		for _, v := range nn.Learning(s.Variables()) {
			g.Output(v.Name, graph.Grad(l.Total, []*graph.Node{v.Node})[0])
		}
		store.Init(s.Variables(), 1)
	})
	weights := map[string]*tensor.Tensor{}
	for name, w := range store {
		weights[name] = w
	}
	store["images"] = tensor.New(tensor.U8, tensor.ShapeOf(2, 3, pixels, pixels))
	var answers []*tensor.Tensor
	for _, a := range k.Answers(2) {
		store[a.Name] = tensor.New(a.Type.DType, a.Type.Shape)
		answers = append(answers, store[a.Name])
	}
	for i := range 2 {
		s, _ := disc{}.Sample(i)
		copy(store["images"].U8()[i*len(s.Image.Pix):], s.Image.Pix)
		if err := k.Encode(s, i, answers); err != nil {
			t.Fatal(err)
		}
	}
	b, err := cpu.New(0)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	for name, d := range store.RunOn(t, b, g) {
		for _, v := range d.F32() {
			if v != v {
				t.Fatalf("%s is not a number", name)
			}
		}
	}
	r, err := k.Measurer(b, weights, false).Evaluate(context.Background(), disc{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if r.Summary().Images() != 3 || len(r.Quantities()) != 4 {
		t.Errorf("%+v", r.Summary())
	}
	set := k.Detect.Settings()
	set.Score, set.Most = 0, 20 // more than a run of the second program takes
	found, err := New(b, k, weights).Detect(context.Background(), data.NewImage(3, 50, 90), set)
	if err != nil || len(found) == 0 {
		t.Fatalf("%d things, error %v", len(found), err)
	}
	for _, f := range found {
		if m := f.Shape.Mask; m.H != 50 || m.W != 90 {
			t.Errorf("a mask of %dx%d", m.H, m.W)
		}
	}
}
