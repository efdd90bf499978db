package detect

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/nn/nntest"
	"github.com/lince-ml/lince/tensor"
)

const rcnnSide = 128

func rcnnTask(t *testing.T) Task {
	t.Helper()
	k, err := Of(&modelfile.Model{
		Task: Name, Architecture: "fasterrcnn_resnet50_fpn", Options: map[string]string{"width": "0.05"}, Classes: make([]string, goldenClasses),
		Input: modelfile.Input{Channels: 3, Height: rcnnSide, Width: rcnnSide, Mean: []float32{0.1, 0.1, 0.1}, Std: []float32{0.3, 0.3, 0.3}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestGoldenRCNN compares what is between and after the programs with torchvision.
func TestGoldenRCNN(t *testing.T) {
	var want struct { // what testdata/rcnn.py has had from torchvision
		Proposals     int
		Proposed      []float32
		Found         int
		Boxes, Scores []float32
		Labels        []int
		Sides         []float32
		Maps          []int
	}
	text, err := os.ReadFile("testdata/rcnn.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	k := rcnnTask(t)
	rows := nntest.Draw("out.rpn", 5*len(k.anchors.boxes))
	for i := 0; i < len(rows); i += 5 {
		rows[i] = rows[i]*4 - 1
	}
	proposed := k.propose(readRows(t, k, tensor.Of(tensor.ShapeOf(1, len(k.anchors.boxes), 5), rows...))[0])
	if len(proposed) != want.Proposals {
		t.Errorf("%d proposals, torchvision has %d", len(proposed), want.Proposals)
	}
	for i := range len(want.Proposed) / 4 {
		if r := rectOf(proposed[i].Box); !near(r[:], want.Proposed[4*i:4*i+4], 1e-3) {
			t.Fatalf("proposal %d is %v, torchvision's is %v", i, r, want.Proposed[4*i:4*i+4])
		}
	}

	const given, columns = 60, 5 * (goldenClasses + 1)
	corner, side, out := nntest.Draw("corner", 2*given), nntest.Draw("side", 2*given), nntest.Draw("out.boxes", given*columns)
	var all []data.Detection
	for i := range given {
		row := out[i*columns : (i+1)*columns]
		for j := range row {
			if row[j] *= 2; j <= goldenClasses {
				row[j] *= 1.5
			}
		}
		x, y := corner[2*i]*30+40, corner[2*i+1]*30+40
		r := rect{x, y, x + (side[2*i]*20 + 30), y + (side[2*i+1]*20 + 30)}
		all = append(all, readRow(row, r, goldenClasses, k.Input, k.Settings())...)
	}
	got := k.suppress(all, k.Settings())
	if len(got) != want.Found {
		t.Errorf("%d things found, torchvision finds %d", len(got), want.Found)
	}
	for i, score := range want.Scores {
		d := got[i]
		if r := rectOf(d.Box); d.Class != want.Labels[i] || math.Abs(float64(d.Score-score)) > 1e-5 || !near(r[:], want.Boxes[4*i:4*i+4], 1e-3) {
			t.Fatalf("thing %d is %+v, torchvision has class %d, score %v at %v", i, d, want.Labels[i], score, want.Boxes[4*i:4*i+4])
		}
	}
	for i, side := range want.Sides {
		if m := mapOf(rect{0, 0, side, side}, 4); m != want.Maps[i] {
			t.Errorf("a box of side %v is looked at on map %d, in torchvision on %d", side, m, want.Maps[i])
		}
	}
}

// TestRCNN finds things with random weights, of one image and of several, and cannot learn.
func TestRCNN(t *testing.T) {
	k := rcnnTask(t)
	store := nntest.Store{}
	nntest.Trace(t, func(g *graph.Graph) {
		s := nn.NewScope(g, nn.Eval)
		net, err := (&modelfile.Model{Task: Name, Architecture: "fasterrcnn_resnet50_fpn", Options: map[string]string{"width": "0.05"},
			Classes: k.Classes, Input: k.Input}).Network()
		if err != nil {
			t.Fatal(err)
		}
		net(s, g.Input("x", graph.F32(1, 3, rcnnSide, rcnnSide)))
		store.Init(s.Variables(), 1)
	})
	b := newCPU(t)
	s := k.Settings()
	s.Score = 0
	x := tensor.New(tensor.U8, tensor.ShapeOf(2, 3, rcnnSide, rcnnSide))
	for i, v := range nntest.Draw("pixels", x.Size()) {
		x.U8()[i] = uint8(128 + 127*v)
	}
	two, err := NewFinder(b, k, store, false, 2).Find(x, 2, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	one := tensor.New(tensor.U8, tensor.ShapeOf(1, 3, rcnnSide, rcnnSide))
	copy(one.U8(), x.U8()[one.Size():])
	single, err := NewFinder(b, k, store, false, 1).Find(one, 1, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(two[1]) == 0 || len(two[1]) != len(single[0]) {
		t.Fatalf("%d things beside another image, %d alone", len(two[1]), len(single[0]))
	}
	for i, d := range single[0] {
		if e := two[1][i]; d.Class != e.Class || math.Abs(float64(d.Score-e.Score)) > 1e-5 {
			t.Fatalf("thing %d is %+v beside another image, %+v alone", i, e, d)
		}
	}
	if err := CanLearn("fasterrcnn_resnet50_fpn"); err == nil || !strings.Contains(err.Error(), "only predicts") {
		t.Errorf("error %v", err)
	}
	if err := CanLearn("lince-det"); err != nil {
		t.Error(err)
	}
	if _, err := graph.Trace(func(g *graph.Graph) { k.Training(nn.NewScope(g, nn.Train), g, 1) }); err == nil || !strings.Contains(err.Error(), "only predicts") {
		t.Errorf("training: error %v", err)
	}
}
