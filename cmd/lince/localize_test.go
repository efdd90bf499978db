package main

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/tensor"
)

// randomize gives the model m random weights.
func randomize(t *testing.T, m *modelfile.Model) {
	t.Helper()
	m.Weights = map[string]*tensor.Tensor{}
	vars, err := m.Variables()
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range nn.Initialize(vars, 1) {
		m.Weights[vars[i].Name] = v
	}
}

// untrained returns the path of the model m with random weights, for pictures of 3 planes.
func untrained(t *testing.T, m *modelfile.Model) string {
	t.Helper()
	m.Input.Channels, m.Input.Mean, m.Input.Std = 3, make([]float32, 3), []float32{1, 1, 1}
	randomize(t, m)
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := modelfile.Write(path, m); err != nil {
		t.Fatal(err)
	}
	return path
}

func localizer(t *testing.T) string {
	return untrained(t, &modelfile.Model{
		Task: "localize", Architecture: "cnn3", Classes: []string{"left", "right"}, Input: modelfile.Input{Height: 16, Width: 16, Border: modelfile.Border{Mean: 0.5, Std: 0.5}},
	})
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
	mustFail(t, 1, []string{"the task localize, expected one for classify"}, "explain", model, picture)
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
	mustFail(t, 1, []string{"0 boxes, and the task localize learns from one in each image"}, "train", pictures, "--task", "localize", "--batch", "4", "--out", filepath.Join(dir, "run"))
	mustFail(t, 2, []string{`unknown task "localise": did you mean "localize"?`}, "train", pictures, "--task", "localise")
}
