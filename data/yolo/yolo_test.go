package yolo

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data/annotation"
	"github.com/lince-ml/lince/data/annotation/annotationtest"
)

const lines = "0 0.5 0.5 0.2 0.4\n\n1 0.1 0.1 0.3 0.1 0.3 0.5\n"

const found = " a.png 0:8,3,12,7 1:2,1,6,5 (6 pixels) b.png\n"

// TestOpen reads the layouts that there are.
func TestOpen(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		path  string
		want  string
	}{
		"ultralytics": {map[string]string{"data.yaml": "path: ../datasets/x\ntrain: images/train\nval: images/val\ntest: # none\nnames:\n  0: cat\n  1: dog\n",
			"images/train/a.png": "", "labels/train/a.txt": lines, "images/train/b.png": "", "images/val/c.png": "", "labels/val/c.txt": "0 0.5 0.5 1 1\n"}, "",
			"train [\"cat\" \"dog\"]" + found + "val [\"cat\" \"dog\"] c.png 0:0,0,20,10\n"},
		"Roboflow": {map[string]string{"data.yaml": "train: ../train/images\nval: ../valid/images\ntest: ../test/images\nnc: 2\nnames: ['cat', 'dog']\n",
			"train/images/a.png": "", "train/labels/a.txt": lines, "train/images/b.png": "", "valid/images/c.png": ""}, "data.yaml",
			"train [\"cat\" \"dog\"]" + found + "val [\"cat\" \"dog\"] c.png\n"},
		"lists": {map[string]string{"data.yaml": "train: [train.txt]\nnames: [cat, dog]\n", "train.txt": "./images/a.png\nimages/b.png\n", "images/a.png": "", "images/b.png": "", "labels/a.txt": lines}, "",
			"train [\"cat\" \"dog\"]" + found},
		"folders": {map[string]string{"images/train/a.png": "", "labels/train/a.txt": lines, "images/train/b.png": "", "classes.txt": "cat\ndog\n"}, "", "train [\"cat\" \"dog\"]" + found},
		"parts":   {map[string]string{"train/images/a.png": "", "train/labels/a.txt": lines, "train/images/b.png": ""}, "", "train [\"class 0\" \"class 1\"]" + found},
		"flat":    {map[string]string{"images/a.png": "", "labels/a.txt": lines, "images/b.png": "", "labels/classes.txt": "cat\ndog\n"}, "", "train [\"cat\" \"dog\"]" + found},
		"beside":  {map[string]string{"a.png": "", "a.txt": lines, "b.png": "", "obj.names": "cat\ndog\n"}, "", "train [\"cat\" \"dog\"]" + found},
	} {
		dir := annotationtest.Tree(t, c.files)
		sets, err := Open(filepath.Join(dir, c.path), annotation.Options{Images: annotationtest.Images})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := annotationtest.Describe(t, dir, sets); got != c.want {
			t.Errorf("%s:\ngot\n%swant\n%s", name, got, c.want)
		}
		if !Is(dir) {
			t.Errorf("%s: not recognised", name)
		}
	}
	if Is(annotationtest.Tree(t, map[string]string{"images/a.png": "", "labels/a.txt": "a caption of five words"})) {
		t.Error("captions are recognised")
	}
}

// TestFaults has lines that are wrong in each way.
func TestFaults(t *testing.T) {
	for line, want := range map[string]string{
		"0 0.5 0.5 0.1":         "4 numbers, expected a class and a box of four, or a class and the corners of a polygon",
		"0 0.5 0.5 0.1 0.1 0.9": "6 numbers, expected a class and a box of four, or a class and the corners of a polygon",
		"x 0.5 0.5 0.1 0.1":     "the class \"x\", expected a whole number from 0 on",
		"-1 0.5 0.5 0.1 0.1":    "the class \"-1\", expected a whole number from 0 on",
		"1e99 0.5 0.5 0.1 0.1":  "the class \"1e99\", expected a whole number from 0 on",
		"2 0.5 0.5 0.1 0.2":     "the class 2 has no name, there are 2",
		"0 0.5 0.5 0.1 y":       "\"y\", expected a number",
		"0 0.5 nan 0.1 0.1":     "the box from (9, NaN) to (11, NaN): NaN, expected a number",
		"0 0.5 0.5 -0.1 0.2":    "the box from (11, 4) to (9, 6) has -2 x 2 pixels, expected more than a point",
		"0 100 200 50 40":       "the box from (1500, 1800) to (2500, 2200) is outside of the image of 20 x 10; places are shares of the image's sides in this format, not pixels",
		"0 nan 0 0 1 1 1":       "the box from (NaN, 0) to (NaN, 10): NaN, expected a number",
	} {
		dir := annotationtest.Tree(t, map[string]string{"a.png": "", "a.txt": lines + line + "\n", "classes.txt": "cat\ndog\n"})
		sets, err := Open(dir, annotation.Options{Images: annotationtest.Images})
		if err != nil {
			t.Errorf("%s: %v", line, err)
			continue
		}
		_, got, _ := strings.Cut(annotationtest.Describe(t, dir, sets), "\n")
		if want := "- DIR/a.txt, line 4: " + want + " (left out)\n"; got != want {
			t.Errorf("got  %swant %s", got, want)
		}
	}
}

func TestErrors(t *testing.T) {
	for content, want := range map[string]string{
		"train: none\nnames: [a]\n":      "read DIR/data.yaml: train: none is not there",
		"names: {0: a, 2: b}\n":          "read DIR/data.yaml: line 1: no name for the class 1 of 2",
		"names: [a, [b]]\n":              "read DIR/data.yaml: unmarshal errors:   line 1: cannot unmarshal !!seq into string",
		"\tnames":                        "read DIR/data.yaml: found character that cannot start any token",
		"names: [a]\n":                   "read DIR: no images, expected data.yaml, or folders images and labels",
		"names: [a]\ntrain: data.yaml\n": "read DIR/data.yaml: \"names: [a]\" is no image by name",
	} {
		dir := annotationtest.Tree(t, map[string]string{"data.yaml": content})
		_, err := Open(dir, annotation.Options{Images: annotationtest.Images})
		if got := annotationtest.Failure(dir, err); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if _, err := Open("none", annotation.Options{}); err == nil || err.Error() != "read none: no such file or folder" {
		t.Error(err)
	}
}

// FuzzParse reads any bytes as lines.
func FuzzParse(f *testing.F) {
	f.Add([]byte(lines))
	f.Add([]byte("65535 1 1 1 1\n0 nan inf -inf 1"))
	f.Fuzz(func(t *testing.T, content []byte) {
		s := &annotation.Set{}
		it := &annotation.Item{}
		parse(s, it, content)
		for _, thing := range it.Things {
			if thing.Class < 0 || thing.Class > maxClass || thing.Line < 1 {
				t.Errorf("%+v", thing)
			}
		}
	})
}

// FuzzYAML reads any bytes as a description.
func FuzzYAML(f *testing.F) {
	f.Add([]byte("path: x\ntrain: [a, b]\nnames: {0: a}\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if d, err := parseYAML(content); err == nil {
			for _, p := range d.Train {
				locate("none", d.Path, p)
			}
		}
	})
}
