package safetensors

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/format/formattest"
	"github.com/lince-ml/lince/tensor"
)

func scan(t *testing.T, b []byte) ([]format.Entry, map[string]string) {
	t.Helper()
	entries, metadata, err := Scan(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return entries, metadata
}

// TestPython reads what testdata/foreign.py has written.
func TestPython(t *testing.T) {
	f, err := format.Open("testdata/foreign.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	entries, metadata, err := Scan(f)
	if err != nil {
		t.Fatal(err)
	}
	formattest.Equal(t, entries, formattest.Sample(formattest.Types...))
	if metadata["format"] != "pt" || len(metadata) != 1 {
		t.Errorf("metadata %v", metadata)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
}

func TestScanFindsWhatEncodeWrites(t *testing.T) {
	var b bytes.Buffer
	want := formattest.Sample(formattest.Types...)
	if err := EncodeEntries(&b, want, map[string]string{"k": "v"}); err != nil {
		t.Fatal(err)
	}
	entries, metadata := scan(t, b.Bytes())
	formattest.Equal(t, entries, want)
	if len(metadata) != 1 || metadata["k"] != "v" {
		t.Errorf("metadata %v", metadata)
	}
}

// TestNoUncheckedTensor flips a bit of one tensor: none can be read.
func TestNoUncheckedTensor(t *testing.T) {
	b := encode(t, sample())
	b[len(b)-1] ^= 1
	entries, _ := scan(t, b)
	for _, e := range entries {
		if _, err := e.Read(); err == nil || !strings.HasPrefix(err.Error(), "checksum: the file is damaged") {
			t.Errorf("%s: error %v", e.Name, err)
		}
	}
}

// TestMisaligned reads a tensor that is not aligned to its elements from a mapped file.
func TestMisaligned(t *testing.T) {
	path := filepath.Join(t.TempDir(), "f")
	header := `{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[2],"data_offsets":[1,9]}}`
	if err := os.WriteFile(path, layout(header, "\x01\x00\x00\x80\x3f\x00\x00\x00\x40"), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := format.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	entries, _, err := Scan(f)
	if err != nil {
		t.Fatal(err)
	}
	want := []format.Entry{format.EntryOf("a", tensor.Of(tensor.ShapeOf(1), uint8(1))), format.EntryOf("b", tensor.Of(tensor.ShapeOf(2), float32(1), 2))}
	formattest.Equal(t, entries, want)
}

func TestNamesAreUnique(t *testing.T) {
	x := format.EntryOf("x", tensor.New(tensor.F32, tensor.ShapeOf(1)))
	if err := EncodeEntries(new(bytes.Buffer), []format.Entry{x, x}, nil); err == nil || !strings.Contains(err.Error(), "two tensors") {
		t.Errorf("error %v", err)
	}
}
