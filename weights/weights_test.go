package weights

import (
	"archive/zip"
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/format/formattest"
	"github.com/lince-ml/lince/models"
	"github.com/lince-ml/lince/nn"
	"github.com/lince-ml/lince/tensor"
)

// open opens a file until the end of the test.
func open(t *testing.T, path string) *File {
	t.Helper()
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	})
	return f
}

// file writes content to a new file, whose name says nothing.
func file(t testing.TB, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "weights")
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestOpenKnowsFormats(t *testing.T) {
	for path, want := range map[string]string{
		"safetensors/testdata/foreign.safetensors": "safetensors layer.u64",
		"torch/testdata/types.pth":                 "PyTorch layer.f64",
		"torch/testdata/types-legacy.pth":          "PyTorch layer.f64",
		"torch/testdata/protocol4-legacy.pth":      "PyTorch layer.f32",
		"torch/testdata/checkpoint.pth":            "PyTorch module.0.weight",
		"npy/testdata/types.npz":                   "npz layer.f64",
		"npy/testdata/compressed.npz":              "npz layer.f64",
		"npy/testdata/version1.npy":                "npy weights",
		"keras/testdata/small.h5":                  "Keras batch_normalization/beta",
		"keras/testdata/small.keras":               "Keras batch_normalization/gamma",
		"keras/testdata/small.weights.h5":          "Keras batch_normalization/gamma",
	} {
		content, err := os.ReadFile(filepath.Join("..", "format", path))
		if err != nil {
			t.Fatal(err)
		}
		f := open(t, file(t, content))
		if got := f.Format + " " + f.Entries[0].Name; got != want {
			t.Errorf("%s: %s, want %s", path, got, want)
		}
		if err := formattest.ReadAll(f.Entries); err != nil {
			t.Error(err)
		}
	}
}

// archiveOf returns a zip archive.
func archiveOf(names ...string) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		z.Create(name)
	}
	z.Close()
	return b.Bytes()
}

func TestOpenSaysWhatItFound(t *testing.T) {
	tar := make([]byte, 512)
	copy(tar[257:], "ustar")
	for want, content := range map[string][]byte{
		"the file is empty; expected weights: safetensors, PyTorch (.pth": nil,
		"this is an HTML page: was the download redirected":               []byte("\n <!DOCTYPE HTML>\n<html>"),
		"this is an XML text":                         []byte("<?xml version='1.0'?><Error>"),
		"this is a pointer of Git LFS":                []byte("version https://git-lfs.github.com/spec/v1\noid"),
		"this is a JSON text":                         []byte(`{"weight_map": {}}`),
		"this is compressed by gzip":                  []byte("\x1f\x8b\x08"),
		"this is compressed by xz":                    []byte("\xfd7zXZ\x00"),
		"this is a tar archive":                       tar,
		"this is a GGUF file":                         []byte("GGUF\x03"),
		"this is a TensorFlow Lite model":             []byte("\x1c\x00\x00\x00TFL3"),
		"this looks like an ONNX model":               []byte("\x08\x08\x12\x07pytorch"),
		"this is an image":                            []byte("\x89PNG\r\n"),
		"this is text that begins with \"Not Found\"": []byte("Not Found\nsorry"),
		"this is of no kind known here: it begins with the bytes de ad be ef":              []byte("\xde\xad\xbe\xef"),
		"the beginning of a zip archive (PyTorch, numpy, Keras) without its end":           []byte("PK\x03\x04\x00\x00"),
		`a zip archive of 4 files ("a", "b", "c"), expected weights of PyTorch (data.pkl)`: archiveOf("a", "b", "c", "d"),
		"a pickle, but not of PyTorch":                                                     []byte("\x80\x02K\x01."),
		"truncated: header of 5 bytes":                                                     []byte("\x05\x00\x00\x00\x00\x00\x00\x00{}"),
		"no kind known here":                                                               []byte("\x93NUMPX"),
	} {
		path := file(t, content)
		f, err := Open(path)
		if err == nil {
			f.Close()
		}
		if err == nil || !strings.HasPrefix(err.Error(), "read "+path+": ") || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v\nwant %s", err, want)
		}
	}
	dir := t.TempDir()
	for path, want := range map[string]string{dir: "a folder", filepath.Join(dir, "none"): "no such file"} {
		if _, err := Open(path); err == nil || !strings.HasPrefix(err.Error(), "read "+path+": "+want) {
			t.Errorf("error %v", err)
		}
	}
}

func TestErrorsOfTensorsNameTheFile(t *testing.T) {
	content, err := os.ReadFile("../format/torch/testdata/types.pth")
	if err != nil {
		t.Fatal(err)
	}
	i := bytes.Index(content, []byte("\x00\x00\xc8\x42"))
	content[i] = 1
	path := file(t, content)
	if err := formattest.ReadAll(open(t, path).Entries); err == nil || !strings.HasPrefix(err.Error(), "read "+path+`: tensor "layer.f32": checksum`) {
		t.Errorf("error %v", err)
	}
}

func TestWrite(t *testing.T) {
	types := []tensor.DType{tensor.F32, tensor.F64, tensor.I32, tensor.Bool}
	want := formattest.Sample(types...)
	dir := t.TempDir()
	for _, suffix := range []string{".safetensors", ".pth", ".pt", ".th", ".bin", ".npz", ".NPZ"} {
		path := filepath.Join(dir, "x"+suffix)
		if err := Write(path, want, map[string]string{"k": "v"}); err != nil {
			t.Fatal(err)
		}
		f := open(t, path)
		formattest.Equal(t, f.Entries, want)
		if (f.Metadata["k"] == "v") != (suffix == ".safetensors") {
			t.Errorf("%s: metadata %v", suffix, f.Metadata)
		}
	}
	if err := Write(filepath.Join(dir, "layer.f32.npy"), want[:1], nil); err != nil {
		t.Fatal(err)
	}
	formattest.Equal(t, open(t, filepath.Join(dir, "layer.f32.npy")).Entries, want[:1])
	for name, message := range map[string]string{
		"x.npy": "6 tensors, a .npy file holds one: expected .npz",
		"x.h5":  `format ".h5", expected one of .safetensors .pth .pt .th .bin .npz .npy`,
		"x":     `format "", expected one of`,
	} {
		path := filepath.Join(dir, name)
		if err := Write(path, want, nil); err == nil || !strings.HasPrefix(err.Error(), "write "+path+": "+message) {
			t.Errorf("error %v", err)
		}
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s was written", path)
		}
	}
}

func TestFloats(t *testing.T) {
	e := []format.Entry{
		format.EntryOf("a", tensor.Of(tensor.ShapeOf(2), 1e10, -1.5)), format.EntryOf("b", tensor.Of(tensor.ShapeOf(1), int64(7))),
		format.EntryOf("c", tensor.Of(tensor.ShapeOf(1), float32(3)))}
	out := Floats(e, tensor.F32)
	if a := formattest.Read(t, out[0]); a.F32()[1] != -1.5 || out[1].DType != tensor.I64 || formattest.Read(t, out[2]) != formattest.Read(t, e[2]) {
		t.Errorf("%v %v %v", a, out[1], out[2])
	}
	if _, err := Floats(e, tensor.F16)[0].Read(); err == nil || err.Error() != `tensor "a": element 0 is beyond the largest number of f16` {
		t.Errorf("error %v", err)
	}
}

// entriesOf returns variables of the given names, of one element each.
func entriesOf(names ...string) []format.Entry {
	var entries []format.Entry
	for _, n := range names {
		entries = append(entries, format.EntryOf(n, tensor.New(tensor.F32, tensor.ShapeOf(1))))
	}
	return entries
}

func TestVariables(t *testing.T) {
	for _, c := range []struct{ file, want []string }{
		{[]string{"fc.weight"}, []string{"fc.weight"}},
		{[]string{"module.fc.weight", "module.fc.bias"}, []string{"fc.weight", "fc.bias"}},
		{[]string{"module.fc.weight", "fc.bias"}, []string{"module.fc.weight", "fc.bias"}},
		{[]string{"module._orig_mod.fc.weight"}, []string{"fc.weight"}},
		{[]string{"bn.weight", "bn.num_batches_tracked"}, []string{"bn.weight"}},
		{[]string{"features.denseblock1.denselayer16.norm.1.running_mean", "features.denseblock1.denselayer16.conv.2.weight"},
			[]string{"features.denseblock1.denselayer16.norm1.running_mean", "features.denseblock1.denselayer16.conv2.weight"}},
		{[]string{"backbone.fpn.inner_blocks.0.weight", "head.classification_head.conv.6.bias", "head.regression_head.bbox_reg.bias"},
			[]string{"backbone.fpn.inner_blocks.0.0.weight", "head.classification_head.conv.3.0.bias", "head.regression_head.bbox_reg.bias"}},
		{[]string{"rpn.head.conv.weight", "roi_heads.mask_head.mask_fcn1.weight", "roi_heads.mask_head.mask_fcn4.bias"},
			[]string{"rpn.head.conv.0.0.weight", "roi_heads.mask_head.0.0.weight", "roi_heads.mask_head.3.0.bias"}},
		{[]string{"backbone.fpn.layer_blocks.2.0.weight", "head.classification_head.conv.3.0.bias"},
			[]string{"backbone.fpn.layer_blocks.2.0.weight", "head.classification_head.conv.3.0.bias"}},
		{[]string{"head.classification_head.conv.1.weight", "head.classification_head.conv.6.bias"},
			[]string{"head.classification_head.conv.1.weight", "head.classification_head.conv.6.bias"}},
		{nil, nil},
	} {
		var got []string
		for _, e := range (&File{Entries: entriesOf(c.file...)}).Variables() {
			got = append(got, e.Name)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.file, got, c.want)
		}
	}
}

func TestLoad(t *testing.T) {
	half, err := tensor.Convert(tensor.Of(tensor.ShapeOf(2), float32(1.5), -2), tensor.F16)
	if err != nil {
		t.Fatal(err)
	}
	f := &File{Path: "x", Entries: []format.Entry{format.EntryOf("module.w", half)}}
	tensors, err := f.Load()
	if err != nil || len(tensors) != 1 || tensors["w"].F32()[0] != 1.5 || tensors["w"].F32()[1] != -2 {
		t.Errorf("%v, %v", tensors, err)
	}
	f.Entries = entriesOf("a.denselayer1.norm1.weight", "a.denselayer1.norm.1.weight")
	if _, err := f.Load(); err == nil || err.Error() != `read x: two tensors for "a.denselayer1.norm1.weight"` {
		t.Errorf("error %v", err)
	}
}

// weightsOf returns the variables of a network, zeros, as a DataParallel would save them.
func weightsOf(t *testing.T, model string, a models.Args) []format.Entry {
	t.Helper()
	spec, err := models.Lookup(model)
	if err != nil {
		t.Fatal(err)
	}
	vars, err := variablesOf(spec, a)
	if err != nil {
		t.Fatal(err)
	}
	var entries []format.Entry
	for _, v := range vars {
		entries = append(entries, announced("module."+v.Name, v))
	}
	return entries
}

// announced is an entry that cannot be read: a guess needs no data.
func announced(name string, v nn.Variable) format.Entry {
	return format.Entry{Name: name, DType: tensor.F32, Shape: v.Node.Shape()}
}

func TestGuess(t *testing.T) {
	for _, model := range []string{"lenet5", "resnet18", "resnet50", "resnet20-cifar", "resnet56-cifar", "densenet121", "googlenet", "inception_v3"} {
		for _, a := range []models.Args{{}, {Classes: 7}, {Channels: 1}} {
			g, err := (&File{Entries: weightsOf(t, model, a)}).Guess()
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case g == nil || g.Spec.Name != model:
				t.Errorf("%s: guessed %v", model, g)
			case a.Classes > 0 && g.Args.Classes != a.Classes || a.Channels > 0 && g.Args.Channels != a.Channels:
				t.Errorf("%s: arguments %v, want %v", model, g.Args, a)
			case len(g.Missing)+len(g.Unexpected)+len(g.OtherShape) > 0:
				t.Errorf("%s: missing %v, unexpected %v, of another shape %v", model, g.Missing, g.Unexpected, g.OtherShape)
			}
		}
	}
	if g, err := (&File{Entries: entriesOf("a", "b")}).Guess(); g != nil || err != nil {
		t.Errorf("guessed %v, %v", g, err)
	}
}

func TestGuessListsWhatDiffers(t *testing.T) {
	entries := weightsOf(t, "resnet18", models.Args{})
	entries[0].Shape = tensor.ShapeOf(64, 3, 3, 3)
	entries[1].Name = "module.other"
	g, err := (&File{Entries: entries}).Guess()
	if err != nil || g == nil || g.Spec.Name != "resnet18" {
		t.Fatalf("guessed %v, %v", g, err)
	}
	if !slices.Equal(g.Missing, []string{"bn1.weight"}) || !slices.Equal(g.Unexpected, []string{"other"}) ||
		!slices.Equal(g.OtherShape, []string{"conv1.weight is f32[64 3 3 3], the model has f32[64 3 7 7]"}) {
		t.Errorf("missing %q, unexpected %q, of another shape %q", g.Missing, g.Unexpected, g.OtherShape)
	}
}

func FuzzDescribe(f *testing.F) {
	f.Add([]byte("\ufeff <html>"))
	f.Add([]byte("\x08\x08\x12"))
	f.Fuzz(func(t *testing.T, start []byte) {
		if describe(start) == "" {
			t.Error("says nothing")
		}
	})
}
