package train

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/optim"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/tensor"
	"github.com/lince-ml/lince/weights"
)

// halves are blobs of two classes, darker than others.
type halves struct{ blobs }

func (halves) Classes() []string          { return []string{"left", "right"} }
func (h halves) Label(i int) (int, error) { return i % 2, nil }
func (h halves) Sample(i int) (data.Sample, error) {
	s, err := h.blobs.Sample(i)
	s.Label %= 2
	for p := range s.Image.Pix {
		s.Image.Pix[p] /= 2
	}
	return s, err
}

func halvesData() Data { return Data{Train: halves{blobs{200, 8, 3}}, Test: halves{blobs{70, 8, 4}}} }

// pretrained returns the folder of a run on four classes.
func pretrained(t *testing.T) string {
	t.Helper()
	r := start(t, testConfig())
	finish(t, r, Hooks{})
	return r.Dir()
}

// foreign writes the weights of the run in dir, changed, as another program would, and returns the file and them.
func foreign(t *testing.T, dir string, change func(map[string]*tensor.Tensor)) (string, map[string]*tensor.Tensor) {
	t.Helper()
	m, err := modelfile.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	change(m.Weights)
	var entries []format.Entry
	for _, name := range slices.Sorted(maps.Keys(m.Weights)) {
		entries = append(entries, format.EntryOf("module."+name, m.Weights[name]))
	}
	path := filepath.Join(t.TempDir(), "net.pth")
	if err := weights.Write(path, entries, nil); err != nil {
		t.Fatal(err)
	}
	return path, m.Weights
}

// tune begins a run on two classes.
func tune(t *testing.T, c Config) *Run {
	t.Helper()
	r, err := Start(filepath.Join(t.TempDir(), "run"), c, halvesData())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.Close)
	return r
}

func same32(a, b *tensor.Tensor) bool { return bytes.Equal(a.Bytes(), b.Bytes()) }

func TestWeights(t *testing.T) {
	c := testConfig()
	random := tune(t, c).Model().Weights
	path, values := foreign(t, pretrained(t), func(w map[string]*tensor.Tensor) {
		w["extra.weight"] = tensor.Of(tensor.ShapeOf(2), float32(1), 2)
		delete(w, "1.running_var")
	})
	c.Weights = path
	r := tune(t, c)
	in := r.Initial()
	want := &Initial{
		File: path, SHA256: in.SHA256, Normalized: AsImages, Loaded: []string{"0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean"},
		Missing: []string{"1.running_var"}, Unexpected: []string{"extra.weight"},
		OtherShape: []OtherShape{{"5.weight", "f32[4 36]", "f32[2 36]"}, {"5.bias", "f32[4]", "f32[2]"}},
	}
	if !reflect.DeepEqual(in, want) || r.Config().WeightsSHA256 != in.SHA256 || len(in.SHA256) != 64 {
		t.Errorf("got %+v\nwant %+v", in, want)
	}
	for name, v := range r.Model().Weights {
		from := random
		if slices.Contains(in.Loaded, name) {
			from = values
		}
		if !same32(v, from[name]) {
			t.Errorf("%s has other values than expected", name)
		}
	}
	var written Initial
	if err := json.Unmarshal([]byte(read(t, r, WeightsFile)), &written); err != nil || !reflect.DeepEqual(&written, want) {
		t.Errorf("%s: %+v, error %v", WeightsFile, written, err)
	}
	if measured := tune(t, testConfig()).Model().Input; !reflect.DeepEqual(r.Model().Input, measured) {
		t.Errorf("images are normalised as %+v, want %+v as without weights", r.Model().Input, measured)
	}
}

// TestNormalization has mean and deviation in the settings, and in weights that are known.
func TestNormalization(t *testing.T) {
	c := testConfig()
	c.Weights, c.Mean, c.Std = pretrained(t), []float32{0.5}, []float32{0.25}
	r := tune(t, c)
	if in := r.Model().Input; in.Mean[0] != 0.5 || in.Std[0] != 0.25 || r.Initial().Normalized != AsSettings {
		t.Errorf("%+v, %s", in, r.Initial().Normalized)
	}
	if text := read(t, r, ConfigFile); !strings.Contains(text, "mean: [0.5]\nstd: [0.25]\n") {
		t.Errorf("settings\n%s", text)
	}
	path := filepath.Join(t.TempDir(), "keras.safetensors")
	entries := []format.Entry{format.EntryOf("x", tensor.Of(tensor.ShapeOf(1), float32(0)))}
	if err := weights.Write(path, entries, map[string]string{"keras.application": "ResNet"}); err != nil {
		t.Fatal(err)
	}
	s, err := openSource(path)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	cfg := Config{Model: "resnet50", ModelOptions: map[string]string{"zero-init": "false"}}
	in, err := s.settle(&cfg)
	if err != nil || in.Channels != 3 || in.Std[0] != 1./255 || cfg.ModelOptions["keras"] != "true" || cfg.ModelOptions["zero-init"] != "false" {
		t.Errorf("%+v, options %v, error %v", in, cfg.ModelOptions, err)
	}
}

func readModel(t *testing.T, path string) *modelfile.Model {
	t.Helper()
	m, err := modelfile.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestFrozen trains the last layer only.
func TestFrozen(t *testing.T) {
	c := testConfig()
	c.Weights, c.Freeze = pretrained(t), "1"
	before := readModel(t, c.Weights)
	r := tune(t, c)
	if m := r.Model().Input.Mean; !slices.Equal(m, before.Input.Mean) || r.Initial().Normalized != AsWeights {
		t.Errorf("images are normalised with the mean %v, the weights were trained with %v", m, before.Input.Mean)
	}
	head := r.Model().Weights["5.weight"].Clone()
	o := finish(t, r, Hooks{})
	if accuracy := o.Result.Test.(*classify.Metrics).Accuracy; accuracy < 0.8 {
		t.Errorf("accuracy %v", accuracy)
	}
	for _, v := range r.Variables() {
		if v.Frozen != !strings.HasPrefix(v.Name, "5.") {
			t.Errorf("%s: frozen %v", v.Name, v.Frozen)
		}
		if v.Frozen && !same32(r.Model().Weights[v.Name], before.Weights[v.Name]) {
			t.Errorf("%s is frozen and has changed", v.Name)
		}
	}
	if same32(head, r.Model().Weights["5.weight"]) {
		t.Error("the head has not learned")
	}
	if got := slices.Sorted(maps.Keys(r.trainer.state)); len(got) != 4 || !strings.HasSuffix(got[0], ".5.bias") || !strings.HasSuffix(got[3], ".5.weight") {
		t.Errorf("the optimiser has the states %q", got)
	}
}

// TestFrozenStep looks for gradients of what is frozen in the program: there must be none.
func TestFrozenStep(t *testing.T) {
	r := start(t, testConfig())
	for _, c := range []struct {
		layer string
		want  []string
	}{{"0", []string{"1", "5"}}, {"1", []string{"5"}}} {
		names, err := frozen(r.Variables(), c.layer)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := graph.Trace(func(g *graph.Graph) {
			tr := Trainer{settings: Settings{Batch: 16, Rule: optim.SGD{}, Frozen: names}}
			if err := tr.trace(g, r.learner); err != nil {
				t.Fatal(err)
			}
			var updated []string
			for _, v := range nn.Learning(tr.variables) {
				updated = append(updated, strings.TrimSuffix(strings.TrimSuffix(v.Name, ".weight"), ".bias"))
			}
			if got := slices.Compact(updated); !slices.Equal(got, c.want) {
				t.Errorf("frozen up to %s, %q learn, want %q", c.layer, got, c.want)
			}
			for _, n := range g.Live() {
				if name := n.Op().Name(); strings.HasPrefix(name, "Conv2D") && strings.HasSuffix(name, "Grad") {
					t.Errorf("frozen up to %s, the step computes %s", c.layer, name)
				}
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
}

// TestResumeWithoutWeights goes on when the file is gone, and repeats the run when it is back.
func TestResumeWithoutWeights(t *testing.T) {
	c := testConfig()
	c.Weights, c.Freeze = pretrained(t), "0"
	r := tune(t, c)
	var left string
	want := finish(t, r, Hooks{Epoch: func(e Epoch) {
		if e.Epoch == 1 {
			left = copyFolder(t, r.Dir())
		}
	}})
	moved := c.Weights + ".moved"
	if err := os.Rename(c.Weights, moved); err != nil {
		t.Fatal(err)
	}
	again, err := Resume(left, halvesData())
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if got := finish(t, again, Hooks{}); !same(got, want) || again.Initial() != nil {
		t.Errorf("%+v, uninterrupted %+v", got.Result, want.Result)
	}
	if err := os.Rename(moved, c.Weights); err != nil {
		t.Fatal(err)
	}
	cfg, err := ReadConfig(filepath.Join(left, ConfigFile), Config{})
	if err != nil {
		t.Fatal(err)
	}
	if got := finish(t, tune(t, cfg), Hooks{}); !same(got, want) {
		t.Errorf("repeated %+v, first %+v", got.Result, want.Result)
	}
	cfg.WeightsSHA256 = strings.Repeat("0", 64)
	if _, err := Start(filepath.Join(t.TempDir(), "run"), cfg, halvesData()); err == nil || !strings.Contains(err.Error(), "in the settings with 000000000000") {
		t.Errorf("error %v", err)
	}
}

func TestBadWeights(t *testing.T) {
	run := pretrained(t)
	partial, _ := foreign(t, run, func(w map[string]*tensor.Tensor) { delete(w, "0.bias") })
	text := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(text, []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"other model":   {func(c *Config) { c.Model, c.Weights = "linear", run }, "0 of 2 variables of linear fit; the file is a test for 4 classes"},
		"foreign":       {func(c *Config) { c.Model, c.Weights = "linear", partial }, "0 of 2 variables of linear fit; the file seems to be for test with 4 classes"},
		"no weights":    {func(c *Config) { c.Weights = text }, "notes.txt: this is text that begins with \"mine\""},
		"no file":       {func(c *Config) { c.Weights = text + "x" }, "notes.txtx: no such file"},
		"no run":        {func(c *Config) { c.Weights = filepath.Dir(text) }, "best.safetensors: no such file"},
		"frozen noise":  {func(c *Config) { c.Weights, c.Freeze = partial, "1" }, "no values for 0.bias, f32[4], which is to be frozen"},
		"frozen head":   {func(c *Config) { c.Weights, c.Freeze = run, "5" }, "freeze: nothing is left to train behind 5"},
		"unknown layer": {func(c *Config) { c.Freeze = "2" }, `freeze: unknown layer "2"`},
		"a variable":    {func(c *Config) { c.Freeze = "0.weight" }, `freeze: unknown layer "0.weight": there are 0, 1 and 5`},
		"only a digest": {func(c *Config) { c.WeightsSHA256 = "00" }, "weights does not name"},
		"only a mean":   {func(c *Config) { c.Mean = []float32{0} }, "mean is [0] and std is [], expected as many numbers"},
		"no deviation":  {func(c *Config) { c.Mean, c.Std = []float32{0}, []float32{0} }, "deviations of more than 0"},
		"for colours":   {func(c *Config) { c.Mean, c.Std = []float32{0, 0, 0}, []float32{1, 1, 1} }, "3 numbers each, expected 1: one for each channel"},
	} {
		cfg := testConfig()
		c.change(&cfg)
		dir := t.TempDir()
		r, err := Start(dir, cfg, halvesData())
		if err == nil {
			r.Close()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, expected %q", name, err, c.want)
		}
	}
}

func TestModelOf(t *testing.T) {
	name, args, err := ModelOf(pretrained(t))
	if err != nil || name != "test" || args.Classes != 4 || args.Height != 8 {
		t.Errorf("%s %+v, error %v", name, args, err)
	}
	c := testConfig()
	c.Model, c.Epochs = "lenet5", 1
	r, err := Start(t.TempDir(), c, Data{Train: blobs{200, 28, 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	finish(t, r, Hooks{})
	path, _ := foreign(t, r.Dir(), func(map[string]*tensor.Tensor) {})
	if name, args, err = ModelOf(path); err != nil || name != "lenet5" || args.Classes != 4 {
		t.Errorf("%s %+v, error %v", name, args, err)
	}
	unknown, _ := foreign(t, r.Dir(), func(w map[string]*tensor.Tensor) {
		clear(w)
		for i := range 3 {
			w[fmt.Sprint("stage", i)] = tensor.New(tensor.F32, tensor.ShapeOf(2))
		}
	})
	if _, _, err = ModelOf(unknown); err == nil || !strings.Contains(err.Error(), "of no model known here") {
		t.Errorf("error %v", err)
	}
}
