package detect

import (
	"context"
	"math/rand/v2"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/nn/nntest"
	"github.com/lince-ml/lince/optim"
	"github.com/lince-ml/lince/tensor"
)

const side = 32

// squares are small images with a bright square each, of two classes by colour.
type squares int

func (n squares) Len() int        { return int(n) }
func (squares) Classes() []string { return []string{"red", "blue"} }
func (squares) Name(int) string   { return "squares" }

func (squares) Sample(i int) (data.Sample, error) {
	r := rand.New(rand.NewPCG(7, uint64(i)))
	s := data.Sample{Image: data.NewImage(3, side, side), Label: -1}
	size := 10 + r.IntN(8)
	x0, y0, class := r.IntN(side-size), r.IntN(side-size), i%2
	for y := y0; y < y0+size; y++ {
		for x := x0; x < x0+size; x++ {
			s.Image.Pix[(2*class*side+y)*side+x] = 255
		}
	}
	s.Boxes = []data.Box{{Class: class, X0: float32(x0), Y0: float32(y0), X1: float32(x0 + size), Y1: float32(y0 + size)}}
	return s, nil
}

// smallTask is lince-det with a quarter of its channels.
func smallTask(t *testing.T) Task {
	t.Helper()
	k, err := Of(&modelfile.Model{
		Task: Name, Architecture: "lince-det", Options: map[string]string{"width": "0.25"}, Classes: squares(0).Classes(),
		Input: modelfile.Input{Channels: 3, Height: side, Width: side, Mean: []float32{0.1, 0.1, 0.1}, Std: []float32{0.3, 0.3, 0.3}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestLearns trains on a few images until it finds what is in them.
func TestLearns(t *testing.T) {
	if testing.Short() {
		t.Skip("a training")
	}
	const n, steps = 8, 120
	k, b := smallTask(t), newCPU(t)
	store := nntest.Store{}
	var vars []nn.Variable
	g := nntest.Trace(t, func(g *graph.Graph) {
		s := nn.NewScope(g, nn.Train)
		l := k.Training(s, g, n)
		vars = s.Variables()
		var params []*graph.Node
		for _, v := range nn.Learning(vars) {
			params = append(params, v.Node)
		}
		store.Init(optim.Step(g, optim.NewAdam(), optim.Options{}, nn.Learning(vars), graph.Grad(l.Total, params)), 1)
		for _, v := range vars {
			if v.Next != nil {
				g.Update(v.Node, v.Next)
			}
		}
		g.Output("loss", l.Total)
	})
	store.Init(vars, 1)
	store.Scalar(optim.RateInput, 0.01)
	store["images"] = tensor.New(tensor.U8, tensor.ShapeOf(n, 3, side, side))
	var answers []*tensor.Tensor
	for _, a := range k.Answers(n) {
		store[a.Name] = tensor.New(a.Type.DType, a.Type.Shape)
		answers = append(answers, store[a.Name])
	}
	for i := range n {
		s, _ := squares(n).Sample(i)
		copy(store["images"].U8()[i*len(s.Image.Pix):], s.Image.Pix)
		if err := k.Encode(s, i, answers); err != nil {
			t.Fatal(err)
		}
	}
	code, err := b.Compile(g)
	if err != nil {
		t.Fatal(err)
	}
	in, out := make([]*tensor.Tensor, len(g.Inputs())), make([]*tensor.Tensor, len(g.Outputs()))
	for i, x := range g.Inputs() {
		in[i] = store[x.Op().(graph.InputOp).Label]
	}
	loss := tensor.New(tensor.F32, tensor.Shape{})
	for i, o := range g.Outputs() {
		if o.Updates < 0 {
			out[i] = loss
		}
	}
	for step := range steps {
		store[optim.StepInput] = tensor.Of(tensor.Shape{}, float32(step+1))
		for i, x := range g.Inputs() {
			if x.Op().(graph.InputOp).Label == optim.StepInput {
				in[i] = store[optim.StepInput]
			}
		}
		if err := code.Run(in, out); err != nil {
			t.Fatal(err)
		}
	}
	weights := map[string]*tensor.Tensor{}
	for _, v := range vars {
		weights[v.Name] = store[v.Name]
	}
	live, err := k.Measurer(b, weights, true).Evaluate(context.Background(), squares(n), 2)
	if err != nil {
		t.Fatal(err)
	}
	ap := live.Quantities()[0].Value
	if !(ap > 0.5) {
		t.Errorf("after %d steps the loss is %v and AP %v", steps, loss.F32()[0], ap)
	}
	frozen, err := k.Measurer(b, weights, false).Evaluate(context.Background(), squares(n), 1)
	if err != nil {
		t.Fatal(err)
	}
	if d := frozen.Quantities()[0].Value - ap; d > 0.05 || d < -0.05 {
		t.Errorf("AP %v, with constant weights %v", ap, frozen.Quantities()[0].Value)
	}
}

// randomWeights are those that a training begins with.
func randomWeights(t *testing.T, k Task) map[string]*tensor.Tensor {
	t.Helper()
	store := nntest.Store{}
	nntest.Trace(t, func(g *graph.Graph) {
		s := nn.NewScope(g, nn.Eval)
		k.Stages.Rows(s, g.Input("x", graph.F32(1, 3, side, side)))
		store.Init(s.Variables(), 3)
	})
	return store
}

// TestDetect: boxes of an image of another size lie within it, and several goroutines find the same.
func TestDetect(t *testing.T) {
	k := smallTask(t)
	d := New(newCPU(t), k, randomWeights(t, k))
	im := data.NewImage(3, 48, 100)
	for i := range im.Pix {
		im.Pix[i] = uint8(i * 7)
	}
	all := Settings{Score: 0, Overlap: 0.9, Candidates: 50, Most: 20}
	want, err := d.Detect(context.Background(), im, all)
	if err != nil || len(want) != 20 {
		t.Fatalf("%d things, error %v", len(want), err)
	}
	for _, f := range want {
		if f.X0 < 0 || f.Y0 < 0 || f.X1 > 100 || f.Y1 > 48 || f.X1 < f.X0 || f.Y1 < f.Y0 {
			t.Errorf("%+v is outside of the image", f)
		}
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if got, err := d.Detect(context.Background(), im, all); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("found %v, error %v", got, err)
			}
		})
	}
	wg.Wait()
	im.Pix = im.Pix[1:]
	if _, err := d.Detect(context.Background(), im, all); err == nil || !strings.Contains(err.Error(), "48x100") {
		t.Errorf("error %v", err)
	}
}

// TestPlace: what is in the fitted image comes back to where it was.
func TestPlace(t *testing.T) {
	k := smallTask(t)
	im := data.NewImage(3, 16, 64)
	_, back := k.Place(im) // half as large, between 12 grey rows each
	if got, want := back(data.Box{X0: 4, Y0: 14, X1: 32, Y1: 40}), (data.Box{X0: 8, Y0: 4, X1: 64, Y1: 16}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestEncode(t *testing.T) {
	k := smallTask(t)
	var answers []*tensor.Tensor
	for _, a := range k.Answers(2) {
		answers = append(answers, tensor.New(a.Type.DType, a.Type.Shape))
	}
	s := data.Sample{Image: data.NewImage(3, side, side), Boxes: []data.Box{
		{Class: 1, X0: 2, Y0: 3, X1: 3.5, Y1: 4.5}, // so small that no anchor's middle is in it
		{Class: 0, X0: 0, Y0: 0, X1: 32, Y1: 32, Crowd: true},
		{Class: 0, X0: 5, Y0: 5, X1: 5, Y1: 9},
	}}
	if err := k.Encode(s, 1, answers); err != nil {
		t.Fatal(err)
	}
	n := answers[0].Size() / 2
	found := 0
	for i, class := range answers[0].I32()[n:] {
		if class >= 0 {
			found++
			if class != 1 || answers[1].F32()[4*(n+i)+2] != 3.5 {
				t.Errorf("anchor %d has class %d and box %v", i, class, answers[1].F32()[4*(n+i):][:4])
			}
		}
	}
	if found != 1 {
		t.Errorf("%d anchors find the box, want 1", found)
	}
	s.Boxes[0].Class = 2
	if err := k.Encode(s, 0, answers); err == nil || !strings.Contains(err.Error(), "box of class 2, expected 0 to 1") {
		t.Errorf("error %v", err)
	}
	s.Image = data.NewImage(3, 8, 8)
	if err := k.Encode(s, 0, answers); err == nil {
		t.Error("no error for an image of another size")
	}
}

func TestNoDetector(t *testing.T) {
	if _, err := headOf("lince-dat"); err == nil || !strings.Contains(err.Error(), `did you mean "lince-det"?`) {
		t.Errorf("error %v", err)
	}
}
