package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/tensor"
)

// localizer returns the path of a model with random weights.
func localizer(t *testing.T) string {
	t.Helper()
	m := &modelfile.Model{
		Task: "localize", Architecture: "cnn3", Classes: []string{"left", "right"}, Weights: map[string]*tensor.Tensor{},
		Input: modelfile.Input{Channels: 3, Height: 16, Width: 16, Mean: make([]float32, 3), Std: []float32{1, 1, 1}, Border: modelfile.Border{Mean: 0.5, Std: 0.5}},
	}
	vars, err := m.Variables()
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range nn.Initialize(vars, 1) {
		m.Weights[vars[i].Name] = v
	}
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := modelfile.Write(path, m); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestPredictBox(t *testing.T) {
	model := localizer(t)
	const picture = "../../testdata/seven.png"
	list := decode[[]filePrediction](t, mustRun(t, "predict", model, picture, "--json"))
	if len(list) != 1 || list[0].Box == nil || list[0].Box[0] >= list[0].Box[2] || len(list[0].Predictions) != 2 {
		t.Errorf("%+v", list)
	}
	if out := mustRun(t, "predict", model, picture); !strings.Contains(out, "  from (") {
		t.Errorf("no box in %q", out)
	}
	mustFail(t, 1, []string{"task localize, not classify"}, "explain", model, picture)
	mustFail(t, 1, []string{"the task localize, expected one for classify"}, "convert", model, filepath.Join(t.TempDir(), "m.onnx"))
	if out := mustRun(t, "inspect", model); !strings.Contains(out, "localize") {
		t.Errorf("no task in %q", out)
	}
}

func TestEvalOfOtherTasks(t *testing.T) {
	model, dir := localizer(t), t.TempDir()
	writePictures(dir)
	pictures := filepath.Join(dir, "pictures")
	mustFail(t, 2, []string{"--tta: only for models that classify"}, "eval", model, pictures, "--tta", "flip")
	mustFail(t, 1, []string{"no box, expected one"}, "eval", model, pictures)
	mustFail(t, 1, []string{"0 boxes, and the task localize learns from one in each image"}, "train", pictures, "--task", "localize", "--out", filepath.Join(dir, "run"))
	mustFail(t, 2, []string{`unknown task "localise": did you mean "localize"?`}, "train", pictures, "--task", "localise")
}
