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

// TestReadImportKeras uses weights of Keras's applications as those do.
func TestReadImportKeras(t *testing.T) {
	for _, c := range []struct {
		application, architecture, option string
		mean                              float32
		resize                            int
	}{
		{"ResNet", "resnet50", "true", 123.68 / 255, 256},
		{"DenseNet", "densenet121", "", 0.485, 256},
		{"MobileNetV2", "mobilenet_v2", "true", 0.5, 256},
		{"InceptionV3", "inception_v3", "true", 0.5, 342},
	} {
		path, values := elsewhere(t, "w.safetensors", c.architecture, models.Args{})
		var entries []format.Entry
		for name, v := range values {
			entries = append(entries, format.EntryOf(name, v))
		}
		if err := weights.Write(path, entries, map[string]string{kerasNote: c.application}); err != nil {
			t.Fatal(err)
		}
		m, assumed, err := ReadImport(path, Import{})
		if err != nil || m.Options["keras"] != c.option || m.Input.Mean[0] != c.mean || m.Input.Resize != c.resize || !strings.Contains(assumed, "mean [") {
			t.Errorf("%s: %+v, assumed %q, %v", c.application, m, assumed, err)
		}
		if c.application != "MobileNetV2" {
			continue
		}
		m, assumed, err = ReadImport(path, Import{Architecture: c.architecture, Options: map[string]string{"dropout": "0.3"}, Mean: []float32{0, 0, 0}, Std: []float32{1, 1, 1}})
		if err != nil || m.Options["keras"] != c.option || m.Options["dropout"] != "0.3" || m.Input.Mean[0] != 0 || strings.Contains(assumed, "mean [") {
			t.Errorf("%s with settings: %+v, assumed %q, %v", c.application, m, assumed, err)
		}
	}
}

// TestUsageOf has a file that is none of the published ones, and says of one of these what torchvision does.
func TestUsageOf(t *testing.T) {
	path, _ := elsewhere(t, "googlenet-1378be20.pth", "googlenet", models.Args{})
	f, err := weights.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if u, err := UsageOf(f, "googlenet"); err != nil || u.Mean != nil || u.Options != nil {
		t.Errorf("%+v, error %v", u, err)
	}
	p, ok := models.PublishedAs("1378be20" + strings.Repeat("0", 56))
	if u := usageOf(p); !ok || p.Model != "googlenet" || u.Options["transform-input"] != "true" || !slices.Equal(u.Mean, []float32{0.485, 0.456, 0.406}) {
		t.Errorf("%+v", p)
	}
}

// TestReadImportSize uses weights of a detector with images of another size.
func TestReadImportSize(t *testing.T) {
	path, _ := elsewhere(t, "w.safetensors", "retinanet_resnet50_fpn", models.Args{Options: map[string]string{"width": "0.05"}})
	im := Import{Architecture: "retinanet_resnet50_fpn", Options: map[string]string{"width": "0.05"}, Height: 96, Width: 160}
	m, _, err := ReadImport(path, im)
	if err != nil {
		t.Fatal(err)
	}
	if m.Input.Height != 96 || m.Input.Width != 160 || m.Input.Resize != 0 || m.Task != "detect" {
		t.Errorf("%+v", m.Input)
	}
	im.Height = 1 << 20
	if _, _, err := ReadImport(path, im); err == nil || !strings.Contains(err.Error(), "sides of 1 to 16384 expected") {
		t.Errorf("error %v", err)
	}
}
