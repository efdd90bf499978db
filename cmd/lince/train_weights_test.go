package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestTrainFromWeights tunes the digits' network on a folder of two classes, without saying which network it is.
func TestTrainFromWeights(t *testing.T) {
	dir := t.TempDir()
	writePictures(dir)
	run := filepath.Join(dir, "run")
	out := mustRun(t, "train", filepath.Join(dir, "pictures"), "--weights", trained(), "--freeze", "fc1", "--epochs", "1", "--batch", "4", "--out", run)
	for _, want := range []string{
		"images of 1x28x28, 2 classes",
		"weights " + trained() + ": 8 of 10 variables; new, of another shape: fc3.weight (f32[10 84] in the file, f32[2 84] here), fc3.bias (f32[10] in the file, f32[2] here)\n",
		"frozen up to fc1: 6 of 10 variables, 50,692 of 61,026 parameters\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	keys(t, string(read(t, filepath.Join(run, "weights.json"))), "file", "sha256", "loaded", "missing", "other_shape", "unexpected")
	if config := string(read(t, filepath.Join(run, "config.yaml"))); !strings.Contains(config, "weights_sha256: ") || !strings.Contains(config, "freeze: fc1\n") {
		t.Errorf("config.yaml\n%s", config)
	}
	mustFail(t, 2, []string{"freeze", `did you mean "fc1"?`}, "train", digits(), "--freeze", "fc", "--out", filepath.Join(dir, "other"))
	mustFail(t, 1, []string{"no such file"}, "train", digits(), "--weights", filepath.Join(dir, "none.pth"), "--out", filepath.Join(dir, "other"))
}

func TestTrainImageSize(t *testing.T) {
	dir := t.TempDir()
	writePictures(dir)
	out := mustRun(t, "train", filepath.Join(dir, "pictures"), "--model", "cnn3", "--image-size", "24x32", "--steps", "1", "--batch", "4", "--out", filepath.Join(dir, "run"))
	if want := "images of 3x24x32, 2 classes"; !strings.Contains(out, want) {
		t.Errorf("%q is not in\n%s", want, out)
	}
}

func TestFirst(t *testing.T) {
	for _, c := range [][2]string{{"a b c d", "a, b, c, d"}, {"a b c d e f", "a, b, c, d and 2 more"}} {
		if got := first(strings.Fields(c[0])); got != c[1] {
			t.Errorf("%q, want %q", got, c[1])
		}
	}
}
