package modelfile

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/graph"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/tensor"
	"github.com/lince-ml/lince/weights"
)

// elsewhere writes first values of the architecture to a file called name, and returns its path and the values.
func elsewhere(t *testing.T, name, architecture string, a models.Args) (string, map[string]*tensor.Tensor) {
	t.Helper()
	spec, err := models.Lookup(architecture)
	if err != nil {
		t.Fatal(err)
	}
	net, err := spec.Build(a)
	if err != nil {
		t.Fatal(err)
	}
	if a, err = spec.Complete(a); err != nil {
		t.Fatal(err)
	}
	vars, err := models.Variables(net, graph.F32(1, a.Channels, a.Height, a.Width))
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]*tensor.Tensor{}
	var entries []format.Entry
	for i, v := range nn.Initialize(vars, 7) {
		values[vars[i].Name] = v
		entries = append(entries, format.EntryOf("module."+vars[i].Name, v))
	}
	path := filepath.Join(t.TempDir(), name)
	if err := weights.Write(path, entries, nil); err != nil {
		t.Fatal(err)
	}
	return path, values
}

// TestReadImport reads weights of each format that is written, knowing the architecture by itself.
func TestReadImport(t *testing.T) {
	for _, name := range []string{"w.pth", "w.safetensors", "w.npz"} {
		path, want := elsewhere(t, name, "resnet20-cifar", models.Args{})
		m, assumed, err := ReadImport(path, Import{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if m.Architecture != "resnet20-cifar" || len(m.Classes) != 10 || m.Classes[3] != "cat" || m.Input.Mean[0] != 0.485 || m.Input.Resize != 0 {
			t.Errorf("%s: %+v", name, m)
		}
		for _, word := range []string{"resnet20-cifar", "CIFAR-10", "0.485"} {
			if !strings.Contains(assumed, word) {
				t.Errorf("%s: assumed %q, without %q", name, assumed, word)
			}
		}
		for name, w := range want {
			if got := m.Weights[name]; got == nil || string(got.Bytes()) != string(w.Bytes()) {
				t.Errorf("other values of %s", name)
			}
		}
	}
}

// TestReadImportAs has other classes and channels than the architecture is usual with, and settings for all that the file does not say.
func TestReadImportAs(t *testing.T) {
	path, _ := elsewhere(t, "w.pth", "lenet5", models.Args{Classes: 3, Channels: 3})
	im := Import{Architecture: "lenet5", Classes: []string{"a", "b", "c"}, Mean: []float32{0, 0, 0}, Std: []float32{1, 1, 1}}
	m, assumed, err := ReadImport(path, im)
	if err != nil || assumed != "lenet5" || m.Input.Channels != 3 || m.Classes[2] != "c" || m.Input.Std[0] != 1 {
		t.Errorf("%+v, assumed %q, %v", m, assumed, err)
	}
	im.Classes = im.Classes[:2]
	if _, _, err := ReadImport(path, im); err == nil || !strings.Contains(err.Error(), "3 classes, 2 names") {
		t.Errorf("two names: %v", err)
	}
	if _, _, err := ReadImport(path, Import{Architecture: "resnet18"}); err == nil || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "missing") {
		t.Errorf("as another architecture: %v", err)
	}
}

// TestReadImportOwn reads what lince has written as Read does.
func TestReadImportOwn(t *testing.T) {
	path, _ := elsewhere(t, "w.pth", "lenet5", models.Args{})
	m, _, err := ReadImport(path, Import{})
	if err != nil {
		t.Fatal(err)
	}
	m.Data.Name = "somewhere"
	own := filepath.Join(t.TempDir(), "own.safetensors")
	if err := Write(own, m); err != nil {
		t.Fatal(err)
	}
	if m, assumed, err := ReadImport(own, Import{}); err != nil || assumed != "" || m.Data.Name != "somewhere" {
		t.Errorf("%+v, assumed %q, %v", m, assumed, err)
	}
	if _, _, err := ReadImport(filepath.Dir(own), Import{}); err == nil || !strings.Contains(err.Error(), Best) {
		t.Errorf("a folder: %v", err)
	}
}

// TestReadImportBare reads weights without the heads that only training has.
func TestReadImportBare(t *testing.T) {
	path, _ := elsewhere(t, "w.safetensors", "googlenet", models.Args{Options: map[string]string{"auxiliary": "false"}})
	m, assumed, err := ReadImport(path, Import{})
	if err != nil || m.Options["auxiliary"] != "false" || m.Input.Resize != 256 || !strings.Contains(assumed, "ImageNet") {
		t.Errorf("%v, assumed %q, %v", m, assumed, err)
	}
}

// TestNormalizeAsKeras swaps red and blue of ResNet, whose application has them the other way round.
func TestNormalizeAsKeras(t *testing.T) {
	w := tensor.Of(tensor.ShapeOf(2, 3, 1, 2), float32(0), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
	m := &Model{Input: Input{Channels: 3}, Weights: map[string]*tensor.Tensor{"conv1.weight": w}}
	m.normalizeAsKeras(&weights.File{Metadata: map[string]string{kerasNote: "ResNet"}})
	if want := []float32{4, 5, 2, 3, 0, 1, 10, 11, 8, 9, 6, 7}; !slices.Equal(w.F32(), want) || m.Input.Mean[0] != 123.68/255 {
		t.Errorf("%v with the mean %v, want %v", w.F32(), m.Input.Mean, want)
	}
}
