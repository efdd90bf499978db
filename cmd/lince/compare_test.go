package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
)

// TestCompare compares a run with itself as a file, and with one that had another seed.
func TestCompare(t *testing.T) {
	dir := t.TempDir()
	file, other := filepath.Join(dir, "p.jsonl"), filepath.Join(dir, "other")
	mustRun(t, "eval", trained(), "--save-predictions", file)
	r := decode[comparison](t, mustRun(t, "compare", trained(), file, "--json"))
	if r.N != 100 || r.OnlyFirst+r.OnlySecond != 0 || r.Exact != 1 || r.Metrics[0].Accuracy != r.Metrics[1].Accuracy {
		t.Errorf("the same predictions: %+v", r)
	}
	mustRun(t, "train", digits(), "--epochs", "2", "--seed", "5", "--loss", "focal:gamma=1", "--class-weights", "balanced", "--label-smoothing", "0.1", "--out", other)
	out := mustRun(t, "compare", trained(), other)
	for _, want := range []string{"McNemar's test: p = ", "95 % interval", "setting", "focal:gamma=1", "label_smoothing", "class_weights"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	text := string(read(t, file))
	for what, changed := range map[string]string{
		"99 test images":    text[:strings.LastIndex(strings.TrimSpace(text), "\n")+1],
		"test image 1 is":   strings.Replace(text, "#0", "#1000", 1),
		"has another label": strings.Replace(text, `"label":"7"`, `"label":"1"`, 1),
	} {
		mustFail(t, 1, []string{"cannot be compared", what}, "compare", trained(), write(filepath.Join(dir, "changed.jsonl"), []byte(changed)))
	}
	mustFail(t, 1, []string{"not the folder of a run"}, "compare", dir, file)
	mustFail(t, 1, []string{"a run of the task detect", "expected runs that classify", "`lince eval "}, "compare", finder(t, "detect"), file)
	write(filepath.Join(dir, "config.yaml"), read(t, filepath.Join(trained(), "config.yaml")))
	mustFail(t, 1, []string{"predictions.csv.gz"}, "compare", dir, file)
	mustFail(t, 1, []string{"expected a name that ends in .csv"}, "compare", filepath.Join(trained(), "result.json"), file)
}

func TestWithoutFolder(t *testing.T) {
	got := withoutFolder([]string{"/data/pets/test/cat/1.jpg", "/data/pets/test/dog/2.jpg"})
	if got[0] != "cat/1.jpg" || got[1] != "dog/2.jpg" {
		t.Errorf("%v", got)
	}
	if got = withoutFolder([]string{"a", "b/c"}); got[0] != "a" || got[1] != "b/c" {
		t.Errorf("%v", got)
	}
}

func TestEvalViewsAndCalibration(t *testing.T) {
	plain, flipped := decode[evalResult](t, mustRun(t, "eval", trained(), "--json")), decode[evalResult](t, mustRun(t, "eval", trained(), "--tta", "flip", "--json"))
	if plain.Loss == flipped.Loss || plain.Macro.F1 == 0 || plain.Intervals["accuracy"][0] >= plain.Accuracy || plain.Kind != "multiclass" {
		t.Errorf("%+v, with views %+v", plain.Metrics, flipped.Metrics)
	}
	model := filepath.Join(t.TempDir(), "run")
	if err := os.CopyFS(model, os.DirFS(trained())); err != nil {
		t.Fatal(err)
	}
	e := decode[evalResult](t, mustRun(t, "eval", model, "--calibrate", "--write", "--json"))
	if e.Calibration == nil || e.Calibration.Temperature <= 0 || !e.Calibration.Written || e.Loss != plain.Loss {
		t.Errorf("calibration %+v, loss %v, before %v", e.Calibration, e.Loss, plain.Loss)
	}
	if after := decode[evalResult](t, mustRun(t, "eval", model, "--json")); after.Loss == plain.Loss || after.Accuracy != plain.Accuracy {
		t.Errorf("loss %v after calibration, %v before", after.Loss, plain.Loss)
	}
	if out := mustRun(t, "eval", model, "--calibrate"); !strings.Contains(out, "fitted on") {
		t.Errorf("printed\n%s", out)
	}
	mustFail(t, 2, []string{"--write: only with --calibrate"}, "eval", model, "--write")
	mustFail(t, 2, []string{`did you mean "flip"?`}, "eval", model, "--tta", "flop")
	mustFail(t, 2, []string{"expected a name that ends in .csv"}, "eval", model, "--save-predictions", "p.txt")
}

func TestExplain(t *testing.T) {
	out := filepath.Join(t.TempDir(), "e.png")
	const pen, chalk = "testdata/drawings/pen-1.png", "testdata/drawings/chalk-1.png"
	for _, method := range []string{"gradcam", "occlusion", "saliency", "features"} {
		mustRun(t, "explain", trained(), pen, chalk, "--method", method, "--out", out)
		if im, err := data.DecodeFile(out, 0); err != nil || im.Bounds().Dx() < 700 {
			t.Errorf("%s: %v", method, err)
		}
	}
	list := decode[[]explanation](t, mustRun(t, "explain", trained(), pen, "--class", "3", "--layer", "conv1", "--json"))
	if len(list) != 1 || list[0].Class != "3" || list[0].Layer != "conv1" || list[0].Height != 28 || len(list[0].Values) != 28*28 {
		t.Errorf("%+v", list)
	}
	mustFail(t, 2, []string{`unknown class "x"`}, "explain", trained(), pen, "--class", "x")
	mustFail(t, 2, []string{`did you mean "gradcam"?`}, "explain", trained(), pen, "--method", "grad-cam")
	mustFail(t, 1, []string{`did you mean "conv1"?`}, "explain", trained(), pen, "--layer", "conv")
	mustFail(t, 2, []string{"--layer: not with"}, "explain", trained(), pen, "--layer", "conv1", "--method", "saliency")
	mustFail(t, 2, []string{"ends in .png"}, "explain", trained(), pen, "--out", "e.jpg")
	mustFail(t, 1, []string{"no such file"}, "explain", trained(), "none.png")
}
