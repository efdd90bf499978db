package format

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/lince-ml/lince/tensor"
)

// open writes content to a file and opens it.
func open(t *testing.T, content []byte) (path string, f *File) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "weights")
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return path, f
}

func TestFile(t *testing.T) {
	content := []byte("0123456789abcdefghijklmnopqrstuvwxyz")
	for name, part := range map[string]func(*File) Reader{
		"file":               func(f *File) Reader { return f },
		"section":            func(f *File) Reader { return SectionOf(f, 0, f.Size()) },
		"section of section": func(f *File) Reader { return SectionOf(SectionOf(f, 0, f.Size()), 0, f.Size()) },
	} {
		_, f := open(t, content)
		r := part(f)
		for _, c := range []struct {
			offset int64
			n      int
			want   string
		}{{0, 8, "01234567"}, {4, 4, "4567"}, {3, 4, "3456"}, {32, 4, "wxyz"}, {36, 0, ""}} {
			x, err := ReadTensor(r, c.offset, tensor.U32, tensor.ShapeOf(c.n/4))
			if err != nil || string(x.Bytes()) != c.want {
				t.Errorf("%s: %d bytes at %d: %q, %v", name, c.n, c.offset, x.Bytes(), err)
			}
			for _, read := range []func(Reader, int64, int64) ([]byte, error){ReadBytes, Bytes} {
				if b, err := read(r, c.offset, int64(c.n)); err != nil || string(b) != c.want {
					t.Errorf("%s: %d bytes at %d: %q, %v", name, c.n, c.offset, b, err)
				}
			}
		}
		for _, offset := range []int64{-1, 33, 40, math.MaxInt64} {
			if _, err := ReadTensor(r, offset, tensor.U32, tensor.ShapeOf(1)); err == nil || !strings.HasPrefix(err.Error(), "truncated") {
				t.Errorf("%s: at %d: error %v", name, offset, err)
			}
			for _, read := range []func(Reader, int64, int64) ([]byte, error){ReadBytes, Bytes} {
				if _, err := read(r, offset, 4); err == nil || !strings.HasPrefix(err.Error(), "truncated") {
					t.Errorf("%s: at %d: error %v", name, offset, err)
				}
			}
		}
		if err := f.Close(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestViews looks whether aligned tensors of a mapped file are copied.
func TestViews(t *testing.T) {
	_, f := open(t, make([]byte, 64))
	defer f.Close()
	if f.mapping == nil {
		if slices.Contains([]string{"linux", "darwin"}, runtime.GOOS) {
			t.Error("not mapped")
		}
		t.Skip("this system maps no files")
	}
	for offset, isView := range map[int64]bool{0: true, 4: true, 2: false, 60: true} {
		for _, r := range []Reader{f, SectionOf(f, 0, 64)} {
			x, err := ReadTensor(r, offset, tensor.F32, tensor.ShapeOf(1))
			if err != nil {
				t.Fatal(err)
			}
			if (&x.Bytes()[0] == &f.mapping[offset]) != isView {
				t.Errorf("at %d: view is %v", offset, !isView)
			}
		}
	}
}

// TestShrinkingFile reads what is no longer there: an error, not a fault.
func TestShrinkingFile(t *testing.T) {
	path, f := open(t, make([]byte, 1<<16))
	if err := os.Truncate(path, 10); err != nil {
		t.Skip(err) // a system that does not allow it
	}
	if _, err := ReadBytes(f, 1<<15, 4); err == nil || !strings.Contains(err.Error(), "truncated while it was read") {
		t.Errorf("error %v", err)
	}
	if err := f.Close(); err == nil || !strings.HasPrefix(err.Error(), "changed while it was in use: 65536 bytes, now 10") {
		t.Errorf("error %v", err)
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) || strings.Contains(err.Error(), dir) {
		t.Errorf("error %v", err)
	}
	if _, err := Open(dir); err == nil || err.Error() != "not a regular file" {
		t.Errorf("error %v", err)
	}
	_, f := open(t, nil)
	if f.Size() != 0 || f.Close() != nil {
		t.Error("an empty file")
	}
}

func TestSizes(t *testing.T) {
	for _, dims := range [][]int64{{-1}, {1, 1, 1, 1, 1, 1, 1, 1, 1}} {
		if _, err := Shape(dims); err == nil {
			t.Errorf("shape %v", dims)
		}
	}
	s, err := Shape([]int64{1 << 30, 1 << 30, 2})
	if err != nil {
		t.Skip(err)
	}
	for _, d := range []tensor.DType{tensor.U8, tensor.F32, tensor.F64} {
		if n, err := Size(d, s); (err == nil) != (d == tensor.U8) {
			t.Errorf("%v%v: %d, %v", d, s, n, err)
		}
		if _, err := ReadTensor(bytes.NewReader(nil), 0, d, s); err == nil {
			t.Error("a tensor from nothing")
		}
	}
}

func TestBools(t *testing.T) {
	if _, err := ReadTensor(bytes.NewReader([]byte{0, 1, 2}), 0, tensor.Bool, tensor.ShapeOf(3)); err == nil || !strings.HasPrefix(err.Error(), "element 2 is 2") {
		t.Errorf("error %v", err)
	}
}

func TestConvert(t *testing.T) {
	e := EntryOf("x", tensor.Of(tensor.ShapeOf(2), float32(1), 300))
	if c := e.Convert(tensor.F32); c.DType != tensor.F32 || c.Bytes() != 8 {
		t.Errorf("%v", c)
	}
	c := e.Convert(tensor.F16)
	if x, err := c.Read(); err != nil || x.DType() != tensor.F16 || c.DType != tensor.F16 || c.Bytes() != 4 {
		t.Errorf("%v, %v", x, err)
	}
	if _, err := e.Convert(tensor.U8).Read(); err == nil || err.Error() != `tensor "x": element 1 is 300, which u8 cannot hold` {
		t.Errorf("error %v", err)
	}
}
