package open

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/datatest"
	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/data/mnist"
	"github.com/lince-ml/lince/data/save"
)

var as = folder.Options{C: 3, H: 4, W: 4}

var pets = map[string]string{"cat/1.png": "", "dog/2.png": "", "notes.txt": "notes"}

// TestDetect knows each format by what is at the path.
func TestDetect(t *testing.T) {
	dir := datatest.Tree(t, map[string]string{
		"pets/cat/1.png": "", "pets/dog/2.png": "", "list.csv": "path,label\npets/cat/1.png,cat\npets/dog/2.png,dog\n", "lists/trn.csv": "../pets/cat/1.png,a\n../pets/dog/2.png,b\n",
		"items.tsv": "item\thealthy\npets/cat\t1\npets/dog\t0\n", "cifar-10-batches-bin/test_batch.bin": strings.Repeat("\x01", 3073), "odd.bin": "\x00\x01",
		"kmnist/train-images-idx3-ubyte.gz": "x",
	})
	sets, _, err := Data(filepath.Join(dir, "pets"), as)
	if err != nil {
		t.Fatal(err)
	}
	if err := save.New(t.Context(), sets, nil).Shards(filepath.Join(dir, "shards"), 1); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"pets": "folder", "list.csv": "csv", "lists": "csv", "items.tsv": "csv", "": "cifar", "shards": "wds", "shards/train-000000.tar": "wds", "shards/*.tar": "wds",
		"shards/train-{000000..000001}.tar": "wds", "kmnist": "idx", "cifar-10-batches-bin": "cifar",
	} {
		text := filepath.Join(dir, filepath.FromSlash(path))
		s, err := Parse(text)
		if err != nil || s.Format != want || s.Path != text {
			t.Errorf("%s: %+v, %v, want %s", path, s, err, want)
		}
		if want == "idx" || want == "cifar" {
			continue
		}
		for _, name := range []string{text, want + ":" + text} {
			if sets, _, err := Data(name, as); err != nil || len(sets.Train.Classes()) != 2 {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	if s, err := Parse("digits:" + dir); err != nil || s.Format != "idx" {
		t.Errorf("%+v, %v", s, err)
	}
}

// TestAnnotated knows each format of annotations, and opens it with its prefix, too.
func TestAnnotated(t *testing.T) {
	from := datatest.Tree(t, map[string]string{"images/a.png": "", "labels/a.txt": "0 0.5 0.5 0.5 0.5\n1 0.1 0.1 0.9 0.1 0.9 0.9\n", "images/b.png": "", "classes.txt": "cat\ndog\n"})
	sets, note, err := Data(from, as)
	if err != nil || note != "" {
		t.Fatal(note, err)
	}
	dir := t.TempDir()
	masks, _, err := Data("yolo:"+from+"?as=masks", as)
	if err != nil {
		t.Fatal(err)
	}
	for format, write := range map[string]func(out string) error{
		"voc":     save.New(t.Context(), sets, nil).VOC,
		"coco":    save.New(t.Context(), sets, nil).COCO,
		"yolo":    save.New(t.Context(), sets, nil).YOLO,
		"labelme": save.New(t.Context(), sets, nil).LabelMe,
		"boxes":   save.New(t.Context(), sets, nil).BoxesWithImages,
		"masks":   save.New(t.Context(), data.Sets{Train: masks.Train}, nil).Masks,
	} {
		out := filepath.Join(dir, format)
		if err := write(out); err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{out, format + ":" + out, format + ":" + out + "?bad=refuse"} {
			s, err := Parse(text)
			if err != nil || s.Format != format {
				t.Errorf("%s: %+v, %v", text, s, err)
				continue
			}
			if sets, note, err := Data(text, as); err != nil || note != "" || sets.Train.Len() != 2 {
				t.Errorf("%s: %v, %s, %v", text, sets, note, err)
			}
		}
	}
	for path, want := range map[string]string{"coco/annotations/instances_train.json": "coco", "boxes/train.csv": "boxes", "yolo/data.yaml": "yolo"} {
		if s, err := Parse(filepath.Join(dir, path)); err != nil || s.Format != want {
			t.Errorf("%s: %+v, %v", path, s, err)
		}
	}
	sets, note, err = Data("coco:"+filepath.Join(dir, "coco")+"?classes=dog,owl", as)
	if err != nil || len(sets.Train.Classes()) != 2 || !strings.Contains(note, "things of unknown classes left out (1), such as ") {
		t.Errorf("%v, %s, %v", sets, note, err)
	}
	for text, want := range map[string]string{
		"coco:" + filepath.Join(dir, "coco") + "?bad=what":      "bad=what: expected skip or refuse",
		"boxes:" + filepath.Join(dir, "boxes") + "?as=masks":    "unknown setting of boxes \"as\": there are root, classes and bad",
		"masks:" + filepath.Join(dir, "masks") + "?void=purple": "void=purple: expected a number, a colour such as 0-0-0 or #000000, or rest",
	} {
		if _, _, err := Data(text, as); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func TestData(t *testing.T) {
	dir := datatest.Tree(t, pets)
	sets, note, err := Data(dir, as)
	if err != nil || sets.Train.Len() != 2 || !strings.HasPrefix(note, dir+": left out 1 files that are no images by name, such as "+dir) {
		t.Errorf("%v, %q, %v", sets, note, err)
	}
	if sets, _, err = Data("mnist", as); err != nil || sets.Train.Len() != 60_000 || sets.Test.Len() != 10_000 || sets.Validation != nil {
		t.Errorf("%v, %v", sets, err)
	}
	if sets, _, err = Data("shapes?task=segment&val=7&test=0", as); err != nil || sets.Train.Len() != 20000 || sets.Test != nil || sets.Validation.Len() != 7 || sets.Validation.Classes()[0] != "background" {
		t.Errorf("%v, %v", sets, err)
	}
	if _, _, err = Data("shapes?size=7", as); !errors.As(err, new(SpecError)) || err.Error() != "shapes?size=7: images of 7 x 7 pixels, expected 48 to 1024" {
		t.Error(err)
	}
	list := datatest.Tree(t, map[string]string{"p/a.png": "", "p/b.png": "", "x & y.csv": "file;tags;part\na;s|t;train\nb;t;test\n"})
	sets, _, err = Data("csv:"+filepath.Join(list, "x & y.csv")+"?path=file&label=tags&sep=%7C&split=part&root=p&ext=png&comma=;", as)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := sets.Train.Sample(0); err != nil || len(s.Labels) != 2 || sets.Test.Len() != 1 {
		t.Errorf("%v, %v", s, err)
	}
	items := datatest.Tree(t, map[string]string{"p/a.png": "", "q/b.png": "", "trn.csv": "item,red,round\np,1,1\nq,0,1\n"})
	if sets, _, err = Data("items:"+items+"?labels=red,round", as); err != nil || sets.Train.Len() != 2 {
		t.Errorf("%v, %v", sets, err)
	}
}

// TestPublished opens a set by its name, from where it is kept.
func TestPublished(t *testing.T) {
	cache := t.TempDir()
	for _, variable := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(variable, cache)
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		t.Skip(err)
	}
	if _, err := Parse("fashion-mnist"); err == nil || err.Error() != "fashion-mnist is not here yet: lince data get fashion-mnist" {
		t.Errorf("error %v", err)
	}
	_, test, err := mnist.Open()
	if err != nil {
		t.Fatal(err)
	}
	some := make([]int, 50)
	for i := range some {
		some[i] = i
	}
	test = data.Subset(test, some)
	if err := save.New(t.Context(), data.Sets{Train: test, Test: test}, nil).IDX(filepath.Join(dir, "lince", "data", "fashion-mnist")); err != nil {
		t.Fatal(err)
	}
	if sets, _, err := Data("fashion-mnist", as); err != nil || sets.Test.Len() != 50 {
		t.Errorf("%v, %v", sets, err)
	}
}

// TestErrors reads each message: those about the argument itself are SpecErrors.
func TestErrors(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", t.TempDir())
	dir := datatest.Tree(t, map[string]string{"odd.bin": "\x00\x01", "empty": "\n", "list.csv": "path,label\na.png,x\n"})
	os.Truncate(filepath.Join(dir, "empty"), 0)
	for text, want := range map[string]string{
		"minst":                        `minst: no such file or directory: did you mean "mnist"?`,
		"cifr10":                       `cifr10: no such file or directory: did you mean "cifar10"?`,
		filepath.Join(dir, "lsit.csv"): `DIR/lsit.csv: no such file or directory: did you mean "DIR/list.csv"?`,
		"fodler:photos":                `unknown format "fodler": did you mean "folder"? there are boxes, cifar, coco, csv, folder, idx, items, labelme, masks, tinyimagenet, voc, wds and yolo`,
		"shapse":                       `shapse: no such file or directory: did you mean "shapes"?`,
		"shapes?siez=64":               `shapes?siez=64: unknown setting of shapes "siez": did you mean "size"? there are task, train, val, test, size and seed`,
		"csv:":                         `"csv:": the path is missing`,
		"csv:list.csv?lable=x":         `csv:list.csv?lable=x: unknown setting of csv "lable": did you mean "label"? there are path, item, label, labels, sep, split, root, ext and comma`,
		"csv:list.csv?label=%zz":       `csv:list.csv?label=%zz: "label=%zz", expected KEY=VALUE, with %26 for &`,
		"csv:list.csv?label=x&y":       `csv:list.csv?label=x&y: "y", expected KEY=VALUE, with %26 for &`,
		"csv:list.csv?sep=1&sep=2":     "csv:list.csv?sep=1&sep=2: sep is set twice",
		"folder:photos?label=x":        `folder:photos?label=x: unknown setting of folder "label": there are none`,
		filepath.Join(dir, "none.csv"): "DIR/none.csv: no such file or directory, expected a folder of images, a list (.csv), shards (.tar), or the name of a set (`lince data get` lists them)",
		filepath.Join(dir, "odd.bin"):  "read DIR/odd.bin: neither a list of images (CSV, TSV) nor shards (.tar) nor annotations (COCO's JSON), expected those or a folder",
		filepath.Join(dir, "empty"):    "read DIR/empty: an empty file, expected a list of images (CSV, TSV), shards (.tar) or a folder",
	} {
		_, err := Parse(text)
		if err == nil {
			t.Errorf("%s: no error, want %s", text, want)
			continue
		}
		if got := filepath.ToSlash(strings.ReplaceAll(err.Error(), dir, "DIR")); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		if usage, files := errors.As(err, new(SpecError)), strings.Contains(want, "DIR") || strings.Contains(want, "no such file"); usage == files {
			t.Errorf("%s: an error of the argument: %t", text, usage)
		}
	}
}

// FuzzParse takes any argument apart.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"mnist", "shapes?size=64", "csv:a?b=c&d=%41", "wds:a/{0..9}.tar", "C:\\x", "?", ":"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if spec, err := Parse(s); err == nil && (spec.Format == "" || spec.Path == "") {
			t.Errorf("%q: %+v", s, spec)
		}
	})
}
