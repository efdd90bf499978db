package main

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/format/onnx"
	"github.com/lince-ml/lince/modelfile"
	"github.com/lince-ml/lince/weights"
)

// TestPull downloads from a server of its own. What it serves is not what was published, so all but the digest goes well.
func TestPull(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write([]byte("no weights")) }))
	defer s.Close()
	dir := t.TempDir()
	code, _, err := command("models", "pull", "squeezenet1_1", "--to", dir, "--mirror", s.URL+"/")
	if code != 1 || !strings.Contains(err, s.URL+"/squeezenet1_1-b8a52dc0.pth: its content has the SHA-256") {
		t.Errorf("exit code %d: %s", code, err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	mustFail(t, 2, []string{`did you mean "resnet18"`}, "models", "pull", "resnt18")
	if list := mustRun(t, "models", "pull"); !strings.Contains(list, "resnet50-11ad3fa6.pth") {
		t.Errorf("the list is %s", list)
	}
}

func TestImportErrors(t *testing.T) {
	t.Setenv("HOME", t.TempDir())
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	page := filepath.Join(t.TempDir(), "w.pth")
	write(page, []byte("<!DOCTYPE html><html>sign in</html>"))
	mustFail(t, 1, []string{"resnet50", "models pull resnet50"}, "predict", "resnet50", "x.png")
	mustFail(t, 1, []string{page, "HTML"}, "eval", page, digits())
	mustFail(t, 2, []string{"--mean", "both"}, "eval", page, digits(), "--mean", "0.5")
	mustFail(t, 2, []string{"--std", "numbers"}, "eval", page, digits(), "--mean", "0.5", "--std", "a,b")
}

// TestImageSize shows pictures to a network that takes any size in one that is not its own.
func TestImageSize(t *testing.T) {
	m := &modelfile.Model{
		Task: "segment", Architecture: "lince-seg", Options: map[string]string{"width": "0.25"}, Classes: []string{"one", "two"}, Input: modelfile.Input{Height: 64, Width: 64},
	}
	untrained(t, m)
	var list []format.Entry
	for _, name := range slices.Sorted(maps.Keys(m.Weights)) {
		list = append(list, format.EntryOf(name, m.Weights[name]))
	}
	path, out := filepath.Join(t.TempDir(), "w.npz"), filepath.Join(t.TempDir(), "w.onnx")
	if err := weights.Write(path, list, nil); err != nil {
		t.Fatal(err)
	}
	flags := []string{"--model", "lince-seg:width=0.25", "--image-size", "32x48"}
	mustRun(t, append([]string{"predict", path, "../../testdata/seven.png"}, flags...)...)
	mustRun(t, append([]string{"convert", path, out}, flags...)...)
	got, err := onnx.Read(out)
	if err != nil {
		t.Fatal(err)
	}
	if s := got.Inputs[0].String(); s != "float32[N 3 32 48]" {
		t.Errorf("input %s", s)
	}
	mustFail(t, 2, []string{"says itself what it is", "--image-size"}, "predict", trained(), "../../testdata/seven.png", "--image-size", "64")
}
