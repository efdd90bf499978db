package cifar

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func golden(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestPickles reads batches that Python has written, of all protocols; testdata/pickles.py makes them.
func TestPickles(t *testing.T) {
	for _, name := range []string{"batch-python2", "batch-protocol2", "batch-protocol3", "batch-protocol4", "batch-protocol5"} {
		dir := t.TempDir()
		write(t, dir, map[string][]byte{"cifar-10-batches-py/test_batch": golden(t, name), "cifar-10-batches-py/batches.meta": golden(t, "meta")})
		if !Is(dir) {
			t.Errorf("%s: not recognised", name)
		}
		train, test, err := Open(dir)
		if err != nil || train != nil || test.Len() != 2 {
			t.Fatalf("%s: %v, %v, %v", name, train, test, err)
		}
		s, _ := test.Sample(1)
		if s.Label != 9 || test.Classes()[s.Label] != "truck" || s.Image.Pix[0] != 3072%7 || s.Image.Pix[3071] != 6143%7 {
			t.Errorf("%s: label %d of %v, pixels %d ... %d", name, s.Label, test.Classes(), s.Image.Pix[0], s.Image.Pix[3071])
		}
	}
}

// archive returns a .tar.gz of the files.
func archive(t testing.TB, files map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for name, content := range files {
		if err := w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content))}); err != nil {
			t.Fatal(err)
		}
		w.Write(content)
	}
	w.Close()
	z.Close()
	return b.Bytes()
}

func TestArchives(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string][]byte{
		"py.tar.gz":  archive(t, map[string][]byte{"cifar-10-batches-py/data_batch_2": golden(t, "batch-python2"), "cifar-10-batches-py/batches.meta": golden(t, "meta")}),
		"bin.tar.gz": archive(t, map[string][]byte{"cifar-100-binary/train.bin": records([]byte{19, 99}, []byte{0, 42})}),
		"no.tar.gz":  archive(t, map[string][]byte{"photos/train.bin": records([]byte{19, 99})}),
		"cut.tar.gz": archive(t, map[string][]byte{"cifar-100-binary/train.bin": records([]byte{19, 99})})[:100],
		"text":       []byte("no archive"),
	})
	for name, want := range map[string]int{"py.tar.gz": 9, "bin.tar.gz": 42} {
		path := filepath.Join(dir, name)
		train, test, err := Open(path)
		if err != nil || test != nil || train.Len() != 2 || !Is(path) {
			t.Errorf("%s: %v, %v, %v", name, train, test, err)
			continue
		}
		if label, _ := train.Label(1); label != want {
			t.Errorf("%s: label %d, want %d", name, label, want)
		}
	}
	for name, want := range map[string]string{"no.tar.gz": "no archive of CIFAR-10 or CIFAR-100", "cut.tar.gz": "unexpected EOF", "text": "gzip: invalid header"} {
		path := filepath.Join(dir, name)
		if _, _, err := Open(path); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%v, want %q in it and the path", err, want)
		}
		if name != "cut.tar.gz" && Is(path) {
			t.Errorf("%s: recognised", name)
		}
	}
}

func TestPickleErrors(t *testing.T) {
	for content, want := range map[string]string{
		string(golden(t, "batch-wide")):                  "an array of i2, expected u1 (unsigned bytes)",
		string(golden(t, "batch-python2")[:2000]):        "truncated",
		string(golden(t, "meta")):                        `a pickle without a list "labels" and an array "data"`,
		"\x80\x02cos\nsystem\n(U\x02lstR.":               `it asks for the global "os.system", which is refused: nothing in a pickle is run`,
		"\x80\x02cnumpy\nndarray\n)R.":                   "numpy.ndarray is called, which it may not be",
		"\x80\x02K\x01.":                                 "a pickle of something else than a dictionary",
		"\x80\x02}(U\x06labels](K\x01eU\x04dataU\x01xu.": `and an array "data"`,
		"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n)R.": "refused",
		"hello": "no pickle of protocol 2 to 5",
		"\x80\x02cnumpy.core.multiarray\n_reconstruct\n)RK\x01b.": "another version of numpy",
	} {
		dir := t.TempDir()
		write(t, dir, map[string][]byte{"cifar-10-batches-py/test_batch": []byte(content), "cifar-10-batches-py/batches.meta": golden(t, "meta")})
		_, _, err := Open(dir)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "test_batch") {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// FuzzPickle reads any bytes as a batch and as names: an error or images.
func FuzzPickle(f *testing.F) {
	for _, name := range []string{"batch-python2", "batch-protocol2", "batch-protocol4", "batch-protocol5", "meta"} {
		f.Add(golden(f, name))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := pickledRecords(b, "labels"); err == nil && len(r)%(1+pixels) != 0 {
			t.Errorf("%d bytes", len(r))
		}
		pickledNames(b, "label_names")
	})
}
