package webdataset

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/folder"
)

var options = Options{Images: folder.Options{C: 1, H: 2, W: 2}}

// gray returns a PNG of one grey.
func gray(y uint8) string {
	im := image.NewGray(image.Rect(0, 0, 2, 2))
	for i := range im.Pix {
		im.Pix[i] = y
	}
	var b bytes.Buffer
	if err := png.Encode(&b, im); err != nil {
		panic(err)
	}
	return b.String()
}

// shardOf returns a tar file of the files, given as name and content in turn.
func shardOf(files ...string) []byte {
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
	return b.Bytes()
}

func zip(b []byte) []byte {
	var z bytes.Buffer
	w := gzip.NewWriter(&z)
	w.Write(b)
	w.Close()
	return z.Bytes()
}

func write(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func describe(t *testing.T, sets data.Sets) string {
	t.Helper()
	var parts []string
	for name, d := range sets.All() {
		s := fmt.Sprint(name, d.Classes())
		for i := range d.Len() {
			sample, err := d.Sample(i)
			if err != nil {
				t.Fatal(err)
			}
			s += fmt.Sprintf(" %d=%d", sample.Image.Pix[0], sample.Label)
		}
		parts = append(parts, s)
	}
	return strings.Join(parts, " ")
}

func TestOpen(t *testing.T) {
	long := strings.Repeat("long/", 60) // a name that takes more than one header
	numbers := shardOf("a.png", gray(1), "a.cls", "2", "b.cls", "0\n", "b.png", gray(2))
	for name, c := range map[string]struct {
		files   map[string][]byte
		pattern string
		label   string
		want    string
	}{
		"numbers": {map[string][]byte{"x.tar": numbers}, "x.tar", "", "train[0 1 2] 1=2 2=0"},
		"names":   {map[string][]byte{"x.tar": shardOf("d/", "", "d/a.png", gray(1), "d/a.txt", "dog", "d/b.seg.png", gray(2), "d/b.txt", "cat")}, "x.tar", "", "train[cat dog] 1=1 2=0"},
		"json": {map[string][]byte{"x.tar": shardOf("a.png", gray(1), "a.json", `{"label":1,"x":"u"}`, "b.png", gray(2), "b.json", `{"class":0,"x":"v"}`)},
			"x.tar", "", "train[0 1] 1=1 2=0"},
		"key":    {map[string][]byte{"x.tar": shardOf("a.png", gray(1), "a.json", `{"label":1,"x":"u"}`, "b.png", gray(2), "b.json", `{"x":"v"}`)}, "x.tar", "x", "train[u v] 1=0 2=1"},
		"cls":    {map[string][]byte{"x.tar": shardOf("a.txt", "a caption", "a.png", gray(1), "a.cls", "1", "b.png", gray(2), "b.cls", "0", "b.txt", "another")}, "x.tar", "", "train[0 1] 1=1 2=0"},
		"others": {map[string][]byte{"x.tar": shardOf("readme.md", "hello", "._a.png", "macOS", "a.png", gray(1), "a.cls", "1", "only.cls", "7", "b.png", gray(2), "b.cls", "0")}, "x.tar", "", "train[0 1] 1=1 2=0"},
		"zipped": {map[string][]byte{"x.tar.gz": zip(numbers)}, "x.tar.gz", "", "train[0 1 2] 1=2 2=0"},
		"long":   {map[string][]byte{"x.tar": shardOf(long+"a.png", gray(1), long+"a.cls", "0", long+"b.png", gray(2), long+"b.cls", "1")}, "x.tar", "", "train[0 1] 1=0 2=1"},
		"braces": {map[string][]byte{"x-08.tar": shardOf("a.png", gray(1), "a.cls", "0"), "x-09.tar": shardOf("a.png", gray(2), "a.cls", "1"), "x-10.tar": numbers, "x-11.tar": nil},
			"x-{08..10}.tar", "", "train[0 1 2] 1=0 2=1 1=2 2=0"},
		"star":  {map[string][]byte{"x-2.tar": shardOf("a.png", gray(3), "a.cls", "0"), "x-1.tar": numbers, "y.tar": nil}, "x-*.tar", "", "train[0 1 2] 1=2 2=0 3=0"},
		"named": {map[string][]byte{"x.tar": numbers, ClassesFile: []byte("ant\nbee\ncow\ndog\n")}, "x.tar", "", "train[ant bee cow dog] 1=2 2=0"},
		"sets": {map[string][]byte{"train-0.tar": numbers, "val-0.tar": shardOf("c.png", gray(3), "c.cls", "1"), "test.tgz": zip(shardOf("c.png", gray(4), "c.cls", "2"))},
			"", "", "train[0 1 2] 1=2 2=0 val[0 1 2] 3=1 test[0 1 2] 4=2"},
		"folder": {map[string][]byte{"000.tar": numbers, "notes.txt": nil}, "", "", "train[0 1 2] 1=2 2=0"},
	} {
		dir := write(t, c.files)
		opt := options
		opt.Label = c.label
		sets, err := Open(filepath.Join(dir, c.pattern), opt)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got := describe(t, sets); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", name, got, c.want)
		}
		if c.pattern == "" && !Is(dir) {
			t.Errorf("%s: not recognised", name)
		}
	}
}

func TestErrors(t *testing.T) {
	good := shardOf("a.png", gray(1), "a.cls", "1", "b.png", gray(2), "b.cls", "0")
	for _, c := range []struct {
		files map[string][]byte
		path  string
		want  string
	}{
		{nil, "x.tar", "read DIR/x.tar: no such file or directory"},
		{nil, "x-*.tar", "read DIR/x-*.tar: no such files"},
		{nil, "", "read DIR: no files that end in .tar, .tar.gz or .tgz"},
		{map[string][]byte{"val.tar": good}, "", "read DIR: shards of val and test, but none that begins with train"},
		{nil, "x-{1..b}.tar", "read DIR/x-{1..b}.tar: {1..b, expected numbers as in {000..009}"},
		{map[string][]byte{"x.tar": []byte(strings.Repeat("no tar ", 200))}, "x.tar", "read DIR/x.tar: no tar file, or a damaged one: archive/tar: invalid tar header"},
		{map[string][]byte{"x.tar": good[:len(good)-1800]}, "x.tar", "read DIR/x.tar: no tar file, or a damaged one: unexpected EOF"},
		{map[string][]byte{"x.tar": zip(good)[:60]}, "x.tar", "read DIR/x.tar: damaged: unexpected EOF"},
		{map[string][]byte{"x.tar": shardOf("a.cls", "1")}, "x.tar", "read DIR/x.tar: no images"},
		{map[string][]byte{"x.tar": shardOf("a.png", gray(1), "b.cls", "1")}, "x.tar", "read DIR/x.tar: a.png has no label, expected a.cls, .txt or .json"},
		{map[string][]byte{"x.tar": shardOf("a.png", gray(1), "a.jpg", "")}, "x.tar", "read DIR/x.tar: a.jpg: a second image beside a.png"},
		{map[string][]byte{"x.tar": shardOf("a.png", gray(1), "a.cls", " ")}, "x.tar", "read DIR/x.tar: a.cls: empty, expected a label"},
		{map[string][]byte{"x.tar": shardOf("a.png", gray(1), "a.json", "[1]")}, "x.tar", "read DIR/x.tar: a.json: no JSON object: json: cannot unmarshal array"},
		{map[string][]byte{"x.tar": shardOf("a.png", gray(1), "a.json", "{}")}, "x.tar", "read DIR/x.tar: a.png has no label"},
		{map[string][]byte{"x.tar": shardOf("a.png", gray(1), "a.cls", "99999999")}, "x.tar", "read DIR/x.tar: the class 99999999, expected at most 1048576"},
		{map[string][]byte{"x.tar": shardOf("a.png", gray(1), "a.cls", "cat")}, "x.tar", "read DIR/x.tar: one class only (cat), expected two or more"},
		{map[string][]byte{"train.tar": good, "val.tar": shardOf("a.png", gray(1), "a.cls", "7")}, "", `read DIR/val.tar: a.png has the class "7", which is none of 2`},
		{map[string][]byte{"x.tar": good, ClassesFile: []byte("ant\n")}, "x.tar", "read DIR/classes.txt: 1 classes, expected two or more, one in each line"},
	} {
		dir := write(t, c.files)
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
	dir := write(t, map[string][]byte{"x.tar": shardOf("a.png", "no picture", "a.cls", "1", "b.png", gray(2), "b.cls", "0")})
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
	f.Add(shardOf("a.png", gray(1), "a.cls", "1", "b.png", gray(2), "b.json", `{"label":"x"}`), "")
	f.Add(zip(shardOf("a.png", gray(1), "a.txt", "x")), "k")
	f.Fuzz(func(t *testing.T, b []byte, key string) {
		path := filepath.Join(write(t, map[string][]byte{"x.tar": b}), "x.tar")
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
