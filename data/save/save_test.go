package save

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/cifar"
	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/data/idx"
	"github.com/lince-ml/lince/data/table"
	"github.com/lince-ml/lince/data/webdataset"
)

// numbers is a Dataset without files: n images of one size, whose pixels tell which they are, of the classes in turn.
type numbers struct {
	n, c, h, w int
	classes    []string
	from       int
}

func (d numbers) Len() int                 { return d.n }
func (d numbers) Classes() []string        { return d.classes }
func (d numbers) Name(i int) string        { return fmt.Sprintf("numbers#%d", i) }
func (d numbers) Label(i int) (int, error) { return i % len(d.classes), nil }
func (d numbers) Sample(i int) (data.Sample, error) {
	im := data.NewImage(d.c, d.h, d.w)
	for k := range im.Pix {
		im.Pix[k] = byte(d.from + 7*i + k)
	}
	return data.Sample{Image: im, Label: i % len(d.classes)}, nil
}

func grey(n, from int) numbers {
	return numbers{n, 1, 5, 4, []string{"ant", "T-shirt/top", "cow"}, from}
}

// photos is a folder of PNG files in train, val and test.
func photos(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for s, set := range []string{"train", "val", "test"} {
		for i := range 6 - s {
			sample, _ := numbers{9, 3, 6, 7, []string{"a", "b"}, 50 * s}.Sample(i)
			path := filepath.Join(dir, set, []string{"a", "b"}[i%2], fmt.Sprintf("%d.png", i/2))
			os.MkdirAll(filepath.Dir(path), 0o777)
			var b bytes.Buffer
			if err := png.Encode(&b, sample.Image.Picture()); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	return dir
}

// content lists what a set holds, whatever the order: each image's class and pixels.
func content(t *testing.T, d data.Dataset) []string {
	t.Helper()
	if d == nil {
		return nil
	}
	var all []string
	for i := range d.Len() {
		s, err := d.Sample(i)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, fmt.Sprint(d.Classes()[s.Label], s.Image.C, s.Image.H, s.Image.W, s.Image.Pix))
	}
	slices.Sort(all)
	return all
}

func same(t *testing.T, what string, got, want data.Sets) {
	t.Helper()
	for name, d := range want.All() {
		var other data.Dataset
		for n, o := range got.All() {
			if n == name {
				other = o
			}
		}
		if !slices.Equal(content(t, other), content(t, d)) {
			t.Errorf("%s: the %s set has changed", what, name)
		}
	}
}

func must[T any](v T, err error) func(t *testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// TestRoundTripsOfFiles writes a folder of files in each format that has files, and reads it again.
func TestRoundTripsOfFiles(t *testing.T) {
	opt := folder.Options{C: 3, H: 6, W: 7}
	sets := must(folder.Open(photos(t), opt))(t).Sets
	for name, c := range map[string]struct {
		write func(w *Writer, out string) error
		open  func(out string) (data.Sets, error)
	}{
		"folder":        {func(w *Writer, out string) error { return w.Folder(out, Copy) }, func(out string) (data.Sets, error) { s, err := folder.Open(out, opt); return s.Sets, err }},
		"links":         {func(w *Writer, out string) error { return w.Folder(out, Link) }, func(out string) (data.Sets, error) { s, err := folder.Open(out, opt); return s.Sets, err }},
		"lists":         {(*Writer).Lists, func(out string) (data.Sets, error) { return table.Open(out, table.Options{Images: opt}) }},
		"lists, images": {(*Writer).ListsWithImages, func(out string) (data.Sets, error) { return table.Open(out, table.Options{Images: opt}) }},
		"one shard":     {func(w *Writer, out string) error { return w.Shards(out, 1<<30) }, func(out string) (data.Sets, error) { return webdataset.Open(out, webdataset.Options{Images: opt}) }},
		"shards":        {func(w *Writer, out string) error { return w.Shards(out, 5000) }, func(out string) (data.Sets, error) { return webdataset.Open(out, webdataset.Options{Images: opt}) }},
	} {
		out := filepath.Join(t.TempDir(), "new", "out")
		done := 0
		if err := c.write(New(t.Context(), sets, func(n, total int) { done = n*100 + total }), out); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if done != 1515 {
			t.Errorf("%s: progress %d", name, done)
		}
		same(t, name, must(c.open(out))(t), sets)
		if entries, _ := os.ReadDir(filepath.Dir(out)); len(entries) != 1 {
			t.Errorf("%s: %v is left beside it", name, entries)
		}
	}
}

// TestRoundTripsOfArrays writes images that come from no files.
func TestRoundTripsOfArrays(t *testing.T) {
	sets := data.Sets{Train: grey(7, 0), Test: grey(4, 100)}
	out := filepath.Join(t.TempDir(), "idx")
	if err := New(t.Context(), sets, nil).IDX(out); err != nil {
		t.Fatal(err)
	}
	train, test, err := idx.Open(out)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "idx", data.Sets{Train: train, Test: test}, sets)

	out = filepath.Join(t.TempDir(), "folder") // as PNG, with a class whose name is no folder's
	if err := New(t.Context(), sets, nil).Folder(out, Copy); err != nil {
		t.Fatal(err)
	}
	back := must(folder.Open(out, folder.Options{C: 1, H: 5, W: 4}))(t)
	if got := fmt.Sprint(back.Train.Classes(), back.Train.Len(), back.Test.Len()); got != "[T-shirt_top ant cow] 7 4" {
		t.Errorf("folder: %s", got)
	}

	for _, classes := range []int{10, 100} {
		names := make([]string, classes)
		for i := range names {
			names[i] = fmt.Sprintf("class %d", i)
		}
		sets := data.Sets{Train: numbers{2 * classes, 3, 32, 32, names, 0}, Test: numbers{classes, 3, 32, 32, names, 9}}
		out := filepath.Join(t.TempDir(), "cifar")
		if err := New(t.Context(), sets, nil).CIFAR(out); err != nil {
			t.Fatal(err)
		}
		train, test, err := cifar.Open(out)
		if err != nil {
			t.Fatal(err)
		}
		same(t, fmt.Sprint("cifar", classes), data.Sets{Train: train, Test: test}, sets)
	}
}

// TestSeveralClasses writes a list of images of several classes, and reads it again.
func TestSeveralClasses(t *testing.T) {
	dir := filepath.Join(photos(t), "train", "a")
	os.WriteFile(filepath.Join(dir, "list.csv"), []byte("path,sky,sea\n0.png,1,1\n1.png,0,1\n2.png,0,0\n"), 0o666)
	opt := table.Options{Images: folder.Options{C: 3, H: 6, W: 7}, Labels: []string{"sky", "sea"}}
	sets := must(table.Open(filepath.Join(dir, "list.csv"), opt))(t)
	out := filepath.Join(t.TempDir(), "out")
	if err := New(t.Context(), sets, nil).Lists(out); err != nil {
		t.Fatal(err)
	}
	back := must(table.Open(out, table.Options{Images: opt.Images, Sep: Separator}))(t)
	var got []string
	for i := range back.Train.Len() {
		s, err := back.Train.Sample(i)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, fmt.Sprint(s.Labels))
	}
	if fmt.Sprint(back.Train.Classes(), got) != "[sea sky] [[1 1] [1 0] [0 0]]" {
		t.Errorf("%v %v", back.Train.Classes(), got)
	}
	for name, write := range map[string]func(w *Writer, out string) error{
		"folder": func(w *Writer, out string) error { return w.Folder(out, Copy) },
		"shards": func(w *Writer, out string) error { return w.Shards(out, 1<<20) },
	} {
		out := filepath.Join(t.TempDir(), "out")
		if err := write(New(t.Context(), sets, nil), out); err == nil || !strings.HasSuffix(err.Error(), "0.png has several classes or none, which only lists (csv:) can say") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%s: there is something after an error", name)
		}
	}
}

func TestErrors(t *testing.T) {
	full := t.TempDir()
	os.WriteFile(filepath.Join(full, "precious"), nil, 0o666)
	three := data.Sets{Train: grey(6, 0), Validation: grey(3, 0), Test: grey(3, 0)}
	two := data.Sets{Train: grey(6, 0), Test: grey(3, 0)}
	odd := grey(6, 0)
	odd.classes = []string{"a/b", "a?b"}
	for _, c := range []struct {
		write func(out string) error
		want  string
	}{
		{func(string) error { return New(t.Context(), two, nil).Folder(full, Copy) }, "write " + full + ": there is a folder that is not empty, expected a new one"},
		{func(out string) error { return New(t.Context(), three, nil).IDX(out) }, "this format has a training and a test set and no other, expected data with just these: `lince data split DATA OUT --val 0` makes them"},
		{func(out string) error { return New(t.Context(), data.Sets{Train: grey(6, 0)}, nil).CIFAR(out) }, "this format has a training and a test set and no other, expected data with just these: `lince data split DATA OUT --val 0` makes them"},
		{func(out string) error { return New(t.Context(), two, nil).CIFAR(out) }, "3 classes, expected 10 or 100, as CIFAR's files have"},
		{func(out string) error { return New(t.Context(), two, nil).Lists(out) }, "numbers#0 is no file of its own, which a list could lead to: copy the images too"},
		{func(out string) error { return New(t.Context(), data.Sets{Train: odd}, nil).Folder(out, Copy) }, `the classes "a/b" and "a?b" would be one folder`},
	} {
		out := filepath.Join(t.TempDir(), "out")
		if err := c.write(out); err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
		if entries, _ := os.ReadDir(filepath.Dir(out)); len(entries) > 0 {
			t.Errorf("%v is left after an error", entries)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := New(ctx, two, nil).Folder(filepath.Join(t.TempDir(), "out"), Copy); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
}
