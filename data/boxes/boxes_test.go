package boxes

import (
	"path/filepath"
	"testing"

	"github.com/lince-ml/lince/data/annotation"
	"github.com/lince-ml/lince/data/annotation/annotationtest"
	"github.com/lince-ml/lince/data/table"
)

// TestOpen reads lists of each kind.
func TestOpen(t *testing.T) {
	const found = "train [\"cat\" \"dog\"] a.png 0:1,2,5,6 1:0,0,20,10 b.png\n"
	for name, c := range map[string]struct {
		files map[string]string
		path  string
		want  string
	}{
		"names":      {map[string]string{"x.csv": "path,xmin,ymin,xmax,ymax,class\na.png,1,2,5,6,cat\na.png,0,0,20,10,dog\nb.png,,,,,\n", "a.png": "", "b.png": ""}, "x.csv", found},
		"TensorFlow": {map[string]string{"x.csv": "filename,width,height,class,xmin,ymin,xmax,ymax\na.png,20,10,cat,1,2,5,6\na.png,20,10,dog,0,0,20,10\nb.png,20,10,,,,,\n", "a.png": "", "b.png": ""}, "x.csv", found},
		"sizes":      {map[string]string{"x.csv": "image;label;x;y;w;h\na.png;cat;1;2;4;4\na.png;dog;0;0;20;10\nb.png;;;;;\n", "a.png": "", "b.png": ""}, "x.csv", found},
		"corners":    {map[string]string{"x.csv": "image,x1,y1,x2,y2,label\na.png,1,2,5,6,cat\na.png,0,0,20,10,dog\nb.png,,,,,\n", "a.png": "", "b.png": ""}, "x.csv", found},
		"RetinaNet":  {map[string]string{"x.csv": "a.png,1,2,5,6,cat\na.png,0,0,20,10,dog\nb.png,,,,,\n", "a.png": "", "b.png": ""}, "x.csv", found},
		"split": {map[string]string{"x.tsv": "path\txmin\tymin\txmax\tymax\tclass\tsplit\na.png\t1\t2\t5\t6\tcat\ttrain\nb.png\t0\t0\t9\t9\tdog\ttest\n", "a.png": "", "b.png": ""}, "x.tsv",
			"train [\"cat\" \"dog\"] a.png 0:1,2,5,6\ntest [\"cat\" \"dog\"] b.png 1:0,0,9,9\n"},
		"folder": {map[string]string{"train.csv": "path,xmin,ymin,xmax,ymax,class\na.png,1,2,5,6,cat\n", "val.csv": "path,xmin,ymin,xmax,ymax,class\na.png,1,2,5,6,cat\n", "a.png": "",
			"classes.txt": "cat\nowl\n"}, "", "train [\"cat\" \"owl\"] a.png 0:1,2,5,6\nval [\"cat\" \"owl\"] a.png 0:1,2,5,6\n"},
	} {
		dir := annotationtest.Tree(t, c.files)
		path := filepath.Join(dir, c.path)
		sets, err := Open(path, Options{Options: annotation.Options{Images: annotationtest.Images}})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := annotationtest.Describe(t, dir, sets); got != c.want {
			t.Errorf("%s:\ngot\n%swant\n%s", name, got, c.want)
		}
		if !Is(path) {
			t.Errorf("%s: not recognised", name)
		}
	}
	for _, content := range []string{"path,label\na.png,cat\n", "a.png,cat\n", "text"} {
		if Is(filepath.Join(annotationtest.Tree(t, map[string]string{"x.csv": content}), "x.csv")) {
			t.Errorf("%q is recognised", content)
		}
	}
}

func TestRoot(t *testing.T) {
	dir := annotationtest.Tree(t, map[string]string{"lists/x.csv": "path,xmin,ymin,xmax,ymax,class\na.png,1,2,5,6,cat\n", "far/a.png": ""})
	sets, err := Open(filepath.Join(dir, "lists", "x.csv"), Options{Options: annotation.Options{Images: annotationtest.Images}, Root: "../far"})
	if err != nil || sets.Train.Len() != 1 {
		t.Errorf("%v, %v", sets, err)
	}
}

// TestFaults has rows that are wrong in each way.
func TestFaults(t *testing.T) {
	for row, want := range map[string]string{
		"a.png,x,2,5,6,cat":    "\"x\", expected a number",
		"a.png,1,2,5,6,":       "a box without a class",
		"a.png,NaN,2,5,6,cat":  "the box from (NaN, 2) to (5, 6): NaN, expected a number",
		"a.png,5,2,1,6,cat":    "the box from (5, 2) to (1, 6) has -4 x 4 pixels, expected more than a point",
		"none.png,1,2,5,6,cat": "the image DIR/none.png is not there",
	} {
		dir := annotationtest.Tree(t, map[string]string{"x.csv": "path,xmin,ymin,xmax,ymax,class\na.png,1,2,5,6,cat\n" + row + "\n", "a.png": ""})
		sets, err := Open(filepath.Join(dir, "x.csv"), Options{Options: annotation.Options{Images: annotationtest.Images}})
		if err != nil {
			t.Errorf("%s: %v", row, err)
			continue
		}
		if got, want := annotationtest.Describe(t, dir, sets), "train [\"cat\"] a.png 0:1,2,5,6\n- DIR/x.csv, line 3: "+want+" (left out)\n"; got != want {
			t.Errorf("got\n%swant\n%s", got, want)
		}
	}
}

func TestErrors(t *testing.T) {
	for content, want := range map[string]string{
		"path,class\na.png,x\n": "read DIR/x.csv: columns path, class, expected path, xmin, ymin, xmax, ymax and class",
		"a.png,x\n":             "read DIR/x.csv: no names of columns, expected path, xmin, ymin, xmax, ymax and class",
		"path,xmin,ymin,xmax,ymax,class,split\na.png,1,2,3,4,x,tain\n": "read DIR/x.csv, line 2: the set \"tain\", expected train, val or test",
	} {
		dir := annotationtest.Tree(t, map[string]string{"x.csv": content})
		_, err := Open(filepath.Join(dir, "x.csv"), Options{Options: annotation.Options{Images: annotationtest.Images}})
		if got := annotationtest.Failure(dir, err); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	for _, path := range []string{"none.csv", t.TempDir()} {
		if _, err := Open(path, Options{}); err == nil {
			t.Errorf("%s: no error", path)
		}
	}
}

// FuzzParse reads any bytes as a list.
func FuzzParse(f *testing.F) {
	f.Add([]byte("path,xmin,ymin,xmax,ymax,class,split\na.png,1,2,5,6,cat,val\n"))
	f.Add([]byte("a.png,1,2,5,6,cat\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		list, err := table.Parse("x.csv", content, "")
		if err != nil || len(list.Rows) == 0 {
			return
		}
		add(map[string]*annotation.Set{}, "train", list, Options{})
	})
}
