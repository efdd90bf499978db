package classify

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/tensor"
)

// toy is the task of the tests: images of one pixel row with two pixels, three classes, logits x W with x normalised.
var (
	toy = Task{
		Net:     nn.Seq(nn.Flatten, nn.Dense(3, nn.NoBias)),
		Input:   modelfile.Input{Channels: 1, Height: 1, Width: 2, Mean: []float32{0.2}, Std: []float32{0.5}},
		Classes: 3,
	}
	weights = map[string]*tensor.Tensor{"1.weight": tensor.Of(tensor.ShapeOf(3, 2), float32(1), 0, 0, 1, 0, 0)}
)

// probabilities computes by hand what the network says of the pixels a and b.
func probabilities(a, b uint8) [3]float64 {
	logits := [3]float64{(float64(a)/255 - 0.2) / 0.5, (float64(b)/255 - 0.2) / 0.5, 0}
	var sum float64
	for i, l := range logits {
		logits[i] = math.Exp(l)
		sum += logits[i]
	}
	for i := range logits {
		logits[i] /= sum
	}
	return logits
}

// pixels is a dataset of n such images. Pixels and labels follow a pattern.
type pixels int

func (d pixels) Len() int          { return int(d) }
func (d pixels) Classes() []string { return []string{"left", "right", "neither"} }
func (d pixels) Name(i int) string { return fmt.Sprintf("p#%d", i) }
func (d pixels) Sample(i int) (data.Sample, error) {
	return data.Sample{Image: data.Image{C: 1, H: 1, W: 2, Pix: []uint8{uint8(37 * i), uint8(101 * i)}}, Label: i % 3}, nil
}

func near(a, b float64) bool { return math.Abs(a-b) < 1e-5 }

// TestEvaluate has a last batch that is not full.
func TestEvaluate(t *testing.T) {
	for _, n := range []int{1, evalBatch, evalBatch + 6} {
		r, err := New(ref.Backend{}, toy, weights).Evaluate(t.Context(), pixels(n), 2)
		if err != nil {
			t.Fatal(err)
		}
		var loss float64
		correct, confusion := 0, [3][3]int{}
		for i := range n {
			s, _ := pixels(n).Sample(i)
			p := probabilities(s.Image.Pix[0], s.Image.Pix[1])
			best := 0
			for k := range p {
				if p[k] > p[best] {
					best = k
				}
			}
			confusion[s.Label][best]++
			if best == s.Label {
				correct++
			}
			loss -= math.Log(p[s.Label])
			got := r.Samples[i]
			if got.Index != i || got.Label != s.Label || got.Predicted != best || !near(float64(got.Probability), p[best]) || !near(float64(got.Loss), -math.Log(p[s.Label])) {
				t.Errorf("sample %d: %+v, want %d with %v", i, got, best, p)
			}
		}
		if r.N != n || r.Correct != correct || !near(r.Loss(), loss/float64(n)) || fmt.Sprint(r.Confusion) != fmt.Sprint(confusion) {
			t.Errorf("%d images: %d correct, loss %v, %v; want %d, %v, %v", r.N, r.Correct, r.Loss(), r.Confusion, correct, loss/float64(n), confusion)
		}
		if !near(r.Accuracy()+r.ErrorRate(), 1) || !!math.IsInf(r.Loss(), 0) {
			t.Errorf("accuracy %v, error rate %v", r.Accuracy(), r.ErrorRate())
		}
	}
}

func TestWorst(t *testing.T) {
	r := &Report{Samples: []Sample{{0, 1, 1, 0.9, 0, true}, {1, 1, 2, 0.5, 0, false}, {2, 1, 0, 0.8, 0, false}, {3, 0, 2, 0.5, 0, false}}}
	got := r.Worst(10)
	if len(got) != 3 || got[0].Index != 2 || got[1].Index != 1 || got[2].Index != 3 || len(r.Worst(1)) != 1 {
		t.Errorf("%+v", got)
	}
}

// TestProbabilities calls from several goroutines, with one image and with many.
func TestProbabilities(t *testing.T) {
	c := New(ref.Backend{}, toy, weights)
	var wg sync.WaitGroup
	for _, n := range []int{0, 1, 2, evalBatch + 1} {
		wg.Go(func() {
			images := make([]data.Image, n)
			for i := range images {
				s, _ := pixels(n).Sample(i)
				images[i] = s.Image
			}
			rows, err := c.Probabilities(t.Context(), images)
			if err != nil || len(rows) != n {
				t.Errorf("%d rows for %d images, error %v", len(rows), n, err)
				return
			}
			for i, row := range rows {
				want := probabilities(images[i].Pix[0], images[i].Pix[1])
				for k := range want {
					if !near(float64(row[k]), want[k]) {
						t.Errorf("image %d of %d: %v, want %v", i, n, row, want)
					}
				}
			}
		})
	}
	wg.Wait()
}

// TestLive changes the weights between two runs.
func TestLive(t *testing.T) {
	w := map[string]*tensor.Tensor{"1.weight": weights["1.weight"].Clone()}
	live, frozen := Live(ref.Backend{}, toy, w), New(ref.Backend{}, toy, w)
	ask := func(c *Classifier) float32 {
		rows, err := c.Probabilities(t.Context(), []data.Image{{C: 1, H: 1, W: 2, Pix: []uint8{200, 0}}})
		if err != nil {
			t.Fatal(err)
		}
		return rows[0][0]
	}
	before := ask(live)
	if got := ask(frozen); !near(float64(got), float64(before)) {
		t.Errorf("probability %v, frozen %v", before, got)
	}
	clear(w["1.weight"].F32())
	if got := ask(live); !near(float64(got), 1./3) || before < 0.5 {
		t.Errorf("probability %v, before the weights were cleared %v", got, before)
	}
}

// wide are images of another size than the task's.
type wide struct{ pixels }

func (d wide) Sample(i int) (data.Sample, error) {
	return data.Sample{Image: data.NewImage(1, 1, 3)}, nil
}

// two has another number of classes.
type two struct{ pixels }

func (d two) Classes() []string { return []string{"a", "b"} }

func TestErrors(t *testing.T) {
	c := New(ref.Backend{}, toy, weights)
	for want, d := range map[string]data.Dataset{
		"p#0: image of 1x1x3, the model takes 1x1x2": wide{4},
		"data of 2 classes, the model knows 3":       two{4},
		"no images":                                  pixels(0),
	} {
		if _, err := c.Evaluate(t.Context(), d, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	if _, err := c.Probabilities(t.Context(), []data.Image{data.NewImage(3, 1, 2)}); err == nil || !strings.Contains(err.Error(), "image 0: image of 3x1x2") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Evaluate(ctx, pixels(3), 1); err != context.Canceled {
		t.Errorf("error %v", err)
	}
	if _, err := c.Probabilities(ctx, []data.Image{data.NewImage(1, 1, 2)}); err != context.Canceled {
		t.Errorf("error %v", err)
	}
	other := toy
	other.Classes = 4
	if _, err := other.Prediction(2); err == nil || !strings.Contains(err.Error(), "one logit per class") {
		t.Errorf("error %v", err)
	}
}

// TestTraining compares the loss and the number of hits with the evaluation of the same images.
func TestTraining(t *testing.T) {
	const n = 8
	g, err := graph.Trace(func(g *graph.Graph) {
		loss, correct := toy.Training(nn.NewScope(g, nn.Train), g, n, Objective{})
		g.Output(Loss, loss)
		g.Output("correct", correct)
	})
	if err != nil {
		t.Fatal(err)
	}
	report, err := New(ref.Backend{}, toy, weights).Evaluate(t.Context(), pixels(n), 1)
	if err != nil {
		t.Fatal(err)
	}
	program, err := ref.Backend{}.Compile(g)
	if err != nil {
		t.Fatal(err)
	}
	call := backend.NewCall(program, g)
	for name, w := range weights {
		call.Set(name, w)
	}
	loader := data.Loader{Data: pixels(n), Batch: n}
	for b, err := range loader.Batches(t.Context(), 0, 0) {
		if err != nil {
			t.Fatal(err)
		}
		call.Set(Images, b.X)
		call.Set(Labels, b.Y)
		if err := call.Run(); err != nil {
			t.Fatal(err)
		}
	}
	loss, correct := call.Output(Loss).F32()[0], call.Output("correct").F32()[0]
	if !near(float64(loss), report.Loss()) || int(correct) != report.Correct {
		t.Errorf("loss %v, %v correct; evaluation: %v, %v", loss, correct, report.Loss(), report.Correct)
	}
}
