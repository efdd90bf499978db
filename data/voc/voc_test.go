package voc

import (
	"bytes"
	"fmt"
	"image"
	"image/color/palette"
	"image/png"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data/annotation"
	"github.com/lince-ml/lince/data/annotation/annotationtest"
)

// file is an annotation of objects, each "name xmin ymin xmax ymax".
func file(objects ...string) string {
	text := "<annotation>\n<filename>x.png</filename>\n<size><width>20</width><height>10</height><depth>3</depth></size>\n"
	for _, o := range objects {
		f := strings.Fields(o)
		text += fmt.Sprintf("<object>\n<name>%s</name><difficult>0</difficult><bndbox><xmin>%s</xmin><ymin>%s</ymin><xmax>%s</xmax><ymax>%s</ymax></bndbox></object>\n", f[0], f[1], f[2], f[3], f[4])
	}
	return text + "</annotation>\n"
}

// TestOpen reads the layouts that there are.
func TestOpen(t *testing.T) {
	const dog = "0:0,1,4,6"
	for name, c := range map[string]struct {
		files map[string]string
		want  string
	}{
		"official": {map[string]string{
			"Annotations/a.xml": file("dog 1 2 4 6", "cat 1 1 20 10"), "Annotations/b.xml": file("dog 1 2 4 6"), "Annotations/c.xml": file(), "Annotations/left.xml": file(),
			"JPEGImages/a.png": "", "JPEGImages/b.png": "", "JPEGImages/c.png": "",
			"ImageSets/Main/train.txt": "a\n", "ImageSets/Main/val.txt": "b\n", "ImageSets/Main/trainval.txt": "a\nb\n", "ImageSets/Main/test.txt": "c\n", "ImageSets/Main/dog_train.txt": "a 1\n",
		}, "train [\"cat\" \"dog\"] a.png 1:0,1,4,6 0:0,0,20,10\nval [\"cat\" \"dog\"] b.png 1:0,1,4,6\ntest [\"cat\" \"dog\"] c.png\n"},
		"trainval": {map[string]string{"Annotations/a.xml": file("dog 1 2 4 6"), "JPEGImages/a.png": "", "ImageSets/Main/trainval.txt": "a  1\n"}, "train [\"dog\"] a.png " + dog + "\n"},
		"no lists": {map[string]string{"Annotations/a.xml": file("dog 1 2 4 6"), "images/a.png": "", "images/b.png": ""},
			"train [\"dog\"] a.png " + dog + "\n- DIR/images/b.png: an image without annotations (left out)\n"},
		"beside": {map[string]string{"a.xml": file("dog 1 2 4 6"), "x.png": "", "classes.txt": "cat\ndog\n"},
			"train [\"cat\" \"dog\"] x.png 1:0,1,4,6\n- DIR/x.png: an image without annotations (left out)\n"},
		"folders": {map[string]string{"train/a.xml": file("dog 1 2 4 6"), "train/a.png": "", "valid/b.xml": file(), "valid/b.png": ""},
			"train [\"dog\"] a.png " + dog + "\nval [\"dog\"] b.png\n"},
		"no annotations": {map[string]string{"Annotations/a.xml": file("dog 1 2 4 6"), "JPEGImages/a.png": "", "JPEGImages/b.png": "", "ImageSets/Main/train.txt": "a\nb\nc\n"},
			"train [\"dog\"] a.png " + dog + " b.png\n- DIR/ImageSets/Main/train.txt: the image b has no b.xml, and counts as one without things (kept)\n" +
				"- DIR/ImageSets/Main/train.txt: the image DIR/JPEGImages/c.jpg is not there (left out)\n"},
	} {
		dir := annotationtest.Tree(t, c.files)
		sets, err := Open(dir, annotation.Options{Images: annotationtest.Images})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := annotationtest.Describe(t, dir, sets); got != c.want {
			t.Errorf("%s:\ngot\n%swant\n%s", name, got, c.want)
		}
		if !Is(dir) {
			t.Errorf("%s: not recognised", name)
		}
	}
	if Is(annotationtest.Tree(t, map[string]string{"a/b.png": ""})) {
		t.Error("a folder of images is recognised")
	}
}

// TestFaults has files that are wrong in each way, beside one that is right.
func TestFaults(t *testing.T) {
	object := func(inner string) string {
		return "<annotation>\n<size><width>20</width></size>\n<object>" + inner + "</object>\n</annotation>"
	}
	for content, want := range map[string]string{
		"":                          "- DIR/b.xml, line 1: empty, expected <annotation> (left out)\n",
		"text":                      "- DIR/b.xml, line 1: empty, expected <annotation> (left out)\n",
		"<html></html>":             "- DIR/b.xml, line 1: <html>, expected <annotation> (left out)\n",
		"<annotation>\n<obj":        "- DIR/b.xml, line 2: no XML: it ends amid an element (left out)\n",
		object("<name>dog"):         "- DIR/b.xml, line 3: no XML: element <name> closed by </object> (left out)\n",
		object("<bndbox></bndbox>"): "- DIR/b.xml, line 3: an object without a name (left out)\n",
		object("<name>dog</name>"):  "- DIR/b.xml, line 3: the object dog has no bndbox (left out)\n",
		object("<name>dog</name><bndbox><xmin>x</xmin></bndbox>"): "- DIR/b.xml, line 3: xmin is \"x\", expected a number (left out)\n",
		file("dog 5 5 5 5"):                        "- DIR/b.xml, line 4: the box from (4, 4) to (5, 5) has 1 x 1 pixels, expected more than a point (left out)\n",
		file("dog NaN 5 9 9"):                      "- DIR/b.xml, line 4: the box from (NaN, 4) to (9, 9): NaN, expected a number (left out)\n",
		file("cow 1 1 9 9"):                        "- DIR/b.xml, line 4: the class \"cow\" is none of the 1 (left out)\n",
		strings.Replace(file(), ">20<", ">21<", 1): "- DIR/b.xml: the image DIR/b.png has 20 x 10 pixels, but 21 x 10 are annotated (left out)\n",
	} {
		if content == "" {
			content = " "
		}
		dir := annotationtest.Tree(t, map[string]string{"a.xml": file("dog 1 2 4 6"), "a.png": "", "b.xml": content, "b.png": ""})
		opt := annotation.Options{Images: annotationtest.Images, Classes: []string{"dog"}}
		sets, err := Open(dir, opt)
		if err != nil {
			t.Errorf("%s: %v", content, err)
			continue
		}
		_, got, _ := strings.Cut(annotationtest.Describe(t, dir, sets), "\n")
		if got != want {
			t.Errorf("%s:\ngot  %swant %s", content, got, want)
		}
		opt.Refuse = true
		if _, err := Open(dir, opt); !strings.HasPrefix(annotationtest.Failure(dir, err), "read DIR/b.xml") {
			t.Errorf("%s: refused with %v", content, err)
		}
	}
}

// TestErrors has folders of which nothing can be used.
func TestErrors(t *testing.T) {
	for _, c := range []struct {
		files map[string]string
		want  string
	}{
		{map[string]string{"a.xml": "<annotation>\n<obj", "a.png": ""}, "read DIR: no classes: nothing is annotated; the first that was left out: read DIR/a.xml, line 2: no XML: it ends amid an element"},
		{map[string]string{"a.xml": file(), "a.png": ""}, "read DIR: no classes: nothing is annotated"},
		{map[string]string{"Annotations/a.xml": file("dog 1 2 4 6"), "JPEGImages/a.png": "", "ImageSets/Main/train.txt": "\n"},
			"read DIR/ImageSets/Main/train.txt: it is empty, expected the name of an image in each line"},
	} {
		dir := annotationtest.Tree(t, c.files)
		_, err := Open(dir, annotation.Options{Images: annotationtest.Images})
		if got := annotationtest.Failure(dir, err); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// TestMasks reads classes of pixels, and the outlines of things.
func TestMasks(t *testing.T) {
	mask := image.NewPaletted(image.Rect(0, 0, 20, 10), palette.WebSafe)
	copy(mask.Pix, []uint8{0, 1, 2, 2, 3, 0})
	mask.Pix = append(mask.Pix[:0:0], mask.Pix...)
	var b bytes.Buffer
	if err := png.Encode(&b, mask); err != nil {
		t.Fatal(err)
	}
	dir := annotationtest.Tree(t, map[string]string{
		"Annotations/a.xml": file("dog 1 1 4 4", "cat 2 1 4 1", "emu 5 1 5 2"), "JPEGImages/a.png": "", "SegmentationClass/a.png": b.String(), "SegmentationObject/a.png": b.String(),
		"ImageSets/Main/train.txt": "a\n", "ImageSets/Segmentation/train.txt": "a\n",
	})
	sets, err := Open(dir, annotation.Options{Images: annotationtest.Images, Masks: true})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := annotationtest.Describe(t, dir, sets), "train [\"background\" \"cat\" \"dog\" \"emu\"] a.png [0 1 2 2 3 0 0 0]\n"; got != want {
		t.Errorf("got  %swant %s", got, want)
	}
	if sets, err = Open(dir, annotation.Options{Images: annotationtest.Images}); err != nil {
		t.Fatal(err)
	}
	want := "train [\"cat\" \"dog\" \"emu\"] a.png 1:0,0,4,4 (1 pixels) 0:1,0,4,1 (2 pixels) 2:4,0,5,2 (1 pixels)\n"
	if got := annotationtest.Describe(t, dir, sets); got != want {
		t.Errorf("got  %swant %s", got, want)
	}
	if _, err := Open(annotationtest.Tree(t, map[string]string{"a.xml": file(), "a.png": ""}), annotation.Options{Images: annotationtest.Images, Masks: true}); err == nil {
		t.Error("masks where there are none")
	}
}

// FuzzParse reads any bytes as a file.
func FuzzParse(f *testing.F) {
	f.Add([]byte(file("dog 1 2 4 6")))
	f.Add([]byte("<annotation><object><name>a</name><bndbox><xmin>1e99</xmin></bndbox></object></annotation>"))
	f.Fuzz(func(t *testing.T, content []byte) {
		s := &annotation.Set{}
		a, ok := parse(s, &annotation.Item{File: "x.xml"}, content)
		if !ok && len(s.Faults) == 0 {
			t.Error("left out without a word")
		}
		for _, thing := range a.things {
			if thing.Name == "" || thing.Line < 1 {
				t.Errorf("%+v", thing)
			}
		}
	})
}
