package table

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data/datatest"
	"github.com/lince-ml/lince/data/folder"
)

var images = folder.Options{C: 1, H: 2, W: 2}

func TestOpen(t *testing.T) {
	pictures := map[string]string{"p/a.png": "", "p/b.png": "", "p/c.png": "", "q/d.png": ""}
	for name, c := range map[string]struct {
		content string
		opt     Options
		want    string
	}{
		"header":              {"path,label\np/a.png,cat\np/b.png,dog\nq/d.png,cat\n", Options{}, "train[cat dog] a=0 b=1 d=0"},
		"none":                {"p/a.png,x\np/b.png,y\n", Options{}, "train[x y] a=0 b=1"},
		"semicolons":          {"class;File\nx;p/a.png\ny;p/b.png\n", Options{}, "train[x y] a=0 b=1"},
		"tabs":                {"file\tlabel\np/a.png\tx, y\np/b.png\tz\n", Options{}, "train[x, y z] a=0 b=1"},
		"excel":               {"\xef\xbb\xbfpath,label\r\np/a.png,x\r\np/b.png,\"y\"\"z\"\r\n", Options{}, `train[x y"z] a=0 b=1`},
		"numbers":             {"path,label\np/a.png,10\np/b.png,9\n", Options{}, "train[9 10] a=1 b=0"},
		"named":               {"id,x,breed\n1,p/a.png,cat\n2,p/b.png,dog\n", Options{Path: "X", Label: "breed"}, "train[cat dog] a=0 b=1"},
		"by number":           {"1,p/a.png,cat\n2,p/b.png,dog\n", Options{Path: "2", Label: "3"}, "train[cat dog] a=0 b=1"},
		"root":                {"id,label\na,x\nb.png,y\n", Options{Path: "id", Root: "p", Ext: "png"}, "train[x y] a=0 b=1"},
		"several":             {"path,tags\np/a.png,sea|sky\np/b.png,\np/c.png, sky |sky\n", Options{Label: "tags", Sep: "|"}, "train[sea sky] a=-1[1 1] b=-1[0 0] c=-1[0 1]"},
		"columns":             {"path,sky,sea\np/a.png,1,0\np/b.png,no,yes\n", Options{Labels: []string{"sea", "sky"}}, "train[sea sky] a=-1[0 1] b=-1[1 0]"},
		"split":               {"path,label,set\np/a.png,x,train\np/b.png,y,Training\np/c.png,x,valid\nq/d.png,y,test\n", Options{Split: "set"}, "train[x y] a=0 b=1 val[x y] c=0 test[x y] d=1"},
		"items":               {"item,healthy\np,1\nq,0\n", Options{Item: "item"}, "train[0 1] a=1/0 b=1/0 c=1/0 d=0/1"},
		"items by themselves": {"healthy,thing,weight\n1,p,10\n0,q,20\n", Options{Label: "healthy"}, "train[0 1] a=1/0 b=1/0 c=1/0 d=0/1"},
		"items of several": {"thing;red;round\np;1;1\nq;0;1\n", Options{Item: "thing", Labels: []string{"red", "round"}},
			"train[red round] a=-1[1 1]/0 b=-1[1 1]/0 c=-1[1 1]/0 d=-1[0 1]/1"},
	} {
		pictures["list.csv"] = c.content
		c.opt.Images = images
		sets, err := Open(filepath.Join(datatest.Tree(t, pictures), "list.csv"), c.opt)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := datatest.Describe(t, sets); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
	}
}

func TestFolderOfLists(t *testing.T) {
	dir := datatest.Tree(t, map[string]string{
		"a.png": "", "b.png": "", "c.png": "", "trn.csv": "a.png,x\nb.png,y\n", "Validation.tsv": "path\tlabel\nc.png\ty\n", "notes.csv": "what\never\n",
	})
	if !Is(dir) || Is(filepath.Dir(dir)) || Is("nowhere") {
		t.Error("a folder of lists is not recognised, or another is")
	}
	sets, err := Open(dir, Options{Images: images})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := datatest.Describe(t, sets), "train[x y] a=0 b=1 val[x y] c=1"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAbsolutePaths(t *testing.T) {
	photos := datatest.Tree(t, map[string]string{"a.png": "", "b.png": ""})
	dir := datatest.Tree(t, map[string]string{"list.csv": fmt.Sprintf("%s,x\n%s,y\n", filepath.Join(photos, "a.png"), filepath.Join(photos, "b.png"))})
	sets, err := Open(filepath.Join(dir, "list.csv"), Options{Images: images})
	if err != nil || datatest.Describe(t, sets) != "train[x y] a=0 b=1" {
		t.Errorf("%v, %v", sets, err)
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		content string
		opt     Options
		want    string
	}{
		{"\n", Options{}, "read FILE: no rows, expected one per image"},
		{"path,label\n", Options{}, "read FILE: no rows, expected one per image"},
		{"path,label\na.png\n", Options{}, "read FILE, line 2: 1 columns, expected 2 as in the first row"},
		{"path,label\na.png,\"x\n", Options{}, `read FILE, line 2: extraneous or missing " in quoted-field`},
		{"path,label\na.png,x\na.png,\n", Options{}, "read FILE, line 3: no class"},
		{"path,label\n,x\n", Options{}, "read FILE, line 2: no path of an image"},
		{"path,label\na.png,x\n", Options{}, "read FILE: one class only (x), expected two or more"},
		{"path,label\nz.png,x\ny.png,y\n", Options{}, "read FILE, line 2: DIR/z.png: no such file or directory; paths are relative to the file, or to root=DIR"},
		{"path,label\na.png,x\n", Options{Label: "lable"}, `read FILE: unknown column "lable": did you mean "label"? there are path and label`},
		{"a.png,x\n", Options{Label: "label"}, `read FILE: no column "label": it begins without names of columns, expected a number from 1 to 2`},
		{"x,y,z\n1,2,3\n", Options{}, "read FILE: which column has the images? expected csv:list.csv?path=NAME, or ?item=NAME for folders of images"},
		{"path,y,z\na.png,2,3\n", Options{}, "read FILE: which column has the classes? expected csv:list.csv?label=NAME"},
		{"path,label,set\na.png,x,tain\n", Options{Split: "set"}, `read FILE, line 2: the set "tain", expected train, val or test`},
		{"path,label,set\na.png,x,test\n", Options{Split: "set"}, "read FILE: no training images, the column set has only val and test"},
		{"path,label,set\na.png,x,train\na.png,y,train\na.png,z,test\n", Options{Split: "set"}, `read FILE, line 4: class "z" is not in the training set`},
		{"path,sky\na.png,maybe\n", Options{Labels: []string{"sky"}}, `read FILE, line 2: "maybe" in the column sky, expected 0 or 1`},
		{"item,label\nnone,x\n", Options{Item: "item"}, "read FILE, line 2: the item's folder DIR/none: no such file or directory"},
		{"item,label\nempty,x\n", Options{Item: "item"}, "read FILE, line 2: the item's folder DIR/empty: no images"},
		{"\xff\xfep\x00a\x00", Options{}, "read FILE: no text in UTF-8, expected a CSV or TSV file"},
	} {
		dir := datatest.Tree(t, map[string]string{"a.png": "", "empty/notes.txt": "no image", "list.csv": c.content})
		file := filepath.Join(dir, "list.csv")
		c.opt.Images = images
		_, err := Open(file, c.opt)
		if err == nil {
			t.Errorf("no error, want %s", c.want)
			continue
		}
		if got := strings.ReplaceAll(strings.ReplaceAll(err.Error(), file, "FILE"), dir, "DIR"); filepath.ToSlash(got) != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	dir := datatest.Tree(t, map[string]string{"train.csv": "a", "trn.tsv": "b"})
	for path, want := range map[string]string{
		dir:                                "both train.csv and trn.tsv, expected one of them",
		t.TempDir():                        "no train.csv or train.tsv",
		filepath.Join(t.TempDir(), "none"): "no such file",
	} {
		if _, err := Open(path, Options{Images: images}); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// FuzzParse takes any bytes apart: an error or rows of equal length.
func FuzzParse(f *testing.F) {
	f.Add([]byte("path,label\na.png,x\n"), "", "label", "|")
	f.Add([]byte("a.png;\"x\ny\"\n"), ";", "2", "")
	f.Fuzz(func(t *testing.T, content []byte, comma, label, sep string) {
		table, err := Parse("list.csv", content, comma)
		if err != nil || len(table.Rows) == 0 {
			return
		}
		opt := Options{Label: label, Sep: sep, Images: images}
		c, err := table.find(opt)
		if err != nil {
			return
		}
		l := &list{}
		for i, row := range table.Rows {
			if len(row) != table.Columns() {
				t.Fatalf("row %d has %d columns, the first %d", i, len(row), table.Columns())
			}
			if err := l.add(table, i, c, opt); err != nil {
				return
			}
		}
		if _, err := l.dataset(l.classes(), opt, nil); err != nil {
			t.Fatal(err)
		}
	})
}
