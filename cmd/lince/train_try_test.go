package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
)

func TestFindRate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "rates")
	out := mustRun(t, "train", digits(), "--find-lr", "--out", dir)
	if !strings.Contains(out, "where the loss falls fastest") || !strings.Contains(out, filepath.Join(dir, "find-lr.png")) {
		t.Errorf("printed\n%s", out)
	}
	if im, err := data.DecodeFile(filepath.Join(dir, "find-lr.png"), 0); err != nil || im.Bounds().Dx() < 500 {
		t.Errorf("picture: %v", err)
	}
	if list, err := os.ReadDir(dir); err != nil || len(list) != 1 {
		t.Errorf("the folder holds %v, error %v", list, err)
	}
	keys(t, mustRun(t, "train", digits(), "--find-lr", "--json", "--out", dir), "points", "steepest", "tenth", "picture")
}

func TestOverfitBatch(t *testing.T) {
	if out := mustRun(t, "train", digits(), "--overfit-batch", "--batch", "32"); !strings.HasPrefix(out, "pass  lenet5 learns a batch of 32 images by heart") {
		t.Errorf("printed %q", out)
	}
	mustFail(t, 1, []string{"does not learn a batch of 32 images by heart", "too low"}, "train", digits(), "--overfit-batch", "--batch", "32", "--lr", "1e-9")
	mustFail(t, 2, []string{"one at a time"}, "train", digits(), "--overfit-batch", "--find-lr")
}

func TestTrainJSON(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "run")
	out := mustRun(t, "train", digits(), "--epochs", "2", "--json", "--out", dir)
	lines := strings.Split(strings.TrimSpace(out), "\n")
	if len(lines) != 4 {
		t.Fatalf("printed\n%s", out)
	}
	keys(t, lines[0], "event", "run", "model", "data", "epochs", "train", "validation", "test")
	keys(t, lines[2], "event", "epoch", "step", "lr", "train", "validation", "best")
	keys(t, lines[3], "event", "params_sha256", "test")
	if e := decode[map[string]any](t, lines[3])["event"]; e != "end" {
		t.Errorf("the last event is %v", e)
	}
}

// Every setting goes into config.yaml, and from there into a repetition.
func TestSettingsOfTrain(t *testing.T) {
	dir := t.TempDir()
	first, again := filepath.Join(dir, "first"), filepath.Join(dir, "again")
	mustRun(t, "train", digits(), "--steps", "12", "--batch", "auto", "--accumulate", "2", "--layer-lr", "conv*=0.5", "--decay-all", "--clip-norm", "5", "--clip-value", "1",
		"--ema", "0.9:every=2", "--patience", "3", "--freeze", "conv1", "--unfreeze-at", "2", "--save-every", "5", "--optim", "muon", "--schedule", "poly:warmup=0.2", "--out", first)
	config := string(read(t, filepath.Join(first, "config.yaml")))
	for _, line := range []string{"steps: 12", "batch: 8", "accumulate: 2", "layer_lr: conv*=0.5", "decay_all: true", "clip_norm: 5", "clip_value: 1", "ema: 0.9:every=2", "patience: 3",
		"freeze: conv1", "unfreeze_at: 2", `save_every: "5"`, "optim: muon", "lr: 0.02", "schedule: poly:warmup=0.2"} {
		if !strings.Contains(config, line+"\n") {
			t.Errorf("%q is not in\n%s", line, config)
		}
	}
	mustRun(t, "train", "--config", filepath.Join(first, "config.yaml"), "--out", again)
	a, b := decode[map[string]any](t, resultFile(t, first)), decode[map[string]any](t, resultFile(t, again))
	if a["params_sha256"] != b["params_sha256"] {
		t.Errorf("params_sha256 %v, repeated %v", a["params_sha256"], b["params_sha256"])
	}
}

func TestBadSettingsOfTrain(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--batch many", `--batch "many": expected a whole number, or auto`},
		{"--time 5m --epochs 3", "not with --steps or --epochs"},
		{"--time fast", `--time "fast": expected a time such as 90s or 10m`},
		{"--unfreeze-at 3", "unfreeze_at is 3, but freeze names no layer"},
		{"--save-every often", `save_every is "often"`},
		{"--ema 2", `decay "2"`},
		{"--recipe resnet20-cifr", `did you mean "resnet20-cifar"?`},
		{"--optim lam", `did you mean "lamb"?`},
		{"--schedule plato", `unknown schedule "plato"`},
	} {
		mustFail(t, 2, []string{c.want}, append([]string{"train", digits(), "--out", filepath.Join(t.TempDir(), "run")}, strings.Fields(c.args)...)...)
	}
}

func TestRecipes(t *testing.T) {
	if out := mustRun(t, "recipes"); !strings.Contains(out, "resnet20-cifar-short") || !strings.Contains(out, "LeNet-5 in 14 epochs") {
		t.Errorf("printed\n%s", out)
	}
	keys(t, strings.Trim(strings.TrimSpace(mustRun(t, "recipes", "--json")), "[]"), "name", "model", "purpose")
	file := filepath.Join(t.TempDir(), "mine.yaml")
	write(file, []byte(mustRun(t, "recipes", "digits")))
	dir := t.TempDir()
	mustRun(t, "train", digits(), "--recipe", "digits", "--epochs", "1", "--out", filepath.Join(dir, "a"))
	mustRun(t, "train", digits(), "--config", file, "--epochs", "1", "--out", filepath.Join(dir, "b"))
	a, b := decode[map[string]any](t, resultFile(t, filepath.Join(dir, "a"))), decode[map[string]any](t, resultFile(t, filepath.Join(dir, "b")))
	if a["params_sha256"] != b["params_sha256"] {
		t.Errorf("params_sha256 %v, with the recipe in a file %v", a["params_sha256"], b["params_sha256"])
	}
	mustFail(t, 2, []string{`unknown recipe "digit": did you mean "digits"?`}, "recipes", "digit")
}
