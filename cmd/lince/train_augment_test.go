package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTrainAugmented cuts parts out of whole pictures, of which the remark about left-out files is made once, and leaves what it did in config.yaml.
func TestTrainAugmented(t *testing.T) {
	dir := t.TempDir()
	writePictures(dir)
	write(filepath.Join(dir, "pictures", "notes.txt"), nil)
	run := filepath.Join(dir, "run")
	code, out, errors := command("train", filepath.Join(dir, "pictures"), "--epochs", "1", "--batch", "4", "--out", run,
		"--augment", "resized_crop:0.3/1,flip:alternating,trivialaugment,erasing")
	if code != 0 || strings.Count(errors, "notes.txt") != 1 {
		t.Fatalf("exit code %d: %s%s", code, out, errors)
	}
	text, err := os.ReadFile(filepath.Join(run, "config.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	const want = "augment:\n  degrees: 0\n  scale: 0\n  shear: 0\n  translate: 0\n  flip: alternating\n  resized_crop:\n    scale: [0.3, 1]\n" +
		"  policy: trivialaugment\n  erasing: 0.25\n"
	if !strings.Contains(string(text), want) {
		t.Errorf("config.yaml: %s", text)
	}
	mustRun(t, "train", "--config", filepath.Join(run, "config.yaml"), "--out", filepath.Join(dir, "again"))
	if a, b := resultFile(t, run), resultFile(t, filepath.Join(dir, "again")); decode[map[string]any](t, a)["params_sha256"] != decode[map[string]any](t, b)["params_sha256"] {
		t.Error("config.yaml does not repeat the run")
	}
}
