package main

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince"
	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/format/onnx"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/tensor"
)

// TestConvertToONNX compares a model that normalises pixels itself, with probabilities, with the one that does not.
func TestConvertToONNX(t *testing.T) {
	m := &modelfile.Model{
		Task: classify.Name, Architecture: "lenet5", Classes: []string{"cat", "dog", "owl"},
		Input: modelfile.Input{Channels: 1, Height: 28, Width: 28, Mean: []float32{0.25}, Std: []float32{0.5}},
	}
	randomize(t, m)
	pixels := tensor.New(tensor.F32, tensor.ShapeOf(2, 1, 28, 28))
	normalised := tensor.New(tensor.F32, pixels.Shape())
	for i := range pixels.F32() {
		pixels.F32()[i] = float32(i * 7 % 256)
		normalised.F32()[i] = (pixels.F32()[i]/255 - 0.25) / 0.5
	}
	plain := runExported(t, m, classify.Exchange{}, normalised)
	raw := runExported(t, m, classify.Exchange{Pixels: true, Probabilities: true}, pixels)
	if len(plain) != 1 || len(raw) != 2 {
		t.Fatalf("%d and %d outputs, want 1 and 2", len(plain), len(raw))
	}
	for i, want := range plain["logits"].F32() {
		if got := raw["logits"].F32()[i]; math.Abs(float64(got-want)) > 1e-4 {
			t.Errorf("logit %d of pixels is %v, of normalised images %v", i, got, want)
		}
	}
	sum := 0.0
	for _, p := range raw["probabilities"].F32() {
		sum += float64(p)
	}
	if math.Abs(sum-2) > 1e-5 {
		t.Errorf("the probabilities of two images sum to %v", sum)
	}
}

// TestPredictExported asks models of each kind and what they are as ONNX models, with and without pixels, what a dark drawing on light shows.
func TestPredictExported(t *testing.T) {
	for _, m := range []*modelfile.Model{
		{Classes: []string{"cat", "dog", "owl"}, Temperature: 2},
		{Classes: []string{"cat", "dog"}, Kind: modelfile.Binary},
		{Classes: []string{"cat", "dog", "owl"}, Kind: modelfile.Multilabel, Thresholds: []float32{0.4, 0.5, 0.6}},
	} {
		m.Task, m.Architecture = classify.Name, "lenet5"
		m.Input = modelfile.Input{Channels: 1, Height: 28, Width: 28, Resize: 32, Mean: []float32{0.25}, Std: []float32{0.5}}
		randomize(t, m)
		in, out := filepath.Join(t.TempDir(), "m.safetensors"), filepath.Join(t.TempDir(), "m.onnx")
		if err := modelfile.Write(in, m); err != nil {
			t.Fatal(err)
		}
		want := answers(t, in)
		if said, several := mustRun(t, "predict", in, "testdata/drawings/pen-3.png"), m.Kind == modelfile.Multilabel; strings.Contains(said, "% *\n") != several {
			t.Errorf("%s: %s", m.Kind, said)
		}
		for _, flags := range [][]string{nil, {"--pixels"}} {
			mustRun(t, append([]string{"convert", in, out}, flags...)...)
			got := answers(t, out)
			if len(got) != len(want) {
				t.Fatalf("%s %v: %v, want %v", m.Kind, flags, got, want)
			}
			for i, w := range want {
				if g := got[i]; g.Label != w.Label || g.Chosen != w.Chosen || math.Abs(float64(g.Probability-w.Probability)) > 1e-4 {
					t.Errorf("%s %v: %+v, want %+v", m.Kind, flags, g, w)
				}
			}
		}
	}
}

// answers returns what a model says of a drawing.
func answers(t *testing.T, model string) []lince.Prediction {
	t.Helper()
	var files []struct {
		Inverted    bool
		Predictions []lince.Prediction
	}
	if err := json.Unmarshal([]byte(mustRun(t, "predict", model, "testdata/drawings/pen-3.png", "--json")), &files); err != nil {
		t.Fatal(err)
	}
	if !files[0].Inverted {
		t.Errorf("%s: the drawing is not inverted", model)
	}
	return files[0].Predictions
}

// runExported writes m as an ONNX model, reads that and runs it.
func runExported(t *testing.T, m *modelfile.Model, x classify.Exchange, images *tensor.Tensor) map[string]*tensor.Tensor {
	t.Helper()
	in, out := filepath.Join(t.TempDir(), "m.safetensors"), filepath.Join(t.TempDir(), "m.onnx")
	if err := modelfile.Write(in, m); err != nil {
		t.Fatal(err)
	}
	args := []string{"convert", in, out}
	if x.Pixels {
		args = append(args, "--pixels", "--probabilities")
	}
	if said, want := mustRun(t, args...), fmt.Sprintf("%s: lenet5 for batches of any size, from %s\n", out, in); said != want {
		t.Errorf("prints %q, want %q", said, want)
	}
	read, err := onnx.Read(out)
	if err != nil {
		t.Fatal(err)
	}
	mean, std := "[0.25]", "[0.5]"
	if x.Pixels {
		mean, std = "[0]", "[0.003921569]"
	}
	for key, want := range map[string]string{"architecture": "lenet5", "classes": `["cat","dog","owl"]`, "mean": mean, "std": std} {
		if got := read.Metadata[key]; got != want {
			t.Errorf("metadata %s is %q, want %q", key, got, want)
		}
	}
	if says := strings.Contains(read.Doc, "pixels from 0 to 255"); says != x.Pixels {
		t.Errorf("doc %q for %+v", read.Doc, x)
	}
	g, err := read.Graph(onnx.Bindings{Shapes: map[string]tensor.Shape{classify.Images: images.Shape()}})
	if err != nil {
		t.Fatal(err)
	}
	return runGraph(t, g, images)
}

func runGraph(t *testing.T, g *graph.Graph, images *tensor.Tensor) map[string]*tensor.Tensor {
	t.Helper()
	b, err := cpu.New(1)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	p, err := b.Compile(g)
	if err != nil {
		t.Fatal(err)
	}
	c := backend.NewCall(p, g)
	c.Set(classify.Images, images)
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	out := map[string]*tensor.Tensor{}
	for _, o := range g.Outputs() {
		out[o.Name] = c.Output(o.Name)
	}
	return out
}
