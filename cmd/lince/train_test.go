package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
)

func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var v T
	d := json.NewDecoder(strings.NewReader(text))
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

// keys reports the keys that a JSON object lacks.
func keys(t *testing.T, text string, want ...string) {
	t.Helper()
	object := decode[map[string]any](t, text)
	for _, k := range want {
		if _, ok := object[k]; !ok {
			t.Errorf("%q is missing in %s", k, text)
		}
	}
}

func resultFile(t *testing.T, dir string) string {
	return string(read(t, filepath.Join(dir, "result.json")))
}

func TestTrainLeavesARun(t *testing.T) {
	dir := trained()
	text := resultFile(t, dir)
	keys(t, text, "task", "model", "test", "epochs", "train_seconds", "images_per_second", "seed", "parameters", "params_sha256")
	test, _ := json.Marshal(decode[map[string]any](t, text)["test"])
	keys(t, string(test), "accuracy", "loss", "error_rate", "n")
	for _, name := range []string{"config.yaml", "metrics.jsonl", "best.safetensors", "last.safetensors", "plots/curves.png", "plots/filters.png", "plots/confusion.png", "plots/mistakes.png"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	if lines := strings.Count(string(read(t, filepath.Join(dir, "metrics.jsonl"))), "\n"); lines != 2 {
		t.Errorf("metrics.jsonl has %d lines after 2 epochs", lines)
	}
}

// A run that was killed after its result, while it drew the plots, gets the rest of them from --resume.
func TestResumeDrawsTheRest(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	if err := os.CopyFS(dir, os.DirFS(trained())); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"train", "--resume", dir}, {"train", "--resume", dir, "--json"}} {
		os.Remove(filepath.Join(dir, "report.html"))
		os.RemoveAll(filepath.Join(dir, "plots"))
		mustRun(t, args...)
		for _, name := range []string{"report.html", "plots/curves.png", "plots/mistakes.png"} {
			if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Size() == 0 {
				t.Errorf("%s: %v, %v", name, info, err)
			}
		}
		if a, b := resultFile(t, trained()), resultFile(t, dir); a != b {
			t.Errorf("%s\nbefore: %s", b, a)
		}
	}
}

func TestTrainPrintsPlainLines(t *testing.T) {
	out := mustRun(t, "train", digits(), "--epochs", "1", "--out", filepath.Join(t.TempDir(), "run"))
	if strings.ContainsAny(out, "\r\x1b") {
		t.Errorf("escape sequences in what is no terminal: %q", out)
	}
	for _, want := range []string{"epoch 1/1", "images/s", "Next:", "predict ", "eval ", "inspect "} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}

// The settings that a run leaves repeat it, and threads change nothing.
func TestConfigRepeatsRun(t *testing.T) {
	dir := t.TempDir()
	first, again := filepath.Join(dir, "first"), filepath.Join(dir, "again")
	mustRun(t, "train", digits(), "--epochs", "1", "--threads", "1", "--model", "lenet5:pool=avg", "--optim", "adam", "--lr", "0.001",
		"--schedule", "constant", "--batch", "32", "--seed", "9", "--out", first)
	mustRun(t, "train", "--config", filepath.Join(first, "config.yaml"), "--threads", "2", "--out", again)
	a, b := decode[map[string]any](t, resultFile(t, first)), decode[map[string]any](t, resultFile(t, again))
	if a["params_sha256"] != b["params_sha256"] {
		t.Errorf("params_sha256 %v, repeated %v", a["params_sha256"], b["params_sha256"])
	}
	if a["seed"] != 9.0 {
		t.Errorf("seed %v, expected 9", a["seed"])
	}
	options := decode[struct{ Options map[string]string }](t, mustRun(t, "inspect", first, "--json")).Options
	if options["pool"] != "avg" || options["activation"] != "relu" {
		t.Errorf("options %v, expected pool=avg as said and activation=relu as in the recipe", options)
	}
}

// writePictures writes a folder "pictures" of two classes, which differ in the size of their images.
func writePictures(dir string) {
	for _, class := range []string{"small", "large"} {
		for i := range 20 {
			n := 8
			if class == "large" {
				n = 32 + i
			}
			write(filepath.Join(dir, "pictures", class, string(rune('a'+i))+".png"), photo(n, n))
		}
	}
}

func TestTrainOnFolder(t *testing.T) {
	dir := t.TempDir()
	writePictures(dir)
	write(filepath.Join(dir, "pictures", "notes.txt"), nil)
	run := filepath.Join(dir, "run")
	code, out, err := command("train", filepath.Join(dir, "pictures"), "--epochs", "1", "--batch", "4", "--out", run)
	if code != 0 || !strings.Contains(err, "notes.txt") {
		t.Fatalf("exit code %d: %s%s", code, out, err)
	}
	if model := decode[map[string]any](t, resultFile(t, run))["model"]; model != "cnn3" {
		t.Errorf("model %v, expected cnn3 for a folder", model)
	}
	mustRun(t, "eval", run)
}

func TestEvalJSON(t *testing.T) {
	text := mustRun(t, "eval", trained(), "--json")
	keys(t, text, "task", "model", "data", "n", "accuracy", "loss", "error_rate", "classes", "confusion")
	e := decode[evalResult](t, text)
	want := decode[struct {
		Test struct{ Accuracy, Loss float64 }
	}](t, resultFile(t, trained())).Test
	if e.N != 100 || e.Accuracy != want.Accuracy || e.Loss != want.Loss {
		t.Errorf("%d images, accuracy %v, loss %v; the run measured %+v", e.N, e.Accuracy, e.Loss, want)
	}
	if len(e.Classes) != 10 || len(e.Confusion) != 10 {
		t.Errorf("%d classes, %d rows of confusion", len(e.Classes), len(e.Confusion))
	}
}

func TestEvalPrints(t *testing.T) {
	plots := filepath.Join(t.TempDir(), "plots")
	out := mustRun(t, "eval", filepath.Join(trained(), "best.safetensors"), digits(), "--plots", plots)
	if !strings.Contains(out, "of 100 images right") || !strings.Contains(out, "precision") {
		t.Errorf("printed\n%s", out)
	}
	if _, err := os.Stat(filepath.Join(plots, "confusion.png")); err != nil {
		t.Error(err)
	}
}

func TestPredictJSON(t *testing.T) {
	list := decode[[]filePrediction](t, mustRun(t, "predict", trained(), "testdata/drawings/pen-1.png", "testdata/drawings/chalk-1.png", "--top", "2", "--json"))
	if len(list) != 2 || len(list[0].Predictions) != 2 {
		t.Fatalf("got %+v", list)
	}
	if !list[0].Inverted || list[1].Inverted {
		t.Errorf("pen on paper inverted %v, chalk on a board %v, expected true and false", list[0].Inverted, list[1].Inverted)
	}
	p := list[0].Predictions
	if p[0].Probability < p[1].Probability || p[0].Label == "" || p[0].Probability > 1 {
		t.Errorf("predictions %+v", p)
	}
}

func TestPredictFolder(t *testing.T) {
	grid := filepath.Join(t.TempDir(), "grid.png")
	out := mustRun(t, "predict", trained(), "testdata/drawings", "--top", "1", "--grid", grid)
	if n := strings.Count(out, ".png"); n != 50 {
		t.Errorf("%d files in the table, expected 50", n)
	}
	if !strings.Contains(out, "40 of 50 are dark on light") {
		t.Errorf("no word of the inverted drawings in\n%s", out)
	}
	if im, err := data.DecodeFile(grid, 0); err != nil || im.Bounds().Dx() < 500 {
		t.Errorf("grid: %v", err)
	}
}

func TestInspect(t *testing.T) {
	keys(t, mustRun(t, "inspect", trained(), "--json"), "architecture", "options", "input", "classes", "layers", "parameters", "flops", "memory", "metrics", "data", "version", "params_sha256")
	out := mustRun(t, "inspect", trained())
	for _, want := range []string{"conv1", "6x28x28", "61,706", "memory:"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if out := mustRun(t, "inspect", trained(), "--graph"); !strings.Contains(out, "Conv2D") || !strings.Contains(out, "output probabilities") {
		t.Errorf("graph:\n%s", out)
	}
}

func TestModels(t *testing.T) {
	list := decode[[]modelInfo](t, mustRun(t, "models", "--json"))
	found := false
	for _, m := range list {
		found = found || m.Name == "resnet50" && m.Parameters == 25557032 && m.MultiplyAdds/1e6 == 4089 && m.FLOPs > 2*m.MultiplyAdds
	}
	if !found {
		t.Errorf("no resnet50 of 25,557,032 parameters and 4.089 G multiply-adds among %+v", list)
	}
	out := mustRun(t, "models")
	for _, want := range []string{"ResNet: He, Zhang", "  resnet50 ", " 3x224x224   25,557,032         4.09 G  16 bottlenecks"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
}

func TestVersion(t *testing.T) {
	keys(t, mustRun(t, "version", "--json"), "version", "go", "os", "arch", "kernels", "threads")
	if out := mustRun(t, "version"); !strings.HasPrefix(out, "lince ") || strings.Count(out, "\n") != 1 {
		t.Errorf("printed %q", out)
	}
}
