package webdataset

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data/datatest"
	"github.com/lince-ml/lince/data/folder"
)

var options = Options{Images: folder.Options{C: 1, H: 2, W: 2}}

// shardOf returns a tar file of the files, given as name and content in turn.
func shardOf(files ...string) string {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		h := &tar.Header{Name: files[i], Mode: 0o644, Size: int64(len(files[i+1]))}
		if strings.HasSuffix(files[i], "/") {
			h.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(h); err != nil {
			panic(err)
		}
		w.Write([]byte(files[i+1]))
	}
	w.Close()
	return b.String()
}

func zip(s string) string {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write([]byte(s))
	w.Close()
	return z.String()
}

func TestOpen(t *testing.T) {
	long := strings.Repeat("long/", 60) // a name that takes more than one header
	numbers := shardOf("a.png", datatest.PNG(1), "a.cls", "2", "b.cls", "0\n", "b.png", datatest.PNG(2))
	for name, c := range map[string]struct {
		files   map[string]string
		pattern string
		label   string
		want    string
	}{
		"numbers": {map[string]string{"x.tar": numbers}, "x.tar", "", "train[0 1 2] 1=2 2=0"},
		"names":   {map[string]string{"x.tar": shardOf("d/", "", "d/a.png", datatest.PNG(1), "d/a.txt", "dog", "d/b.seg.png", datatest.PNG(2), "d/b.txt", "cat")}, "x.tar", "", "train[cat dog] 1=1 2=0"},
		"json": {map[string]string{"x.tar": shardOf("a.png", datatest.PNG(1), "a.json", `{"label":1,"x":"u"}`, "b.png", datatest.PNG(2), "b.json", `{"class":0,"x":"v"}`)},
			"x.tar", "", "train[0 1] 1=1 2=0"},
		"key":    {map[string]string{"x.tar": shardOf("a.png", datatest.PNG(1), "a.json", `{"label":1,"x":"u"}`, "b.png", datatest.PNG(2), "b.json", `{"x":"v"}`)}, "x.tar", "x", "train[u v] 1=0 2=1"},
		"cls":    {map[string]string{"x.tar": shardOf("a.txt", "a caption", "a.png", datatest.PNG(1), "a.cls", "1", "b.png", datatest.PNG(2), "b.cls", "0", "b.txt", "another")}, "x.tar", "", "train[0 1] 1=1 2=0"},
		"others": {map[string]string{"x.tar": shardOf("readme.md", "hello", "._a.png", "macOS", "a.png", datatest.PNG(1), "a.cls", "1", "only.cls", "7", "b.png", datatest.PNG(2), "b.cls", "0")}, "x.tar", "", "train[0 1] 1=1 2=0"},
		"zipped": {map[string]string{"x.tar.gz": zip(numbers)}, "x.tar.gz", "", "train[0 1 2] 1=2 2=0"},
		"long":   {map[string]string{"x.tar": shardOf(long+"a.png", datatest.PNG(1), long+"a.cls", "0", long+"b.png", datatest.PNG(2), long+"b.cls", "1")}, "x.tar", "", "train[0 1] 1=0 2=1"},
		"braces": {map[string]string{"x-08.tar": shardOf("a.png", datatest.PNG(1), "a.cls", "0"), "x-09.tar": shardOf("a.png", datatest.PNG(2), "a.cls", "1"), "x-10.tar": numbers, "x-11.tar": ""},
			"x-{08..10}.tar", "", "train[0 1 2] 1=0 2=1 1=2 2=0"},
		"star":  {map[string]string{"x-2.tar": shardOf("a.png", datatest.PNG(3), "a.cls", "0"), "x-1.tar": numbers, "y.tar": ""}, "x-*.tar", "", "train[0 1 2] 1=2 2=0 3=0"},
		"named": {map[string]string{"x.tar": numbers, ClassesFile: "ant\nbee\ncow\ndog\n"}, "x.tar", "", "train[ant bee cow dog] 1=2 2=0"},
		"sets": {map[string]string{"train-0.tar": numbers, "val-0.tar": shardOf("c.png", datatest.PNG(3), "c.cls", "1"), "test.tgz": zip(shardOf("c.png", datatest.PNG(4), "c.cls", "2"))},
			"", "", "train[0 1 2] 1=2 2=0 val[0 1 2] 3=1 test[0 1 2] 4=2"},
		"folder": {map[string]string{"000.tar": numbers, "notes.txt": ""}, "", "", "train[0 1 2] 1=2 2=0"},
	} {
		dir := datatest.Tree(t, c.files)
		opt := options
		opt.Label = c.label
		sets, err := Open(filepath.Join(dir, c.pattern), opt)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := datatest.Describe(t, sets); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
		if c.pattern == "" && !Is(dir) {
			t.Errorf("%s: not recognised", name)
		}
	}
}

func TestErrors(t *testing.T) {
	good := shardOf("a.png", datatest.PNG(1), "a.cls", "1", "b.png", datatest.PNG(2), "b.cls", "0")
	for _, c := range []struct {
		files map[string]string
		path  string
		want  string
	}{
		{nil, "x.tar", "read DIR/x.tar: no such file or directory"},
		{nil, "x-*.tar", "read DIR/x-*.tar: no such files"},
		{nil, "", "read DIR: no files that end in .tar, .tar.gz or .tgz"},
		{map[string]string{"val.tar": good}, "", "read DIR: shards of val and test, but none that begins with train"},
		{nil, "x-{1..b}.tar", "read DIR/x-{1..b}.tar: {1..b, expected numbers as in {000..009}"},
		{map[string]string{"x.tar": strings.Repeat("no tar ", 200)}, "x.tar", "read DIR/x.tar: no tar file, or a damaged one: archive/tar: invalid tar header"},
		{map[string]string{"x.tar": good[:len(good)-1800]}, "x.tar", "read DIR/x.tar: no tar file, or a damaged one: unexpected EOF"},
		{map[string]string{"x.tar": zip(good)[:60]}, "x.tar", "read DIR/x.tar: damaged: unexpected EOF"},
		{map[string]string{"x.tar": shardOf("a.cls", "1")}, "x.tar", "read DIR/x.tar: no images"},
		{map[string]string{"x.tar": shardOf("a.png", datatest.PNG(1), "b.cls", "1")}, "x.tar", "read DIR/x.tar: a.png has no label, expected a.cls, .txt or .json"},
		{map[string]string{"x.tar": shardOf("a.png", datatest.PNG(1), "a.jpg", "")}, "x.tar", "read DIR/x.tar: a.jpg: a second image beside a.png"},
		{map[string]string{"x.tar": shardOf("a.png", datatest.PNG(1), "a.cls", " ")}, "x.tar", "read DIR/x.tar: a.cls: empty, expected a label"},
		{map[string]string{"x.tar": shardOf("a.png", datatest.PNG(1), "a.json", "[1]")}, "x.tar", "read DIR/x.tar: a.json: no JSON object: json: cannot unmarshal array"},
		{map[string]string{"x.tar": shardOf("a.png", datatest.PNG(1), "a.json", "{}")}, "x.tar", "read DIR/x.tar: a.png has no label"},
		{map[string]string{"x.tar": shardOf("a.png", datatest.PNG(1), "a.cls", "99999999")}, "x.tar", "read DIR/x.tar: the class 99999999, expected at most 1048576"},
		{map[string]string{"x.tar": shardOf("a.png", datatest.PNG(1), "a.cls", "cat")}, "x.tar", "read DIR/x.tar: one class only (cat), expected two or more"},
		{map[string]string{"train.tar": good, "val.tar": shardOf("a.png", datatest.PNG(1), "a.cls", "7")}, "", `read DIR/val.tar: a.png has the class "7", which is none of 2`},
		{map[string]string{"x.tar": good, ClassesFile: "ant\n"}, "x.tar", "read DIR/classes.txt: 1 classes, expected two or more, one in each line"},
	} {
		dir := datatest.Tree(t, c.files)
		_, err := Open(filepath.Join(dir, c.path), options)
		if err == nil {
			t.Errorf("no error, want %s", c.want)
		} else if got := filepath.ToSlash(strings.ReplaceAll(err.Error(), dir, "DIR")); !strings.HasPrefix(got, c.want) {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// TestBadImage has an image that cannot be decoded: the error names the shard and the file in it.
func TestBadImage(t *testing.T) {
	dir := datatest.Tree(t, map[string]string{"x.tar": shardOf("a.png", "no picture", "a.cls", "1", "b.png", datatest.PNG(2), "b.cls", "0")})
	sets, err := Open(filepath.Join(dir, "x.tar"), options)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sets.Train.Sample(0); err == nil || !strings.HasPrefix(err.Error(), "read "+filepath.Join(dir, "x.tar")+"/a.png: not an image of a known format") {
		t.Errorf("error %v", err)
	}
}

// FuzzScan reads any bytes as a shard: an error, or images that lie within it.
func FuzzScan(f *testing.F) {
	f.Add(shardOf("a.png", datatest.PNG(1), "a.cls", "1", "b.png", datatest.PNG(2), "b.json", `{"label":"x"}`), "")
	f.Add(zip(shardOf("a.png", datatest.PNG(1), "a.txt", "x")), "k")
	f.Fuzz(func(t *testing.T, b, key string) {
		path := filepath.Join(datatest.Tree(t, map[string]string{"x.tar": b}), "x.tar")
		s := &shard{path: path}
		left := int64(1 << 20)
		if err := s.unpack(&left); err != nil {
			return
		}
		samples, err := s.scan(key)
		if err != nil {
			return
		}
		size := int64(len(b))
		if s.content != nil {
			size = int64(len(s.content))
		}
		if slices.ContainsFunc(samples, func(m sample) bool { return m.offset < 0 || m.size < 0 || m.offset+m.size > size }) {
			t.Errorf("an image outside of %d bytes: %v", size, samples)
		}
	})
}
