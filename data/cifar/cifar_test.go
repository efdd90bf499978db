package cifar

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// records returns images with the labels, each of one byte more.
func records(labels ...[]byte) []byte {
	var b []byte
	for i, l := range labels {
		b = append(b, l...)
		for p := range pixels {
			b = append(b, byte(i+p))
		}
	}
	return b
}

func write(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	for name, b := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

func TestCIFAR10(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string][]byte{
		"data_batch_1.bin": records([]byte{3}, []byte{9}), "data_batch_3.bin": records([]byte{1}), "test_batch.bin": records([]byte{7}),
		"batches.meta.txt": []byte("airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n"),
	})
	if !Is(dir) {
		t.Error("not recognised")
	}
	train, test, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if train.Len() != 3 || test.Len() != 1 || train.Classes()[9] != "truck" || train.Name(2) != dir+"#2" {
		t.Errorf("%d and %d images, classes %v, name %s", train.Len(), test.Len(), train.Classes(), train.Name(2))
	}
	if want := filepath.Join(dir, "test_batch.bin") + "#0"; test.Name(0) != want {
		t.Errorf("name %s, want %s", test.Name(0), want)
	}
	for i, want := range []int{3, 9, 1} {
		s, err := train.Sample(i)
		label, _ := train.Label(i)
		if err != nil || s.Label != want || label != want {
			t.Errorf("label %d, %d, %v, want %d", s.Label, label, err, want)
		}
		if im := s.Image; im.C != 3 || im.H != 32 || im.W != 32 || len(im.Pix) != pixels || im.Pix[5] != byte(i%2+5) {
			t.Errorf("image %d: %d planes of %dx%d, pixel 5 is %d", i, im.C, im.H, im.W, im.Pix[5])
		}
	}
}

// TestCIFAR100 has the folder of the archive, and no names.
func TestCIFAR100(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string][]byte{"cifar-100-binary/test.bin": records([]byte{19, 99}, []byte{0, 42})})
	train, test, err := Open(dir)
	if err != nil || train != nil || test.Len() != 2 {
		t.Fatalf("%v, %v, %v", train, test, err)
	}
	if s, _ := test.Sample(1); s.Label != 42 || s.Image.Pix[0] != 1 || test.Classes()[42] != "42" || len(test.Classes()) != 100 {
		t.Errorf("label %d, pixel %d, classes %v", s.Label, s.Image.Pix[0], test.Classes())
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		files map[string][]byte
		want  string
	}{
		{nil, "no data_batch_1.bin or test_batch.bin of CIFAR-10, no train.bin"},
		{map[string][]byte{"test_batch.bin": records([]byte{1})[1:]}, "3072 bytes, expected a number of records of 3073 bytes"},
		{map[string][]byte{"test_batch.bin": {}}, "0 bytes"},
		{map[string][]byte{"test_batch.bin": records([]byte{1}, []byte{10})}, "image 1 has the label 10, expected 0 to 9"},
		{map[string][]byte{"test_batch.bin": records([]byte{1}), "batches.meta.txt": []byte("cat\ndog\n")}, "2 names of classes, expected 10"},
	} {
		dir := t.TempDir()
		write(t, dir, c.files)
		if _, _, err := Open(dir); err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), dir) {
			t.Errorf("%v, want %q in it and the path", err, c.want)
		}
	}
}

// TestAllocationIsBounded has a file of names without end, of which there is little more in memory than the file.
func TestAllocationIsBounded(t *testing.T) {
	dir := t.TempDir()
	images := records(make([]byte, 100))
	write(t, dir, map[string][]byte{"test_batch.bin": images, "batches.meta.txt": bytes.Repeat([]byte("cat\n"), 1<<20)})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, _, err := Open(dir); err == nil {
		t.Error("no error")
	}
	runtime.ReadMemStats(&after)
	if n := after.TotalAlloc - before.TotalAlloc; n > 1<<23 {
		t.Errorf("%d bytes allocated", n)
	}
}

// FuzzOpen reads any bytes as either set: an error or images, whose labels are in range.
func FuzzOpen(f *testing.F) {
	f.Add(records([]byte{1}), records([]byte{1, 2}))
	f.Add([]byte{}, []byte{1})
	f.Fuzz(func(t *testing.T, ten, hundred []byte) {
		for name, b := range map[string][]byte{"test_batch.bin": ten, "test.bin": hundred} {
			dir := t.TempDir()
			write(t, dir, map[string][]byte{name: b})
			_, test, err := Open(dir)
			if err != nil {
				continue
			}
			for i := range test.Len() {
				if s, _ := test.Sample(i); s.Label >= len(test.Classes()) {
					t.Errorf("label %d of %d classes", s.Label, len(test.Classes()))
				}
			}
		}
	})
}
