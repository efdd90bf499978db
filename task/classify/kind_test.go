package classify

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/backend/ref"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/tensor"
)

// kinds are tasks on the images of pixels with sigmoids: the logits are the normalised pixels.
var kinds = map[modelfile.Kind]struct {
	task    Task
	weights map[string]*tensor.Tensor
	data    data.Dataset
}{
	modelfile.Binary: {
		Task{Net: nn.Seq(nn.Flatten, nn.Dense(1, nn.NoBias)), Input: toy.Input, Classes: 2, Kind: modelfile.Binary},
		map[string]*tensor.Tensor{"1.weight": tensor.Of(tensor.ShapeOf(1, 2), float32(1), 0)}, sides(8),
	},
	modelfile.Multilabel: {
		Task{Net: nn.Seq(nn.Flatten, nn.Dense(2, nn.NoBias)), Input: toy.Input, Classes: 2, Kind: modelfile.Multilabel},
		map[string]*tensor.Tensor{"1.weight": tensor.Of(tensor.ShapeOf(2, 2), float32(1), 0, 0, 1)}, both(8),
	},
}

// sides has two classes.
type sides int

func (d sides) Len() int          { return int(d) }
func (d sides) Classes() []string { return []string{"left", "right"} }
func (d sides) Name(i int) string { return fmt.Sprintf("s#%d", i) }
func (d sides) Sample(i int) (data.Sample, error) {
	s, err := pixels(d).Sample(i)
	s.Label = i % 2
	return s, err
}

// both has images that may be of both classes, one or none.
type both int

func (d both) Len() int          { return int(d) }
func (d both) Classes() []string { return []string{"left", "right"} }
func (d both) Name(i int) string { return fmt.Sprintf("b#%d", i) }
func (d both) Sample(i int) (data.Sample, error) {
	s, err := pixels(d).Sample(i)
	s.Label, s.Labels = -1, []float32{float32(i & 1), float32(i >> 1 & 1)}
	return s, err
}

func sigmoid(pixel uint8) float64 { return 1 / (1 + math.Exp(-(float64(pixel)/255-0.2)/0.5)) }

func entropy(p, target float64) float64 { return -target*math.Log(p) - (1-target)*math.Log(1-p) }

func TestBinary(t *testing.T) {
	k := kinds[modelfile.Binary]
	r, err := New(ref.Backend{}, k.task, k.weights).Evaluate(t.Context(), k.data, 1)
	if err != nil {
		t.Fatal(err)
	}
	loss := 0.0
	for i, got := range r.Samples {
		s, _ := k.data.Sample(i)
		p := sigmoid(s.Image.Pix[0])
		loss += entropy(p, float64(s.Label)) / float64(r.N)
		if want := r.Row(i); !near(float64(want[1]), p) || !near(float64(want[0]), 1-p) || (got.Predicted == 1) != (p > 0.5) {
			t.Errorf("sample %d: %+v of %v, the second class has %v", i, got, want, p)
		}
	}
	if !near(r.Loss(), loss) {
		t.Errorf("loss %v, want %v", r.Loss(), loss)
	}
}

func TestMultilabel(t *testing.T) {
	k := kinds[modelfile.Multilabel]
	k.task.Thresholds = []float32{0.5, 0.7}
	r, err := New(ref.Backend{}, k.task, k.weights).Evaluate(t.Context(), k.data, 1)
	if err != nil {
		t.Fatal(err)
	}
	loss, correct, wrong := 0.0, 0, 0
	for i := range r.Samples {
		s, _ := k.data.Sample(i)
		right := true
		for c, target := range s.Labels {
			p := sigmoid(s.Image.Pix[c])
			loss += entropy(p, float64(target)) / float64(2*r.N)
			if !near(float64(r.Row(i)[c]), p) {
				t.Errorf("sample %d: %v, class %d has %v", i, r.Row(i), c, p)
			}
			if (p >= float64(k.task.Thresholds[c])) != (target == 1) {
				right = false
				wrong++
			}
		}
		if right {
			correct++
		}
	}
	m := r.Metrics()
	if !near(r.Loss(), loss) || r.Correct != correct || !near(*m.HammingLoss, float64(wrong)/float64(2*r.N)) || r.Confusion != nil {
		t.Errorf("loss %v, %d correct, Hamming loss %v; want %v, %d, %v", r.Loss(), r.Correct, *m.HammingLoss, loss, correct, float64(wrong)/float64(2*r.N))
	}
	if w := r.Worst(100); len(w) != r.N-correct || w[0].Loss < w[len(w)-1].Loss {
		t.Errorf("worst: %+v", w)
	}
	if _, err := New(ref.Backend{}, k.task, k.weights).Evaluate(t.Context(), sides(4), 1); err == nil || !strings.Contains(err.Error(), "multilabel") {
		t.Errorf("images with one label: error %v", err)
	}
}

// TestObjectives trains a step of each kind with each loss and compares what can be worked out.
func TestObjectives(t *testing.T) {
	for _, c := range []struct {
		kind  modelfile.Kind
		loss  string
		build func(*Objective)
		want  func(p [][2]float64, target [][]float64) float64 // of sigmoids
	}{
		{modelfile.Binary, "bce", nil, func(p [][2]float64, y [][]float64) (sum float64) {
			for i := range p {
				sum += entropy(p[i][0], y[i][0])
			}
			return sum / float64(len(p))
		}},
		{modelfile.Binary, "bce", func(o *Objective) { o.Weights = []float32{2, 6} }, func(p [][2]float64, y [][]float64) (sum float64) {
			for i := range p {
				sum += entropy(p[i][0], y[i][0]) * (1 + 2*y[i][0])
			}
			return sum / float64(len(p))
		}},
		{modelfile.Multilabel, "", func(o *Objective) { o.Smoothing = 0.2 }, func(p [][2]float64, y [][]float64) (sum float64) {
			for i := range p {
				sum += entropy(p[i][0], 0.8*y[i][0]+0.1) + entropy(p[i][1], 0.8*y[i][1]+0.1)
			}
			return sum / float64(2*len(p))
		}},
		{modelfile.Multilabel, "sigmoid-focal:gamma=1,alpha=-1", nil, func(p [][2]float64, y [][]float64) (sum float64) {
			for i := range p {
				for c, t := range y[i] {
					sum += entropy(p[i][c], t) * (t*(1-p[i][c]) + (1-t)*p[i][c])
				}
			}
			return sum / float64(2*len(p))
		}},
	} {
		k := kinds[c.kind]
		o, err := ParseLoss(c.loss)
		if err != nil {
			t.Fatal(err)
		}
		if c.build != nil {
			c.build(&o)
		}
		var p [][2]float64
		var y [][]float64
		for i := range k.data.Len() {
			s, _ := k.data.Sample(i)
			p = append(p, [2]float64{sigmoid(s.Image.Pix[0]), sigmoid(s.Image.Pix[1])})
			if s.Labels == nil {
				y = append(y, []float64{float64(s.Label)})
			} else {
				y = append(y, []float64{float64(s.Labels[0]), float64(s.Labels[1])})
			}
		}
		loss, correct := step(t, k.task, k.weights, k.data, o)
		if want := c.want(p, y); !near(loss, want) {
			t.Errorf("%s, %s %+v: loss %v, want %v", c.kind, c.loss, o, loss, want)
		}
		r, err := New(ref.Backend{}, k.task, k.weights).Evaluate(t.Context(), k.data, 1)
		if err != nil || correct != r.Correct {
			t.Errorf("%s: %d correct, %d in evaluation, error %v", c.kind, correct, r.Correct, err)
		}
	}
}

// step runs the training program on all of d.
func step(t *testing.T, task Task, weights map[string]*tensor.Tensor, d data.Dataset, o Objective) (loss float64, correct int) {
	t.Helper()
	g, err := graph.Trace(func(g *graph.Graph) {
		loss, correct := task.Training(nn.NewScope(g, nn.Train), g, d.Len(), o)
		g.Output(Loss, loss)
		g.Output("correct", correct)
	})
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
	loader := data.Loader{Data: d, Batch: d.Len()}
	for b, err := range loader.Batches(t.Context(), 0, 0) {
		if err != nil {
			t.Fatal(err)
		}
		call.Set(Images, b.X)
		call.Set(Labels, b.Y)
		if b.Targets != nil {
			call.Set(Targets, b.Targets)
		}
		if err := call.Run(); err != nil {
			t.Fatal(err)
		}
	}
	return float64(call.Output(Loss).F32()[0]), int(call.Output("correct").F32()[0])
}

// TestSoftmaxObjectives compares the losses of three classes with each other where they must agree.
func TestSoftmaxObjectives(t *testing.T) {
	d := pixels(9) // three of each class
	plain, _ := step(t, toy, weights, d, Objective{})
	for name, o := range map[string]Objective{
		"equal weights":   {Weights: []float32{3, 3, 3}},
		"focal without":   {Focal: true},
		"focal, weights":  {Focal: true, Weights: []float32{1, 1, 1}},
		"smoothed a hair": {Smoothing: 1e-7, Weights: []float32{1, 1, 1}},
	} {
		if loss, _ := step(t, toy, weights, d, o); !near(loss, plain) {
			t.Errorf("%s: loss %v, cross-entropy %v", name, loss, plain)
		}
	}
	if loss, _ := step(t, toy, weights, d, Objective{Focal: true, Gamma: 2}); !(loss > 0 && loss < plain) {
		t.Errorf("focal loss %v, cross-entropy %v", loss, plain)
	}
}

func TestParseLoss(t *testing.T) {
	for text, want := range map[string]Objective{
		"": {}, "ce": {}, "bce": {Sigmoid: true}, "focal": {Focal: true, Gamma: 2}, "focal:gamma=0.5": {Focal: true, Gamma: 0.5},
		"sigmoid-focal:alpha=-1": {Sigmoid: true, Focal: true, Gamma: 2, Alpha: -1},
	} {
		if got, err := ParseLoss(text); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q: %+v, error %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"focl": `did you mean "focal"?`, "ce:gamma=1": `unknown setting "gamma"`, "focal:gama=1": `did you mean "gamma"?`, "focal:gamma=x": "expected a number from 0 to 100",
		"sigmoid-focal:alpha=2": "expected a number from 0 to 1, or -1", "focal:gamma": "expected a number",
	} {
		if _, err := ParseLoss(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %s", text, err, want)
		}
	}
}

func TestKindFor(t *testing.T) {
	for _, c := range []struct {
		loss    string
		classes int
		several bool
		want    modelfile.Kind
		fault   string
	}{
		{"", 2, false, modelfile.Multiclass, ""}, {"ce", 5, false, modelfile.Multiclass, ""}, {"bce", 2, false, modelfile.Binary, ""},
		{"", 5, true, modelfile.Multilabel, ""}, {"sigmoid-focal", 5, true, modelfile.Multilabel, ""},
		{"bce", 3, false, "", "there are 3 classes"}, {"ce", 3, true, "", "expected bce or sigmoid-focal"},
	} {
		got, err := KindFor(c.loss, c.classes, c.several)
		if c.fault == "" && (err != nil || got != c.want) || c.fault != "" && (err == nil || !strings.Contains(err.Error(), c.fault)) {
			t.Errorf("%+v: %v, error %v", c, got, err)
		}
	}
}
