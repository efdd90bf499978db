package main

import (
	"encoding/json"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data/mnist"
	"github.com/lince-ml/lince/plot"
)

// pictures is a folder of 40 digits as PNG files, 20 zeros and 20 ones, of which two are the same.
func pictures(t *testing.T) string {
	t.Helper()
	learn, _, err := mnist.Open()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var n [2]int
	for i := 0; n[0]+n[1] < 40; i++ {
		s, err := learn.Sample(i)
		if err != nil {
			t.Fatal(err)
		}
		if s.Label > 1 || n[s.Label] == 20 {
			continue
		}
		path := filepath.Join(dir, []string{"zero", "one"}[s.Label], fmt.Sprintf("%02d.png", n[s.Label]))
		n[s.Label]++
		if err := plot.WritePNG(made(path), plot.Picture(s.Image)); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(dir, "zero", "again.png"), read(t, filepath.Join(dir, "zero", "00.png")))
	return dir
}

// made makes the folder for the file at path.
func made(path string) string {
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		panic(err)
	}
	return path
}

func contains(t *testing.T, what, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s: %q is not in\n%s", what, w, text)
		}
	}
}

func TestDataCheck(t *testing.T) {
	dir := pictures(t)
	page := filepath.Join(t.TempDir(), "report.html")
	out := mustRun(t, "data", "check", dir, "--html", page)
	contains(t, "check", out, "41 train images, 2 classes", "28 x 28", "warning: The same picture more than once: 1", "00.png (train, zero) = ", page+": the report")
	contains(t, "page", string(read(t, page)), "data:image/png;base64,")
	mustFail(t, 1, []string{"1 kind of warning, and --strict"}, "data", "check", dir, "--distance", "-1", "--strict")

	write(filepath.Join(dir, "one", "broken.png"), []byte("no picture"))
	contains(t, "stats", mustRun(t, "data", "stats", dir), "unread   1 images cannot be read")
	code, out, err := command("data", "check", dir, "--json")
	var report struct {
		Images   int
		Findings []struct {
			Kind, Severity string
			Groups         [][]struct{ Name, Detail string }
		}
	}
	if code != 1 || !strings.Contains(err, "1 kind of error") {
		t.Errorf("exit code %d, %s", code, err)
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatal(err)
	}
	if f := report.Findings[0]; report.Images != 42 || f.Kind != "unreadable" || !strings.Contains(f.Groups[0][0].Detail, "not an image") {
		t.Errorf("%+v", report)
	}
}

func TestDataStats(t *testing.T) {
	out := mustRun(t, "data", "stats", digits())
	contains(t, "stats", out, "640 train, 100 test images, 10 classes", "28 x 28", "class  train  share", "mean")
	contains(t, "stats", mustRun(t, "data", "stats", digits(), "--json"), `"images": 740`, `"findings": []`)
}

func TestDataPreview(t *testing.T) {
	path := filepath.Join(t.TempDir(), "grid.png")
	contains(t, "preview", mustRun(t, "data", "preview", pictures(t), "--out", path, "--n", "10"), "10 of 41 train images, 2 classes")
	for _, augment := range []string{"resized_crop,flip", "crop:pad=4,trivialaugment", "none"} {
		mustRun(t, "data", "preview", digits(), "--out", path, "--n", "10", "--augment", augment)
	}
	for _, args := range [][]string{{"shapes"}, {"shapes?task=segment"}, {"shapes?task=localize", "--augment", "iou_crop"}, {"shapes", "--augment", "mosaic,copy_paste,letterbox"}} {
		contains(t, "preview", mustRun(t, append([]string{"data", "preview", "--out", path, "--n", "3"}, args...)...), ": 3 of 5,000 train images")
	}
	mustFail(t, 1, []string{"mosaic of images with labels, expected boxes"}, "data", "preview", digits(), "--augment", "mosaic", "--out", path)
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if m, err := png.Decode(f); err != nil || m.Bounds().Dx() < 500 {
		t.Errorf("%v", err)
	}
	mustFail(t, 1, []string{"no val set"}, "data", "preview", digits(), "--set", "val", "--out", path)
}

// TestDataSplit divides, and trains with what comes of it.
func TestDataSplit(t *testing.T) {
	dir, parent := pictures(t), t.TempDir()
	lists := filepath.Join(parent, "lists")
	contains(t, "split", mustRun(t, "data", "split", dir, lists, "--val", "0.25", "--test", "0.25"), "train  21 images", "val    10 images", "test   10 images")
	contains(t, "train.csv", string(read(t, filepath.Join(lists, "train.csv"))), "path,label\n", "/one/", ",zero\n")
	contains(t, "lists", mustRun(t, "data", "stats", lists), "21 train, 10 val, 10 test images, 2 classes")
	mustRun(t, "train", lists, "--epochs", "1", "--batch", "8", "--out", filepath.Join(parent, "run"))
	for _, how := range []string{"--copy", "--link"} {
		out := filepath.Join(parent, how)
		mustRun(t, "data", "split", dir, out, how, "--folds", "4", "--fold", "1", "--test", "0")
		contains(t, how, mustRun(t, "data", "stats", out), "31 train, 10 val images")
	}
	mustFail(t, 1, []string{lists, "not empty"}, "data", "split", dir, lists)
	mustFail(t, 1, []string{"no file of its own"}, "data", "split", digits(), filepath.Join(parent, "none"))
}

func TestDataConvert(t *testing.T) {
	parent := t.TempDir()
	from := digits()
	for _, format := range []string{"folder", "wds", "csv", "cifar", "idx"} {
		to := format + ":" + filepath.Join(parent, format)
		mustRun(t, "data", "convert", from, to)
		contains(t, format, mustRun(t, "data", "stats", to), "640 train, 100 test images, 10 classes")
		if format != "cifar" {
			from = to // one after the other
		}
	}
	first := strings.TrimPrefix(digits(), "digits:")
	for _, name := range []string{"t10k-images-idx3-ubyte", "train-labels-idx1-ubyte"} {
		if got, want := len(read(t, filepath.Join(parent, "idx", name))), len(read(t, filepath.Join(first, name))); got != want {
			t.Errorf("%s: %d bytes, want %d", name, got, want)
		}
	}
}

func TestDataGet(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	contains(t, "get", mustRun(t, "data", "get"), "built in", "fashion-mnist", "MIT", "cifar100")
	contains(t, "get mnist", mustRun(t, "data", "get", "mnist"), "mnist is built in")
	mustFail(t, 1, []string{"cifar10 is not here yet", "data get cifar10"}, "train", "cifar10")
}

func TestQuoted(t *testing.T) {
	for name, want := range map[string]string{"photos/": "photos/", "csv:a?b=c": "'csv:a?b=c'", "it's": `'it'\''s'`} {
		if got := quoted(name); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
