package train

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/task/classify"
)

func TestLearns(t *testing.T) {
	c := testConfig()
	c.Epochs = 8
	r := start(t, c)
	var epochs []Epoch
	o := finish(t, r, Hooks{Epoch: func(e Epoch) { epochs = append(epochs, e) }})
	m, report := o.Result.Test.(*classify.Metrics), o.Report.(*classify.Report)
	if m.Accuracy < 0.9 || m.N != 70 || report.N != 70 {
		t.Errorf("accuracy %.3f on %d images", m.Accuracy, m.N)
	}
	if len(epochs) != 8 || len(o.History) != 8 || epochs[7].Step != 80 || epochs[7].Validation == nil {
		t.Errorf("%d epochs reported, %d kept: %+v", len(epochs), len(o.History), epochs)
	}
	if lines := strings.Count(read(t, r, MetricsFile), "\n"); lines != 8 {
		t.Errorf("%d lines of metrics", lines)
	}
	best, err := modelfile.Read(r.Dir())
	if err != nil {
		t.Fatal(err)
	}
	if best.Metrics["test.accuracy"] != m.Accuracy || best.Classes[3] != "bottom right" || best.Training != nil {
		t.Errorf("best model: %+v", best)
	}
	if got := modelfile.ParameterSum(r.trainer.variables, best.Weights); got != o.Result.ParamsSHA256 {
		t.Errorf("params_sha256 %s, those of the file have %s", o.Result.ParamsSHA256, got)
	}
}

func read(t *testing.T, r *Run, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(r.Dir(), name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestResultKeys guards the names that other programs read.
func TestResultKeys(t *testing.T) {
	r := start(t, testConfig())
	finish(t, r, Hooks{})
	var res map[string]any
	if err := json.Unmarshal([]byte(read(t, r, ResultFile)), &res); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"task", "model", "test", "epochs", "train_seconds", "images_per_second", "seed", "parameters", "params_sha256"} {
		if _, ok := res[key]; !ok {
			t.Errorf("no %q in %v", key, res)
		}
	}
	for _, key := range []string{"accuracy", "loss", "error_rate", "n"} {
		if _, ok := res["test"].(map[string]any)[key]; !ok {
			t.Errorf("no %q in %v", key, res["test"])
		}
	}
}

// TestSameBits trains with different numbers of threads and workers.
func TestSameBits(t *testing.T) {
	var want Result
	for i, n := range [][2]int{{1, 1}, {2, 3}, {3, 2}} {
		c := testConfig()
		c.Threads, c.Workers = n[0], n[1]
		got := finish(t, start(t, c), Hooks{}).Result
		if i == 0 {
			want = got
		}
		if got.ParamsSHA256 != want.ParamsSHA256 || got.LastParamsSHA256 != want.LastParamsSHA256 || !reflect.DeepEqual(got.Test, want.Test) || !reflect.DeepEqual(got.Validation, want.Validation) {
			t.Errorf("%d threads, %d workers: %+v, with one of each %+v", n[0], n[1], got, want)
		}
	}
}

// TestRepeat trains again from config.yaml, which must say everything.
func TestRepeat(t *testing.T) {
	r := start(t, testConfig())
	want := finish(t, r, Hooks{}).Result
	c, err := ReadConfig(filepath.Join(r.Dir(), ConfigFile), Config{})
	if err != nil {
		t.Fatal(err)
	}
	if got := finish(t, start(t, c), Hooks{}).Result; got.LastParamsSHA256 != want.LastParamsSHA256 {
		t.Errorf("other parameters from %+v", c)
	}
	c.Seed++
	if got := finish(t, start(t, c), Hooks{}).Result; got.LastParamsSHA256 == want.LastParamsSHA256 {
		t.Error("the seed makes no difference")
	}
}

func TestEarlyStopping(t *testing.T) {
	c := testConfig()
	c.Model, c.Optim, c.Rate, c.Epochs, c.Patience = "linear", "sgd", 1e-20, 10, 2 // too small a rate to change a weight
	r := start(t, c)
	o := finish(t, r, Hooks{})
	if o.Result.Epochs != 3 || o.Result.BestEpoch != 1 || !o.Result.EarlyStopped {
		t.Errorf("%+v", o.Result)
	}
}

func TestDivergence(t *testing.T) {
	c := testConfig()
	c.Model, c.Optim, c.Rate, c.ClipNorm, c.Schedule = "linear", "sgd", 1e8, 0, "constant"
	c.Optim = "sgd:decay=1e4"
	r := start(t, c)
	before := read(t, r, modelfile.Last)
	_, err := r.Train(context.Background(), Hooks{})
	if err == nil || !strings.HasPrefix(err.Error(), "epoch 1, step ") || !strings.Contains(err.Error(), "lower learning rate than 1e+08") {
		t.Errorf("error %v", err)
	}
	if read(t, r, modelfile.Last) != before {
		t.Error("diverged weights were saved")
	}
}

func TestNoValidation(t *testing.T) {
	c := testConfig()
	c.Validation = 0
	o := finish(t, start(t, c), Hooks{})
	if o.Result.BestEpoch != 3 || o.Result.Validation != nil || o.Result.ParamsSHA256 != o.Result.LastParamsSHA256 {
		t.Errorf("%+v", o.Result)
	}
}

func TestTestSetAside(t *testing.T) {
	c := testConfig()
	c.Test = 0.25
	r, err := Start(t.TempDir(), c, Data{Train: blobs{200, 8, 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if d := r.Data(); d.Test.Len() != 52 || d.Validation.Len() != 28 || d.Train.Len() != 120 {
		t.Errorf("%d, %d and %d images", d.Test.Len(), d.Validation.Len(), d.Train.Len())
	}
}

func TestBadStart(t *testing.T) {
	done := start(t, testConfig())
	for name, c := range map[string]struct {
		change func(*Config, *Data)
		dir    string
		want   string
	}{
		"batch":    {func(c *Config, _ *Data) { c.Batch = 500 }, "", "a batch of 500, but 160 training images"},
		"model":    {func(c *Config, _ *Data) { c.Model = "lenet" }, "", `unknown model "lenet": did you mean "lenet5"?`},
		"option":   {func(c *Config, _ *Data) { c.ModelOptions = map[string]string{"pool": "max"} }, "", `unknown option "pool"`},
		"optim":    {func(c *Config, _ *Data) { c.Optim = "adan" }, "", `did you mean "adam"?`},
		"schedule": {func(c *Config, _ *Data) { c.Schedule = "cosin" }, "", `did you mean "cosine"?`},
		"rate":     {func(c *Config, _ *Data) { c.Rate = -1 }, "", "lr is -1, expected 0 or more"},
		"size":     {func(c *Config, _ *Data) { c.Height = 4; c.Width = 4 }, "", "the model takes 1x4x4"},
		"empty":    {func(_ *Config, d *Data) { d.Train = blobs{} }, "", "blobs: no training images"},
		"occupied": {func(*Config, *Data) {}, done.Dir(), "holds a run already"},
	} {
		cfg, d, dir := testConfig(), testData(), c.dir
		c.change(&cfg, &d)
		if dir == "" {
			dir = t.TempDir()
		}
		_, err := Start(dir, cfg, d)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, expected %q", name, err, c.want)
		}
		if _, err := os.Stat(dir); (err == nil) != (c.dir != "") {
			t.Errorf("%s: the folder of a run that did not start: %v", name, err)
		}
	}
}

// TestUsualRate leaves the learning rate open.
func TestUsualRate(t *testing.T) {
	for rule, want := range map[string]float64{"sgd": 0.05, "adamw:decay=0.1": 0.001} {
		c := testConfig()
		c.Optim, c.Rate = rule, 0
		if got := start(t, c).Config().Rate; got != want {
			t.Errorf("%s: %v, want %v", rule, got, want)
		}
	}
}

// TestOutIsFile must not remove what is no folder.
func TestOutIsFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(path, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(path, testConfig(), testData()); err == nil || err.Error() != "make folder "+path+": not a directory" {
		t.Errorf("error %v", err)
	}
	if b, err := os.ReadFile(path); string(b) != "mine" {
		t.Errorf("the file is gone: %v", err)
	}
}

func decodeResult(t *testing.T, r *Run) (res Result) {
	t.Helper()
	if err := json.Unmarshal([]byte(read(t, r, ResultFile)), &res); err != nil {
		t.Fatal(err)
	}
	return res
}
