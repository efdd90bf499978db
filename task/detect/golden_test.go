package detect

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/nn/nntest"
	"github.com/lince-ml/lince/op"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/tensor"
)

// A golden is what testdata/golden.py has had from torchvision.
type golden struct {
	Overlaps struct {
		IoU, GIoU, CIoU []float32
		NMS, Batched    []int
	}
	Heads []goldenHead
}

type goldenHead struct {
	Name       string
	Size       int
	AnchorStep int       `json:"anchor_step"`
	Anchors    []float32 // every AnchorStep-th
	Matched    [2][][2]int32
	Losses     map[string]float64
	Found      int
	Scores     []float32
	Labels     []int
	Boxes      []float32
}

const goldenClasses = 5

// The ground truth of two images, for sides of 128 pixels.
var (
	goldenBoxes = [2][]rect{
		{{10, 12, 60, 70}, {50, 40, 90, 100}, {30, 80, 50, 96}, {5, 5, 12, 11}, {20.5, 10.25, 110, 120}},
		{{64, 64, 127, 127}, {0, 0, 30, 20}},
	}
	goldenLabels = [2][]int{{0, 1, 2, 3, 4}, {2, 2}}
)

func readGolden(t *testing.T) golden {
	t.Helper()
	text, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(text, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

func (c goldenHead) task(t *testing.T) Task {
	t.Helper()
	k, err := newTask(c.Name, models.Stages{}, modelfile.Input{Channels: 3, Height: c.Size, Width: c.Size}, make([]string, goldenClasses))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func (c goldenHead) truth() (samples [2]data.Sample) {
	scale := float32(c.Size) / 128
	for i, boxes := range goldenBoxes {
		samples[i].Image = data.NewImage(3, c.Size, c.Size)
		for j, b := range boxes {
			samples[i].Boxes = append(samples[i].Boxes, data.Box{
				Class: goldenLabels[i][j], X0: b[0] * scale, Y0: b[1] * scale, X1: b[2] * scale, Y1: b[3] * scale})
		}
	}
	return samples
}

// output returns the numbers that golden.py gives to the head.
func (c goldenHead) output(k Task) *tensor.Tensor {
	rows, columns := len(k.anchors.boxes), k.head.columns(goldenClasses)
	values := nntest.Draw("out."+c.Name, 2*rows*columns)
	logits := goldenClasses
	if _, ssd := k.head.(ssdHead); ssd {
		logits++
	}
	_, fcos := k.head.(fcosHead)
	for i := range values {
		switch at := i % columns; {
		case at < logits || at == logits+4:
			values[i] = values[i]*4 - 1
		case fcos:
			values[i] = (values[i] + 1) * 2
		}
	}
	return tensor.Of(tensor.ShapeOf(2, rows, columns), values...)
}

func TestGoldenHeads(t *testing.T) {
	for _, c := range readGolden(t).Heads {
		t.Run(c.Name, func(t *testing.T) {
			k := c.task(t)
			c.checkAnchors(t, k)
			c.checkMatches(t, k)
			out := c.output(k)
			c.checkLosses(t, k, out)
			c.checkFound(t, k, out)
		})
	}
}

func (c goldenHead) checkAnchors(t *testing.T, k Task) {
	for i, want := range slices.Collect(slices.Chunk(c.Anchors, 4)) {
		got := k.anchors.boxes[i*c.AnchorStep]
		if !near(got[:], want, 1e-4) {
			t.Fatalf("anchor %d is %v, torchvision's is %v", i*c.AnchorStep, got, want)
		}
	}
}

func (c goldenHead) checkMatches(t *testing.T, k Task) {
	for i, s := range c.truth() {
		var boxes []rect
		for _, b := range s.Boxes {
			boxes = append(boxes, rectOf(b))
		}
		to := make([]int32, len(k.anchors.boxes))
		k.head.match(k.anchors, boxes, to)
		var got [][2]int32
		for a, b := range to {
			if b != background && len(got) < 400 {
				got = append(got, [2]int32{int32(a), b})
			}
		}
		if !slices.Equal(got, c.Matched[i]) {
			t.Errorf("image %d: matched %v, torchvision has %v", i, got, c.Matched[i])
		}
	}
}

func (c goldenHead) checkLosses(t *testing.T, k Task, out *tensor.Tensor) {
	store := nntest.Store{"out": out}
	for _, a := range k.Answers(2) {
		store[a.Name] = tensor.New(a.Type.DType, a.Type.Shape)
	}
	for i, s := range c.truth() {
		if err := k.Encode(s, i, []*tensor.Tensor{store[anchorClasses], store[anchorBoxes]}); err != nil {
			t.Fatal(err)
		}
	}
	g := nntest.Trace(t, func(g *graph.Graph) {
		x := g.Input("out", graph.Type{DType: tensor.F32, Shape: out.Shape()})
		l := k.head.losses(x, g.Input(anchorClasses, k.Answers(2)[0].Type), g.Input(anchorBoxes, k.Answers(2)[1].Type), k.anchors, goldenClasses)
		for _, p := range l.Parts {
			g.Output(p.Name, p.Node)
		}
		g.Output("total", l.Total)
		g.Output("gradient", graph.Grad(l.Total, []*graph.Node{x})[0])
	})
	got := store.RunOn(t, newCPU(t), g)
	sum := 0.0
	for part, theirs := range map[string]string{"class": "classification", "box": "bbox_regression", "center": "bbox_ctrness"} {
		want, is := c.Losses[theirs]
		if !is {
			continue
		}
		sum += want
		if v := float64(got[part].F32()[0]); math.Abs(v-want) > 1e-5*want {
			t.Errorf("loss %s is %v, torchvision's is %v", part, v, want)
		}
	}
	if v := float64(got["total"].F32()[0]); math.Abs(v-sum) > 1e-5*sum {
		t.Errorf("the losses sum up to %v, torchvision's to %v", v, sum)
	}
	for _, v := range got["gradient"].F32() {
		if math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) {
			t.Fatal("a gradient is not finite")
		}
	}
}

func (c goldenHead) checkFound(t *testing.T, k Task, out *tensor.Tensor) {
	got := k.find(readRows(t, k, out)[1], k.Settings())
	if len(got) != c.Found {
		t.Errorf("%d things found, torchvision finds %d", len(got), c.Found)
	}
	for i, want := range c.Scores {
		b := got[i]
		box := []float32{b.X0, b.Y0, b.X1, b.Y1}
		if b.Class != c.Labels[i] || math.Abs(float64(b.Score-want)) > 1e-5 || !near(box, c.Boxes[4*i:4*i+4], 1e-3) {
			t.Fatalf("thing %d is %+v, torchvision has class %d, score %v at %v", i, b, c.Labels[i], want, c.Boxes[4*i:4*i+4])
		}
	}
}

// readRows returns what k's head reads in rows [N, A, columns], of each image.
func readRows(t *testing.T, k Task, rows *tensor.Tensor) []reading {
	t.Helper()
	g := nntest.Trace(t, func(g *graph.Graph) {
		boxes, scores := k.head.read(g.Input("rows", graph.Type{DType: tensor.F32, Shape: rows.Shape()}), k.anchors, len(k.Classes))
		g.Output(Boxes, boxes.joined())
		g.Output(Scores, scores)
	})
	out := nntest.Store{"rows": rows}.RunOn(t, newCPU(t), g)
	n, a, classes := rows.Shape().Dim(0), len(k.anchors.boxes), out[Scores].Shape().Dim(2)
	var list []reading
	for i := range n {
		list = append(list, reading{out[Boxes].F32()[4*a*i:][:4*a], out[Scores].F32()[a*classes*i:][:a*classes], classes})
	}
	return list
}

func near(got, want []float32, within float64) bool {
	for i, v := range want {
		if !(math.Abs(float64(got[i]-v)) <= within) {
			return false
		}
	}
	return len(got) == len(want)
}

func newCPU(t *testing.T) *cpu.Backend {
	t.Helper()
	b, err := cpu.New(0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

// goldenPairs are 60 boxes with scores; the first half of them is compared with the second.
func goldenPairs() []data.Detection {
	corner, side, score := nntest.Draw("corner", 120), nntest.Draw("side", 120), nntest.Draw("score", 60)
	list := make([]data.Detection, 60)
	for i := range list {
		x, y := corner[2*i]*20+30, corner[2*i+1]*20+30
		list[i] = found(0, score[i]/2+0.5, rect{x, y, x + side[2*i]*10 + 12, y + side[2*i+1]*10 + 12})
	}
	return list
}

func TestOverlaps(t *testing.T) {
	want, list := readGolden(t).Overlaps, goldenPairs()
	store := nntest.Store{}
	g := nntest.Trace(t, func(g *graph.Graph) {
		var q [2]quad
		for half := range q {
			for side := range 4 {
				values := make([]float32, 30)
				for i := range values {
					values[i] = rectOf(list[half*30+i].Box)[side]
				}
				q[half][side] = g.Const(tensor.Of(tensor.ShapeOf(1, 30), values...))
			}
		}
		o := overlapOf(q[0], q[1])
		g.Output("iou", o.ratio)
		g.Output("giou", op.Sub(g.Scalar(1), nn.GIoU(q[0].joined(), q[1].joined())))
		g.Output("ciou", o.ciou())
	})
	got := store.Run(t, g)
	for name, w := range map[string][]float32{"iou": want.IoU, "giou": want.GIoU, "ciou": want.CIoU} {
		if !near(got[name].F32(), w, 2e-6) {
			t.Errorf("%s %v, torchvision has %v", name, got[name].F32(), w)
		}
	}
	for i, w := range want.IoU {
		if v := iou(rectOf(list[i].Box), rectOf(list[30+i].Box)); math.Abs(float64(v-w)) > 1e-6 {
			t.Errorf("pair %d: IoU %v, torchvision has %v", i, v, w)
		}
	}
}

func TestSuppress(t *testing.T) {
	want := readGolden(t).Overlaps
	for classes, w := range map[int][]int{1: want.NMS, 3: want.Batched} {
		list := goldenPairs()
		byScore := map[float32]int{}
		for i := range list {
			list[i].Class = i % classes
			byScore[list[i].Score] = i
		}
		var got []int
		for _, d := range Suppress(list, 0.3, false) {
			got = append(got, byScore[d.Score])
		}
		if !slices.Equal(got, w) {
			t.Errorf("%d classes: %v are left, torchvision leaves %v", classes, got, w)
		}
	}
	list := goldenPairs()
	for i := range list {
		list[i].Class = i % 3
	}
	if got := len(Suppress(list, 0.3, true)); got != len(want.NMS) {
		t.Errorf("of all classes, %d are left, want %d", got, len(want.NMS))
	}
}

// TestSoftSuppress: worked out by hand. The second box has an IoU of 1/2 with the first, so it is left with 0.8 exp(-0.25/0.5).
func TestSoftSuppress(t *testing.T) {
	a, b, c := found(0, 0.9, rect{0, 0, 10, 10}), found(0, 0.8, rect{0, 0, 10, 5}), found(1, 0.7, rect{0, 0, 10, 10})
	got := SoftSuppress([]data.Detection{a, b, c}, 0.5, 0.01)
	if len(got) != 3 || got[0] != a || got[1] != c || math.Abs(float64(got[2].Score)-0.8*math.Exp(-0.5)) > 1e-6 {
		t.Errorf("%+v", got)
	}
	if got := SoftSuppress([]data.Detection{a, b, c}, 0.5, 0.5); len(got) != 2 {
		t.Errorf("%+v", got)
	}
}

var _ task.Report = (*Report)(nil)
