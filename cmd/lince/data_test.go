package main

import (
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
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

	empty := filepath.Join(dir, "two")
	if err := os.Mkdir(empty, 0o777); err != nil {
		t.Fatal(err)
	}
	mustFail(t, 1, []string{"1 kind of error"}, "data", "check", dir)
	contains(t, "stats", mustRun(t, "data", "stats", dir), "two    0      0.00 %")
	mustFail(t, 1, []string{"read " + empty + ": no images"}, "data", "preview", dir)
	os.Remove(empty)

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
		contains(t, "preview", mustRun(t, append([]string{"data", "preview", "--out", path, "--n", "3"}, args...)...), ": 3 of 20,000 train images")
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

// TestDataOfBoxes checks, divides and converts images with boxes.
func TestDataOfBoxes(t *testing.T) {
	dir, parent := t.TempDir(), t.TempDir()
	photos := pictures(t)
	for i := range 8 {
		name := fmt.Sprintf("%02d", i)
		write(filepath.Join(dir, name+".png"), read(t, filepath.Join(photos, "one", name+".png")))
		write(filepath.Join(dir, name+".txt"), []byte("0 0.5 0.5 0.5 0.5\n1 0.5 0.5 0.1 0.2\n"))
	}
	write(filepath.Join(dir, "00.txt"), []byte("0 0.5 0.5 0.5 0.5\n1 0.5 0.5 nan 0.2\n"))
	code, out, err := command("data", "check", dir, "--distance", "-1")
	if code != 1 || !strings.Contains(err, "left out (1), such as") || !strings.Contains(err, "1 kind of error") {
		t.Errorf("exit code %d, %s", code, err)
	}
	contains(t, "check", out, "boxes    15, 1.9 for an image; 0 images have none", "error: Places that are no numbers, left out: 1", "00.txt, line 2: the box from (NaN, 11.2)")
	contains(t, "stats", mustRun(t, "data", "stats", dir), "sizes    all 28 x 28 pixels", "train  15     1 to 2, median 2  100.00 %  0.00 %  0.00 %  0",
		"class    train boxes  share    images\nclass 0  8            53.33 %  8\nclass 1  7            46.67 %  7\n")
	mustFail(t, 1, []string{"00.txt, line 2", "NaN, expected a number"}, "data", "stats", "yolo:"+dir+"?bad=refuse")
	from := dir
	for _, format := range []string{"voc", "coco", "labelme", "boxes", "yolo"} {
		to := filepath.Join(parent, format)
		mustRun(t, "data", "convert", from, format+":"+to)
		contains(t, format, mustRun(t, "data", "stats", to), "8 train images, 2 classes", "boxes    15")
		from = to // one after the other
	}
	_, _, err = command("data", "convert", "shapes?task=instances&train=2&val=1&test=0", "boxes:"+filepath.Join(parent, "without"))
	contains(t, "convert", err, "lince: boxes has no place for outlines (", "): they are lost")
	lists := filepath.Join(parent, "lists")
	mustRun(t, "data", "split", dir, lists, "--val", "0.25", "--test", "0")
	contains(t, "split", mustRun(t, "data", "stats", lists), "6 train, 2 val images", "boxes    15")
}

// TestDataOfMasks counts pixels, and shows many classes and few.
func TestDataOfMasks(t *testing.T) {
	contains(t, "stats", mustRun(t, "data", "stats", "shapes?task=segment&train=2&val=1&test=0"), "class       train pixels  images  val pixels  images\nbackground  ")
	contains(t, "stats", mustRun(t, "data", "stats", "shapes?train=2&val=1&test=0"), "class     train boxes  share    images  val boxes")
	dir := t.TempDir()
	m := image.NewGray(image.Rect(0, 0, 28, 28))
	copy(m.Pix, []byte{0, 1, 2, 255})
	write(made(filepath.Join(dir, "images", "a.png")), photo(28, 28))
	if err := plot.WritePNG(made(filepath.Join(dir, "masks", "a.png")), m); err != nil {
		t.Fatal(err)
	}
	var names strings.Builder
	for k := range 3 * maxLegend {
		fmt.Fprintf(&names, "class %d\n", k)
	}
	write(filepath.Join(dir, "classes.txt"), []byte(names.String()))
	contains(t, "stats", mustRun(t, "data", "stats", dir), "class 0      99.62 %       1\n", "class 3      0.00 %        0\n", "of no class  0.13 %\n")
	mustRun(t, "data", "preview", dir, "--out", filepath.Join(t.TempDir(), "grid.png"))
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

func TestShortName(t *testing.T) {
	dir := pictures(t)
	items := write(filepath.Join(dir, "items.csv"), []byte("item,label\nzero,0\none,1\n"))
	for name, want := range map[string]string{dir: "00.png", "csv:" + write(filepath.Join(dir, "list.csv"), []byte("zero/00.png,a\none/00.png,b\n")): "00.png", "items:" + items: "zero/00.png", digits(): "#0"} {
		sets, err := newConsole(io.Discard, io.Discard).openSets(name, previewed)
		if err != nil {
			t.Fatal(err)
		}
		if got := shortName(sets.Train, 0); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

func TestTablesHaveNoBlanksAtTheEnd(t *testing.T) {
	for _, args := range []string{"recipes", "models", "data get", "models pull", "eval " + trained(), "compare " + trained() + " " + trained(), "data stats " + digits(), "inspect " + trained()} {
		for line := range strings.Lines(mustRun(t, strings.Fields(args)...)) {
			if strings.HasSuffix(line, " \n") {
				t.Errorf("lince %s: %q", args, line)
			}
		}
	}
}
