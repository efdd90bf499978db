package modelfile

import (
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/lince-ml/lince/format/safetensors"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/tensor"
)

// small returns a model with weights.
func small(t *testing.T) *Model {
	t.Helper()
	m := &Model{
		Task: "classify", Architecture: "cnn3", Classes: []string{"cat", "dog <é>"},
		Input:   Input{Channels: 3, Height: 8, Width: 8, Mean: []float32{0.5, 0.4, 0.3}, Std: []float32{0.25, 0.25, 1.0 / 3}},
		Metrics: map[string]float64{"validation.accuracy": 1.0 / 3},
		Data:    Data{"pets", 100, "abc"},
		Version: "v1",
	}
	vars, err := m.Variables()
	if err != nil {
		t.Fatal(err)
	}
	m.Weights = map[string]*tensor.Tensor{}
	for i, v := range nn.Initialize(vars, 1) {
		m.Weights[vars[i].Name] = v
	}
	return m
}

func TestRoundTrip(t *testing.T) {
	for name, training := range map[string]*Training{
		"model":      nil,
		"checkpoint": {State: []byte(`{"epoch":3}`), Optim: map[string]*tensor.Tensor{"optim.step": tensor.Of(tensor.ShapeOf(1), float32(3))}},
	} {
		m := small(t)
		m.Training = training
		path := filepath.Join(t.TempDir(), Best)
		if err := Write(path, m); err != nil {
			t.Fatal(err)
		}
		for _, p := range []string{path, filepath.Dir(path)} {
			got, err := Read(p)
			if err != nil || !reflect.DeepEqual(got, m) {
				t.Errorf("%s: read %+v, error %v; written %+v", name, got, err, m)
			}
		}
	}
}

// TestForeignTensors lists everything that does not fit.
func TestForeignTensors(t *testing.T) {
	m := small(t)
	delete(m.Weights, "conv1.bias")
	m.Weights["fc.bias"] = tensor.New(tensor.F32, tensor.ShapeOf(3))
	m.Weights["fc.weight"] = tensor.New(tensor.I32, m.Weights["fc.weight"].Shape())
	m.Weights["head"] = tensor.New(tensor.F32, tensor.ShapeOf(1))
	path := filepath.Join(t.TempDir(), "m.safetensors")
	if err := Write(path, m); err != nil {
		t.Fatal(err)
	}
	_, err := Read(path)
	want := "read " + path + ": the tensors are not those of cnn3: missing: conv1.bias; unexpected: head; " +
		"of another shape: fc.weight is i32[2 32] and should be f32[2 32], fc.bias is f32[3] and should be f32[2]"
	if err == nil || err.Error() != want {
		t.Errorf("error %v\nwant  %s", err, want)
	}
}

func TestBadModels(t *testing.T) {
	for want, change := range map[string]func(*Model){
		`unknown model "cnn4": did you mean "cnn3"?`:     func(m *Model) { m.Architecture = "cnn4" },
		`unknown option "pool"`:                          func(m *Model) { m.Options = map[string]string{"pool": "max"} },
		`a model for the task "dream"`:                   func(m *Model) { m.Task = "dream" },
		"1 classes, at least 2 expected":                 func(m *Model) { m.Classes = m.Classes[:1] },
		`a model of the kind "ternary"`:                  func(m *Model) { m.Kind = "ternary" },
		"a binary model of 3 classes":                    func(m *Model) { m.Kind, m.Classes = Binary, []string{"a", "b", "c"} },
		"2 thresholds for a multiclass model":            func(m *Model) { m.Thresholds = []float32{0.5, 0.5} },
		"with a threshold, which only detect":            func(m *Model) { m.Threshold = 0.5 },
		"threshold 2, 0 to 1 expected":                   func(m *Model) { m.Task, m.Threshold = "detect", 2 },
		"temperature -1":                                 func(m *Model) { m.Temperature = -1 },
		"fc.weight is f32[2 32] and should be f32[1 32]": func(m *Model) { m.Kind = Binary },
		"images of 2 channels":                           func(m *Model) { m.Input.Channels = 2 },
		"images of 100000x8 pixels":                      func(m *Model) { m.Input.Height = 100000 },
		"images of 0x8 pixels":                           func(m *Model) { m.Input.Height = 0 },
		"1 means and 3 standard deviations":              func(m *Model) { m.Input.Mean = m.Input.Mean[:1] },
		"standard deviation 0":                           func(m *Model) { m.Input.Std[1] = 0 },
		"conv1.weight is f32[8 3 3 3] and should be f32": func(m *Model) { m.Input.Channels, m.Input.Mean, m.Input.Std = 1, m.Input.Mean[:1], m.Input.Std[:1] },
	} {
		m := small(t)
		change(m)
		path := filepath.Join(t.TempDir(), "m.safetensors")
		if err := Write(path, m); err != nil {
			t.Fatal(err)
		}
		refused(t, path, want)
	}
}

// refused checks the error of reading path: one line that names the file and has want in it.
func refused(t *testing.T, path, want string) {
	t.Helper()
	_, err := Read(path)
	if err == nil || !strings.HasPrefix(err.Error(), "read "+path) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v, expected %q", err, want)
	}
}

func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "m.safetensors")
	refused(t, path, "no such file")
	refused(t, dir, "a folder without best.safetensors")

	if err := safetensors.WriteFile(path, &safetensors.File{Tensors: small(t).Weights}); err != nil {
		t.Fatal(err)
	}
	refused(t, path, "not a model that lince has written")

	if err := safetensors.WriteFile(path, &safetensors.File{Metadata: map[string]string{modelKey: "{"}}); err != nil {
		t.Fatal(err)
	}
	refused(t, path, modelKey)

	if err := Write(path, small(t)); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 7, 100, len(whole) - 1} {
		replace(t, path, whole[:n])
		refused(t, path, "truncated")
	}
	for _, i := range []int{len(whole) / 2, len(whole) - 1} {
		b := append([]byte(nil), whole...)
		b[i] ^= 0x10
		replace(t, path, b)
		refused(t, path, "checksum")
	}
}

func replace(t *testing.T, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
}

func TestParameterSum(t *testing.T) {
	m := small(t)
	vars, err := m.Variables()
	if err != nil {
		t.Fatal(err)
	}
	sum := ParameterSum(vars, m.Weights)
	changed := maps.Clone(m.Weights)
	changed["bn1.running_mean"] = tensor.Of(tensor.ShapeOf(8), make([]float32, 8)...)
	changed["bn1.running_mean"].F32()[0] = 1
	if ParameterSum(vars, changed) != sum {
		t.Error("running statistics count as parameters")
	}
	changed["fc.bias"] = tensor.Of(tensor.ShapeOf(2), float32(0), 1e-30)
	if ParameterSum(vars, changed) == sum {
		t.Error("a changed parameter has the same sum")
	}
	// printf 'a\0\0\0\x80?b\0\0\0\0@' | sha256sum
	ab := []nn.Variable{{Name: "b", Trainable: true}, {Name: "a", Trainable: true}}
	one, two := tensor.Of(tensor.ShapeOf(1), float32(1)), tensor.Of(tensor.ShapeOf(1), float32(2))
	if got, want := ParameterSum(ab, map[string]*tensor.Tensor{"a": one, "b": two}), "3fde66ef97f0c9fadc9140ea5e305d2e053d580dac84ce7aae67c4d31f5197c6"; got != want {
		t.Errorf("sum %s, want %s", got, want)
	}
}
