package folder

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data/datatest"
)

var options = Options{C: 1, H: 4, W: 4}

func TestClasses(t *testing.T) {
	dir := datatest.Tree(t, map[string]string{
		"dog/b.png":      datatest.PNG(20),
		"dog/a.PNG":      datatest.PNG(10),
		"cat/10.pgm":     "P2 1 1 255 30",
		"cat/notes.txt":  "seen",
		"cat/.hidden":    "unseen",
		".git/index.png": "unseen",
		"README.md":      "seen",
	})
	sets, err := Open(dir, options)
	if err != nil {
		t.Fatal(err)
	}
	want := "train[cat dog] 30=0 10=1 20=1"
	for range 2 { // from the files, then from memory
		if got := datatest.Describe(t, sets.Sets); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if got := sets.Train.Name(1); got != filepath.Join(dir, "dog", "a.PNG") {
		t.Errorf("name %s", got)
	}
	skipped := []string{filepath.Join(dir, "README.md"), filepath.Join(dir, "cat", "notes.txt")}
	if !slices.Equal(sets.Skipped, skipped) {
		t.Errorf("skipped %v", sets.Skipped)
	}
}

func TestSplits(t *testing.T) {
	dir := datatest.Tree(t, map[string]string{
		"Train/a/1.png": datatest.PNG(1), "Train/b/2.png": datatest.PNG(2), "Train/c/3.png": datatest.PNG(3),
		"valid/c/4.png": datatest.PNG(4), "valid/a/5.png": datatest.PNG(5),
		"test/b/6.png": datatest.PNG(6),
	})
	sets, err := Open(dir, options)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := datatest.Describe(t, sets.Sets), "train[a b c] 1=0 2=1 3=2 val[a b c] 5=0 4=2 test[a b c] 6=1"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestTrainAsClass has a class that happens to be called train.
func TestTrainAsClass(t *testing.T) {
	dir := datatest.Tree(t, map[string]string{"train/1.png": datatest.PNG(1), "bus/2.png": datatest.PNG(2)})
	sets, err := Open(dir, options)
	if err != nil {
		t.Fatal(err)
	}
	if got := datatest.Describe(t, sets.Sets); got != "train[bus train] 2=0 1=1" {
		t.Error(got)
	}
}

func TestLinks(t *testing.T) {
	dir := datatest.Tree(t, map[string]string{"a/1.png": datatest.PNG(1), "b/2.png": datatest.PNG(2)})
	other := datatest.Tree(t, map[string]string{"3.png": datatest.PNG(3)})
	if err := os.Symlink(other, filepath.Join(dir, "c")); err != nil {
		t.Skip("no links here:", err)
	}
	sets, err := Open(dir, options)
	if err != nil {
		t.Fatal(err)
	}
	if got := datatest.Describe(t, sets.Sets); got != "train[a b c] 1=0 2=1 3=2" {
		t.Error(got)
	}
}

func TestOpenErrors(t *testing.T) {
	one := datatest.PNG(1)
	for want, files := range map[string]map[string]string{
		"read DIR: images, but no sub-folders that say their classes, expected one for each class": {"1.png": one},
		"read DIR: no images, expected one sub-folder of images per class":                         {"notes.txt": ""},
		"read DIR: one class only (a), expected two or more":                                       {"a/1.png": one},
		"read DIR/b: no images, expected files that end in .png":                                   {"a/1.png": one, "b/readme.txt": ""},
		"read DIR/a/c: a folder in the folder of a class":                                          {"a/c/1.png": one, "b/1.png": one},
		"read DIR/train: images, but no sub-folders":                                               {"train/1.png": one, "test/1.png": one},
		"read DIR: both val and valid":                                                             {"train/a/1.png": one, "val/a/1.png": one, "valid/a/1.png": one},
		`read DIR/test/c: class "c" is not in the training set`:                                    {"train/a/1.png": one, "train/b/1.png": one, "test/c/1.png": one},
	} {
		dir := datatest.Tree(t, files)
		_, err := Open(dir, options)
		if err == nil || !strings.HasPrefix(strings.ReplaceAll(err.Error(), dir, "DIR"), want) {
			t.Errorf("error %v\nwant %s", err, want)
		}
	}
	if _, err := Open("none", options); err == nil || err.Error() != "read none: no such file or directory" {
		t.Errorf("error %v", err)
	}
	if _, err := Open("none", Options{C: 2, H: 1, W: 1}); err == nil || !strings.Contains(err.Error(), "expected 1 or 3") {
		t.Errorf("error %v", err)
	}
}

// hugePNG is a PNG header that claims 100,000 x 100,000 pixels.
func hugePNG() string {
	head := binary.BigEndian.AppendUint32([]byte("IHDR"), 100_000)
	head = binary.BigEndian.AppendUint32(head, 100_000)
	head = append(head, 8, 6, 0, 0, 0)
	b := append([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d"), head...)
	return string(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(head)))
}

func TestBadImages(t *testing.T) {
	for content, want := range map[string]string{
		"":                   "an empty file",
		"hello":              "not an image of a known format (PNG, JPEG",
		datatest.PNG(1)[:20]: "truncated or damaged",
		datatest.PNG(1)[:50]: "png: invalid format: not enough pixel data",
		hugePNG():            "image of 100000 x 100000 pixels, at most 100000000 are allowed",
		"P5 2 2 255 abc":     "pnm: truncated after 3 of 4 values",
	} {
		dir := datatest.Tree(t, map[string]string{"a/x.png": "", "b/y.png": ""})
		if err := os.WriteFile(filepath.Join(dir, "a", "x.png"), []byte(content), 0o666); err != nil {
			t.Fatal(err)
		}
		sets, err := Open(dir, options)
		if err != nil {
			t.Fatal(err)
		}
		_, err = sets.Train.Sample(0)
		if err == nil || !strings.HasPrefix(err.Error(), "read "+filepath.Join(dir, "a", "x.png")+": "+want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

func TestMaxPixels(t *testing.T) {
	dir := datatest.Tree(t, map[string]string{"a/x.png": datatest.PNG(1), "b/y.png": datatest.PNG(1)})
	opt := options
	opt.MaxPixels = 63
	sets, err := Open(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sets.Train.Sample(0); err == nil || !strings.Contains(err.Error(), "image of 8 x 8 pixels, at most 63") {
		t.Errorf("error %v", err)
	}
}

// TestContentDecides has files whose names lie, and one that must be turned.
func TestContentDecides(t *testing.T) {
	read := func(name string) string {
		b, err := os.ReadFile(filepath.Join("..", "testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	dir := datatest.Tree(t, map[string]string{"a/jpeg.png": read("420.jpg"), "b/png.JPG": read("rgb.png"), "b/turned.jpeg": read("turned-6.jpg"), "b/x.TIFF": read("lzw.tif")})
	sets, err := Open(dir, Options{C: 3, H: 8, W: 8, Resize: 20, Whole: true})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{"jpeg.png 20 27", "png.JPG 20 27", "turned.jpeg 27 20", "x.TIFF 20 27"} {
		s, err := sets.Train.Sample(i)
		if err != nil {
			t.Error(err)
			continue
		}
		if got := fmt.Sprint(filepath.Base(sets.Train.Name(i)), " ", s.Image.H, " ", s.Image.W); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
