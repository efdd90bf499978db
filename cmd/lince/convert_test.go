package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince/weights"
)

const checkpoint = "../../format/torch/testdata/checkpoint.pth" // a PyTorch checkpoint of a tiny network

func TestConvert(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	chain := []string{checkpoint, path("a.safetensors"), path("b.npz"), path("c.pth"), path("d.safetensors")}
	for i, in := range chain[:len(chain)-1] {
		out := mustRun(t, "convert", in, chain[i+1])
		if !strings.HasPrefix(out, chain[i+1]+": 7 tensors, 72 B, from "+in) {
			t.Errorf("printed %q", out)
		}
	}
	for _, name := range []string{checkpoint, path("d.safetensors")} {
		f, err := weights.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		tensors, err := f.Load()
		if err != nil || len(tensors) != 6 || tensors["0.bias"] == nil || tensors["0.bias"].F32()[1] != 2 {
			t.Errorf("%s: %v, %v", name, tensors, err)
		}
		f.Close()
	}

	half := path("half.safetensors")
	mustRun(t, "convert", checkpoint, half, "--dtype", "f16")
	var info weightsInfo
	if err := json.Unmarshal([]byte(mustRun(t, "inspect", half, "--json")), &info); err != nil {
		t.Fatal(err)
	}
	types := map[string]int{}
	for _, e := range info.Tensors {
		types[e.DType]++
	}
	if types["f16"] != 6 || types["i64"] != 1 || info.Metadata["epoch"] != "12" {
		t.Errorf("types %v, metadata %v", types, info.Metadata)
	}
}

// A model whose weights were made smaller is a model still.
func TestConvertModel(t *testing.T) {
	small := filepath.Join(t.TempDir(), "small.safetensors")
	mustRun(t, "convert", filepath.Join(trained(), "best.safetensors"), small, "--dtype", "bf16")
	if out := mustRun(t, "predict", small, "testdata/drawings/pen-1.png"); !strings.Contains(out, "pen-1.png") {
		t.Errorf("printed %q", out)
	}
}

func TestBadConvert(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "x.safetensors")
	mustFail(t, 2, []string{"OUT is missing"}, "convert", checkpoint)
	mustFail(t, 2, []string{`unknown type "f61": did you mean "f16"`}, "convert", checkpoint, out, "--dtype", "f61")
	mustFail(t, 2, []string{"expected a name that ends in .onnx"}, "convert", checkpoint, out, "--pixels")
	mustFail(t, 2, []string{"--dtype: the weights of ONNX models are float32"}, "convert", checkpoint, filepath.Join(dir, "x.onnx"), "--dtype", "f16")
	mustFail(t, 1, []string{"checkpoint.pth"}, "convert", checkpoint, filepath.Join(dir, "x.onnx"))
	mustFail(t, 1, []string{"x.h5", "expected one of .safetensors .pth"}, "convert", checkpoint, filepath.Join(dir, "x.h5"))
	mustFail(t, 1, []string{"x.npy", "holds one: expected .npz"}, "convert", checkpoint, filepath.Join(dir, "x.npy"))
	mustFail(t, 1, []string{"x.npz", "numpy has no element type for bf16"}, "convert", checkpoint, filepath.Join(dir, "x.npz"), "--dtype", "bf16")
	mustFail(t, 1, []string{"malicious.pth", `asks for the global "posix.system", which is refused`}, "convert", "../../format/torch/testdata/malicious.pth", out)
	mustFail(t, 1, []string{"nowhere.pth", "no such file"}, "convert", "nowhere.pth", out)
	mustFail(t, 1, []string{"page.pth", "HTML page"}, "convert", write(filepath.Join(dir, "page.pth"), []byte("<!DOCTYPE html>")), out)
}

func TestInspectWeights(t *testing.T) {
	out := mustRun(t, "inspect", checkpoint)
	for _, want := range []string{"in the format of PyTorch", "epoch: 12", "torch.key: state_dict", "none of lince's models", "module.0.weight", "2x3", "scalar", "total of 7"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	mustFail(t, 1, []string{"without a description of the network"}, "inspect", checkpoint, "--graph")
	mustFail(t, 1, []string{"without a description of the network"}, "inspect", checkpoint, "--program")

	// The weights of a model alone, which say which model it is.
	alone := filepath.Join(t.TempDir(), "alone.pth")
	mustRun(t, "convert", filepath.Join(trained(), "best.safetensors"), alone)
	var info weightsInfo
	if err := json.Unmarshal([]byte(mustRun(t, "inspect", alone, "--json")), &info); err != nil {
		t.Fatal(err)
	}
	if g := info.Model; g == nil || g.Name != "lenet5" || g.Classes != 10 || g.Channels != 1 || len(g.Missing)+len(g.Unexpected)+len(g.OtherShape) > 0 {
		t.Errorf("model %+v", info.Model)
	}
	if out := mustRun(t, "inspect", alone); !strings.Contains(out, "the model lenet5 for 10 classes and 1 channels: all names and shapes") {
		t.Errorf("printed %s", out)
	}
}
