package main

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince"
	"github.com/lince-ml/lince/backend"
	"github.com/lince-ml/lince/backend/cpu"
	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/format/onnx"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/task"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/tensor"
	"github.com/lince-ml/lince/weights"
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
	plain := runExported(t, m, task.Exchange{}, normalised)
	raw := runExported(t, m, task.Exchange{Pixels: true, Probabilities: true}, pixels)
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
func runExported(t *testing.T, m *modelfile.Model, x task.Exchange, images *tensor.Tensor) map[string]*tensor.Tensor {
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
	return runONNX(t, out, map[string]*tensor.Tensor{classify.Images: images})
}

func runGraph(t *testing.T, g *graph.Graph, in map[string]*tensor.Tensor) map[string]*tensor.Tensor {
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
	for name, x := range in {
		c.Set(name, x)
	}
	if err := c.Run(); err != nil {
		t.Fatal(err)
	}
	out := map[string]*tensor.Tensor{}
	for _, o := range g.Outputs() {
		out[o.Name] = c.Output(o.Name)
	}
	return out
}

// TestConvertTasks converts models of the other tasks, which say the same of a picture as ONNX models.
func TestConvertTasks(t *testing.T) {
	two := []string{"one", "two"}
	square := func(side int) modelfile.Input { return modelfile.Input{Height: side, Width: side} }
	for _, c := range []struct {
		model *modelfile.Model
		says  func(ctx context.Context, m *lince.Model, img image.Image) ([]float32, error)
	}{
		{&modelfile.Model{Task: "localize", Architecture: "cnn3", Classes: two, Input: square(16)}, saysLocalize},
		{&modelfile.Model{Task: "segment", Architecture: "lince-seg", Options: map[string]string{"width": "0.25"}, Classes: two, Input: square(32)}, saysSegment},
		{&modelfile.Model{Task: "detect", Architecture: "lince-det", Options: map[string]string{"width": "0.25"}, Classes: two, Input: square(64), Threshold: 0.25}, saysDetect},
		{&modelfile.Model{Task: "detect", Architecture: "fcos_resnet50_fpn", Options: map[string]string{"width": "0.125"}, Classes: two, Input: square(64)}, saysDetect},
		{&modelfile.Model{Task: "detect", Architecture: "retinanet_resnet50_fpn", Options: map[string]string{"width": "0.05"}, Classes: two, Input: square(64)}, saysDetect},
		{&modelfile.Model{Task: "detect", Architecture: "ssdlite320_mobilenet_v3_large", Options: map[string]string{"width": "0.1"}, Classes: two, Input: square(128)}, saysDetect},
	} {
		t.Run(c.model.Architecture, func(t *testing.T) {
			in, out := untrained(t, c.model), filepath.Join(t.TempDir(), "m.onnx")
			want := say(t, in, c.says)
			for _, flags := range [][]string{nil, {"--pixels"}} {
				mustRun(t, append([]string{"convert", in, out}, flags...)...)
				if flags == nil {
					p, err := onnxProgram(c.model, task.Exchange{})
					checkONNX(t, c.model.Architecture, out, p, err, map[string]*tensor.Tensor{"images": ramp(2, 3, c.model.Input.Height, c.model.Input.Width)})
				}
				if got, want := threshold(t, out), threshold(t, in); got != want {
					t.Errorf("threshold %v as an ONNX model, %v before", got, want)
				}
				got := say(t, out, c.says)
				if len(want) == 0 || len(got) != len(want) {
					t.Fatalf("%d numbers as an ONNX model, %d before", len(got), len(want))
				}
				for i, w := range want {
					if math.Abs(float64(got[i]-w)) > 1e-3 {
						t.Fatalf("%v: number %d is %v, before %v", flags, i, got[i], w)
					}
				}
			}
		})
	}
}

// threshold returns the score that a model must reach if nobody says another.
func threshold(t *testing.T, model string) float32 {
	t.Helper()
	m, err := lince.Open(model)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	return m.Threshold()
}

// say returns what says has of a picture with colours that is wider than high.
func say(t *testing.T, model string, says func(context.Context, *lince.Model, image.Image) ([]float32, error)) []float32 {
	t.Helper()
	m, err := lince.Open(model, lince.Threshold(0.005))
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	img := image.NewNRGBA(image.Rect(0, 0, 90, 60))
	for y := range 60 {
		for x := range 90 {
			img.SetNRGBA(x, y, color.NRGBA{uint8(x * 2), uint8(y * 4), uint8(x * y), 255})
		}
	}
	list, err := says(context.Background(), m, img)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func saysLocalize(ctx context.Context, m *lince.Model, img image.Image) ([]float32, error) {
	l, err := m.Localize(ctx, img)
	if err != nil {
		return nil, err
	}
	return []float32{l.Classes[0].Probability, float32(l.Classes[0].Index), l.Box.X0, l.Box.Y0, l.Box.X1, l.Box.Y1}, nil
}

func saysSegment(ctx context.Context, m *lince.Model, img image.Image) (list []float32, err error) {
	mask, err := m.Segment(ctx, img)
	if err != nil {
		return nil, err
	}
	for _, class := range mask.Pix {
		list = append(list, float32(class))
	}
	return list, nil
}

func saysDetect(ctx context.Context, m *lince.Model, img image.Image) (list []float32, err error) {
	found, err := m.Detect(ctx, img)
	for _, d := range found {
		list = append(list, float32(d.Index), d.Score, d.Box.X0, d.Box.Y0, d.Box.X1, d.Box.Y1)
	}
	return list, err
}

// TestConvertMasks runs both files that a model of masks becomes: the second takes what the first computes.
func TestConvertMasks(t *testing.T) {
	m := &modelfile.Model{
		Task: "instances", Architecture: "lince-mask", Options: map[string]string{"width": "0.25"}, Classes: []string{"one", "two"}, Input: modelfile.Input{Height: 64, Width: 64},
	}
	in, out := untrained(t, m), filepath.Join(t.TempDir(), "m.onnx")
	mustRun(t, "convert", in, out)
	p, err := onnxProgram(m, task.Exchange{})
	first := checkONNX(t, "lince-mask", out, p, err, map[string]*tensor.Tensor{"images": ramp(1, 3, 64, 64)})
	p, err = onnxMasks(m)
	boxes := tensor.Of(tensor.ShapeOf(3, 4), float32(4), 8, 40, 30, 10, 10, 60, 64, -5, 20, 12, 33)
	masks := checkONNX(t, "lince-mask.masks", strings.TrimSuffix(out, ".onnx")+".masks.onnx", p, err,
		map[string]*tensor.Tensor{"boxes": boxes, "features.0": first["features.0"]})["masks"]
	if masks.Shape() != tensor.ShapeOf(3, 28, 28) || slices.Max(masks.F32()) == slices.Min(masks.F32()) {
		t.Errorf("masks %v from %v to %v", masks, slices.Min(masks.F32()), slices.Max(masks.F32()))
	}
	mustFail(t, 1, []string{`a model for the task "instances"`, "take the model that was exported"}, "predict", out, "../../testdata/seven.png")
	mustFail(t, 2, []string{"expected no such flag"}, "convert", in, out, "--probabilities")
	rcnn := untrained(t, &modelfile.Model{
		Task: "detect", Architecture: "fasterrcnn_resnet50_fpn", Options: map[string]string{"width": "0.05"}, Classes: []string{"one"}, Input: modelfile.Input{Height: 64, Width: 64},
	})
	mustFail(t, 1, []string{"what it proposes is decided between its programs"}, "convert", rcnn, out)
}

// ramp returns numbers between 0 and 1.
func ramp(dims ...int) *tensor.Tensor {
	x := tensor.New(tensor.F32, tensor.ShapeOf(dims...))
	for i := range x.F32() {
		x.F32()[i] = float32(i*37%101) / 100
	}
	return x
}

// checkONNX compares what p computes, and returns, with what lince makes of the ONNX model at path, which was written from it. If LINCE_ONNX_EXPORT names a
// folder, the model and the tensors are left in it under name, for format/onnx/testdata/runtime.py.
func checkONNX(t *testing.T, name, path string, p onnx.Program, err error, in map[string]*tensor.Tensor) map[string]*tensor.Tensor {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	n := 0 // of the batch: boxes where there are any, else images
	for _, first := range []string{"boxes", "images"} {
		if x := in[first]; x != nil && n == 0 {
			n = x.Shape().Dim(0)
		}
	}
	g, err := p.Trace(n)
	if err == nil {
		g, err = graph.Freeze(g, p.Weights)
	}
	if err != nil {
		t.Fatal(err)
	}
	want, got := runGraph(t, g, in), runONNX(t, path, in)
	all := maps.Clone(in)
	maps.Copy(all, want)
	for name, w := range want {
		if got[name] == nil || got[name].Shape() != w.Shape() {
			t.Fatalf("%s is %v, want %v", name, got[name], w)
		}
		largest := 0.0
		for _, v := range w.F32() {
			largest = max(largest, math.Abs(float64(v)))
		}
		for i, v := range w.F32() {
			if d := math.Abs(float64(got[name].F32()[i] - v)); !(d <= 1e-4*largest) {
				t.Fatalf("%s %d is %v, want %v", name, i, got[name].F32()[i], v)
			}
		}
	}
	if folder := os.Getenv("LINCE_ONNX_EXPORT"); folder != "" {
		leave(t, filepath.Join(folder, "convert-"+name), path, all)
	}
	return want
}

func leave(t *testing.T, folder, model string, tensors map[string]*tensor.Tensor) {
	t.Helper()
	content, err := os.ReadFile(model)
	if err == nil {
		err = os.MkdirAll(folder, 0o777)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, "model.onnx"), content, 0o666)
	}
	var list []format.Entry
	for _, name := range slices.Sorted(maps.Keys(tensors)) {
		list = append(list, format.EntryOf(name, tensors[name]))
	}
	if err == nil {
		err = weights.Write(filepath.Join(folder, "tensors.npz"), list, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// runONNX runs the ONNX model at path.
func runONNX(t *testing.T, path string, in map[string]*tensor.Tensor) map[string]*tensor.Tensor {
	t.Helper()
	m, err := onnx.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	shapes := map[string]tensor.Shape{}
	for name, x := range in {
		shapes[name] = x.Shape()
	}
	g, err := m.Graph(onnx.Bindings{Shapes: shapes})
	if err != nil {
		t.Fatal(err)
	}
	return runGraph(t, g, in)
}
