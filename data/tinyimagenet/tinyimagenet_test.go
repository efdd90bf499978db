package tinyimagenet

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/lince-ml/lince/data/annotation"
	"github.com/lince-ml/lince/data/annotation/annotationtest"
)

func files(train, val string) map[string]string {
	return map[string]string{
		"wnids.txt": "n02\nn01\nn03\n", "words.txt": "n01\tcrane\nn02\ttabby, tabby cat\nn03\tcrane\nn99\tx\n",
		"train/n01/images/n01_0.png": "", "train/n01/n01_boxes.txt": train, "train/n02/n02_boxes.txt": "", "train/n02/images/n02_0.png": "", "train/n03/n03_boxes.txt": "\n",
		"val/images/v.png": "", "val/val_annotations.txt": val, "test/images/t.png": "",
	}
}

func TestOpen(t *testing.T) {
	f := files("n01_0.png\t0\t1\t9\t8\n", "v.png\tn02\t3\t4\t3\t9\n")
	f["train/n02/n02_boxes.txt"] = "n02_0.png\t0\t0\t19\t9\n"
	dir := annotationtest.Tree(t, f)
	sets, err := Open(dir, annotation.Options{Images: annotationtest.Images})
	if err != nil {
		t.Fatal(err)
	}
	want := `train ["crane n01" "tabby" "crane n03"] n01_0.png is 0 0:0,1,10,9 n02_0.png is 1 1:0,0,20,10
val ["crane n01" "tabby" "crane n03"] v.png is 1 1:3,4,4,10
`
	if got := annotationtest.Describe(t, dir, sets); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if !Is(dir) || Is(filepath.Join(dir, "train")) {
		t.Error("Is")
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ train, val, want string }{
		{"n01_0.png\t0\t1\t9\n", "\n", "read DIR/train/n01/n01_boxes.txt, line 1: 5 columns, expected a name, a class where it has one, and a box of four numbers"},
		{"\nn01_0.png\t0\t1\t9\tx\n", "\n", "read DIR/train/n01/n01_boxes.txt, line 2: \"x\", expected a number"},
		{"..\t0\t1\t9\t9\n", "\n", "read DIR/train/n01/n01_boxes.txt, line 1: \"..\", expected the name of an image"},
		{"n01_0.png\t0\t1\t9\t9\n", "v.png\tn09\t3\t4\t3\t9\n", "read DIR: no val images are left; the first was left out because: " +
			"read DIR/val/val_annotations.txt, line 1: the class \"n09\" of the image is not in wnids.txt"},
	} {
		dir := annotationtest.Tree(t, files(c.train, c.val))
		if err := os.WriteFile(filepath.Join(dir, "train", "n02", "n02_boxes.txt"), nil, 0o666); err != nil {
			t.Fatal(err)
		}
		_, err := Open(dir, annotation.Options{Images: annotationtest.Images})
		if got := annotationtest.Failure(dir, err); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// FuzzParse reads any bytes as a list of boxes.
func FuzzParse(f *testing.F) {
	f.Add([]byte("v.png\tn02\t3\t4\t3\t9\n"), "")
	f.Add([]byte("v.png 3 4 3 NaN"), "n01")
	f.Add([]byte(". 0 0 0 0"), "n01")
	f.Fuzz(func(t *testing.T, content []byte, class string) {
		r := &reader{classes: []string{"a", "b"}, index: map[string]int{"n01": 0, "n02": 1}}
		s := &annotation.Set{}
		if r.parse(s, content, "boxes.txt", "images", class) != nil {
			return
		}
		for _, it := range s.Items {
			if it.Label < 0 || it.Label > 1 || len(it.Things) != 1 || filepath.Dir(it.Path) != "images" {
				t.Errorf("%+v", it)
			}
		}
	})
}
