package idx

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/data"
)

// file lays out an IDX file of the given sizes and data.
func file(data []byte, dims ...uint32) []byte {
	b := []byte{0, 0, 8, byte(len(dims))}
	for _, d := range dims {
		b = binary.BigEndian.AppendUint32(b, d)
	}
	return append(b, data...)
}

func zip(b []byte) []byte {
	var out bytes.Buffer
	z, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	z.Write(b)
	z.Close()
	return out.Bytes()
}

func count(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

func TestDecode(t *testing.T) {
	want := Array{[]int{2, 3, 4}, count(24)}
	for _, b := range [][]byte{file(count(24), 2, 3, 4), zip(file(count(24), 2, 3, 4))} {
		if got, err := Decode(b, 3); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("got %v, %v", got, err)
		}
	}
}

func TestDecodeErrors(t *testing.T) {
	good := file(count(24), 2, 3, 4)
	zipped := zip(good)
	flipped := slices.Clone(zipped)
	flipped[len(flipped)-6] ^= 1 // in the checksum
	for _, c := range []struct {
		file []byte
		want string
	}{
		{nil, "truncated: a header of 16 bytes expected, 0 found"},
		{good[:3], "truncated: a header of 16 bytes expected, 3 found"},
		{good[:15], "truncated: a header of 16 bytes expected, 15 found"},
		{good[:16], "truncated: 24 bytes promised by the header, 0 found"},
		{good[:39], "truncated: 24 bytes promised by the header, 23 found"},
		{append(slices.Clone(good), 0), "too long: bytes follow"},
		{file(count(24), 24), "wrong magic: begins with 00 00 08 01, expected 00 00 08 03 (IDX, unsigned bytes, rank 3)"},
		{[]byte("\x89PNG"), "wrong magic: begins with 89 50 4e 47"},
		{file(nil, 60000, 1<<20, 1<<20), "header: the sizes 00 00 ea 60 00 10 00 00 00 10 00 00 give more than 2 GiB"},
		{file(nil, 1<<31-1, 1, 1), "truncated: 2147483647 bytes promised by the header, 0 found"},
		{zip(good[:15]), "truncated: a header of 16 bytes"},
		{zip(good[:39]), "truncated: 24 bytes promised by the header, 23 found"},
		{zip(append(slices.Clone(good), 0)), "too long: bytes follow"},
		{zipped[:5], "damaged: unexpected EOF"},
		{zipped[:20], "truncated: "},
		{zipped[:len(zipped)-3], "damaged: unexpected EOF"},
		{flipped, "damaged: gzip: invalid checksum"},
		{append(slices.Clone(zipped), "bytes of something else"...), "damaged: gzip: invalid header"},
	} {
		if _, err := Decode(c.file, 3); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("% x: error %v, want %s", c.file, err, c.want)
		}
	}
}

// TestAllocationIsBounded gives headers that promise much, and a gzip bomb behind one that promises little.
func TestAllocationIsBounded(t *testing.T) {
	for name, b := range map[string][]byte{
		"plain":  file(nil, 1<<31-1),
		"zipped": zip(file(nil, 1<<31-1)),
		"bomb":   zip(file(make([]byte, 8<<20), 10)),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := Decode(b, 1); err == nil {
			t.Errorf("%s: no error", name)
		}
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 1<<17 {
			t.Errorf("%s: %d bytes allocated for a file of %d", name, n, len(b))
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, rank := range []byte{1, 3} {
		f.Add(file(count(24), []uint32{24, 1, 1}[:rank]...), rank)
		f.Add(zip(file(count(24), []uint32{24, 1, 1}[:rank]...)), rank)
	}
	f.Fuzz(func(t *testing.T, b []byte, rank byte) {
		a, err := Decode(b, int(rank))
		if err != nil {
			return
		}
		n := 1
		var dims []uint32
		for _, d := range a.Dims {
			n *= d
			dims = append(dims, uint32(d))
		}
		if n != len(a.Data) || len(a.Dims) != int(rank) {
			t.Fatalf("%d bytes of sizes %v", len(a.Data), a.Dims)
		}
		if again, err := Decode(file(a.Data, dims...), int(rank)); err != nil || !reflect.DeepEqual(a, again) {
			t.Errorf("%v became %v, %v", a, again, err)
		}
	})
}

// folder writes files into a new folder: four good ones, with changes (nil leaves one out).
func folder(t *testing.T, changes map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	files := map[string][]byte{
		"train-images-idx3-ubyte": file(count(24), 4, 2, 3),
		"train-labels-idx1-ubyte": file([]byte{0, 2, 1, 2}, 4),
		"t10k-images-idx3-ubyte":  file(count(12), 2, 2, 3),
		"t10k-labels-idx1-ubyte":  file([]byte{1, 0}, 2),
	}
	for name, b := range changes {
		files[name] = b
	}
	for name, b := range files {
		if b == nil {
			continue
		}
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestOpen(t *testing.T) {
	images, labels := file(count(12), 2, 2, 3), file([]byte{1, 0}, 2)
	for name, changes := range map[string]map[string][]byte{
		"plain": nil,
		"zipped": {
			"t10k-images-idx3-ubyte": nil, "t10k-images-idx3-ubyte.gz": zip(images),
			"t10k-labels-idx1-ubyte": nil, "t10k-labels-idx1-ubyte.gz": labels, // the name says .gz, the content not
		},
		"dots": {"t10k-images-idx3-ubyte": nil, "t10k-images.idx3-ubyte": images},
		"emnist": {
			"t10k-images-idx3-ubyte": nil, "emnist-digits-test-images-idx3-ubyte": images,
			"t10k-labels-idx1-ubyte": nil, "emnist-digits-test-labels-idx1-ubyte": labels,
		},
	} {
		train, test, err := Open(folder(t, changes))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if fmt.Sprint(train.Len(), test.Len(), train.Classes(), test.Classes()) != "4 2 [0 1 2] [0 1 2]" {
			t.Errorf("%s: %d and %d samples, classes %v and %v", name, train.Len(), test.Len(), train.Classes(), test.Classes())
		}
		s, err := test.Sample(1)
		want := data.Sample{Image: data.Image{C: 1, H: 2, W: 3, Pix: []uint8{6, 7, 8, 9, 10, 11}}}
		if label, _ := train.Label(1); err != nil || !reflect.DeepEqual(s, want) || label != 2 {
			t.Errorf("%s: %v, %v, label %d", name, s, err, label)
		}
	}
}

// TestTurned has square images in the files of EMNIST, and the names of the classes.
func TestTurned(t *testing.T) {
	dir := folder(t, map[string][]byte{
		"train-images-idx3-ubyte": nil, "emnist-letters-train-images-idx3-ubyte": file(count(36), 4, 3, 3), "t10k-images-idx3-ubyte": file(count(18), 2, 3, 3),
		ClassesFile: []byte("none\r\na\r\nb\r\n"),
	})
	train, test, err := Open(dir)
	if err != nil || !Is(dir) || Is(t.TempDir()) {
		t.Fatal(err)
	}
	turned, _ := train.Sample(1)
	if want := []uint8{9, 12, 15, 10, 13, 16, 11, 14, 17}; !slices.Equal(turned.Image.Pix, want) {
		t.Errorf("pixels %v, want %v", turned.Image.Pix, want)
	}
	if s, _ := test.Sample(0); !slices.Equal(s.Image.Pix, count(9)) {
		t.Errorf("pixels %v of a file with another name", s.Image.Pix)
	}
	if want := []string{"none", "a", "b"}; !slices.Equal(train.Classes(), want) || !slices.Equal(test.Classes(), want) {
		t.Errorf("classes %v and %v", train.Classes(), test.Classes())
	}
}

func TestEncode(t *testing.T) {
	var b bytes.Buffer
	if err := Encode(&b, Array{[]int{2, 3, 4}, count(24)}); err != nil || !bytes.Equal(b.Bytes(), file(count(24), 2, 3, 4)) {
		t.Errorf("% x, %v", b.Bytes(), err)
	}
}

func TestOpenErrors(t *testing.T) {
	for want, changes := range map[string]map[string][]byte{
		"read DIR: no train-images-idx3-ubyte, plain or .gz":                                       {"train-images-idx3-ubyte": nil},
		"read DIR: no t10k-labels-idx1-ubyte, plain or .gz":                                        {"t10k-labels-idx1-ubyte": nil},
		"read DIR: train-labels-idx1-ubyte, train-labels.idx1-ubyte: which one? expected one":      {"train-labels.idx1-ubyte": {1}},
		"read DIR/t10k-images-idx3-ubyte: wrong magic: begins with 00 00 08 01":                    {"t10k-images-idx3-ubyte": file(nil, 1)},
		"read DIR/t10k-labels-idx1-ubyte: truncated: 3 bytes promised by the header, 2 found":      {"t10k-labels-idx1-ubyte": file([]byte{1, 0}, 3)},
		"DIR/t10k-images-idx3-ubyte: 2 images, but 3 labels":                                       {"t10k-labels-idx1-ubyte": file([]byte{1, 0, 1}, 3)},
		"DIR/t10k-images-idx3-ubyte: 0 images of 2x3 pixels, expected":                             {"t10k-images-idx3-ubyte": file(nil, 0, 2, 3), "t10k-labels-idx1-ubyte": file(nil, 0)},
		"DIR/t10k-images-idx3-ubyte: images of [3 2] pixels, those of the training set have [2 3]": {"t10k-images-idx3-ubyte": file(count(12), 2, 3, 2)},
		"DIR/t10k-images-idx3-ubyte#1: label 3, the training set has 0 to 2":                       {"t10k-labels-idx1-ubyte": file([]byte{1, 3}, 2)},
		"DIR/train-images-idx3-ubyte: all labels are 0, expected two classes or more":              {"train-labels-idx1-ubyte": file(make([]byte, 4), 4)},
		"read DIR/classes.txt: 2 names of classes, expected 3, one in each line":                   {ClassesFile: []byte("a\nb\n")},
		"read DIR/train-images-idx3-ubyte: damaged: unexpected EOF":                                {"train-images-idx3-ubyte": {0x1f, 0x8b}},
	} {
		dir := folder(t, changes)
		_, _, err := Open(dir)
		if err == nil || !strings.HasPrefix(strings.ReplaceAll(err.Error(), dir, "DIR"), want) {
			t.Errorf("error %v\nwant %s", err, want)
		}
	}
	if _, _, err := Open("no such folder"); err == nil || err.Error() != "read no such folder: no such file or directory" {
		t.Errorf("error %v", err)
	}
}
