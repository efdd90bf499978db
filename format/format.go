// Package format holds what the formats of weight files, one package each below it, have in common: where they read from, and the
// entries that they find there.
//
// A format turns bytes into named tensors and back, and has no opinion of what they are for. Everything that it reads is hostile: sizes are
// checked against the file before memory is spent.
package format

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/lince-ml/lince/tensor"
)

// A Reader is what weights are read from: a [File], an [io.SectionReader], a [bytes.Reader].
type Reader interface {
	io.ReaderAt
	Size() int64
}

// An Entry is a named tensor of a file. It is read when somebody asks for it.
type Entry struct {
	Name  string
	DType tensor.DType
	Shape tensor.Shape
	// Read returns the tensor, which has the type and shape of the entry. It may be a view of a mapped file: it must not be written to,
	// and lives as long as the file is open.
	Read func() (*tensor.Tensor, error)
}

// EntryOf returns the entry of a tensor that is in memory.
func EntryOf(name string, t *tensor.Tensor) Entry {
	return Entry{name, t.DType(), t.Shape(), func() (*tensor.Tensor, error) { return t, nil }}
}

// Bytes returns the size of the tensor.
func (e Entry) Bytes() int { return e.Shape.Size() * e.DType.Size() }

// Convert returns e as a tensor of type d, as [tensor.Convert] makes it.
func (e Entry) Convert(d tensor.DType) Entry {
	if e.DType == d {
		return e
	}
	read := e.Read
	e.DType = d
	e.Read = func() (*tensor.Tensor, error) {
		t, err := read()
		if err != nil {
			return nil, err
		}
		if t, err = tensor.Convert(t, d); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", e.Name, err)
		}
		return t, nil
	}
	return e
}

// ReadTensor returns the tensor whose elements begin at byte offset of r, row-major and little-endian: a view if r is mapped and the place
// aligned, else a copy. The error says what is wrong, not where.
func ReadTensor(r Reader, offset int64, d tensor.DType, s tensor.Shape) (*tensor.Tensor, error) {
	n, err := Size(d, s)
	if err != nil {
		return nil, err
	}
	if offset < 0 || offset > r.Size() || int64(n) > r.Size()-offset {
		return nil, fmt.Errorf("truncated: the data end at byte %d, found %d", offset+int64(n), r.Size())
	}
	if b := viewOf(r, offset, n); b != nil && aligned(b, d.Size()) {
		t := tensor.Wrap(d, s, b)
		return t, CheckBools(t)
	}
	t := tensor.New(d, s)
	if err := readFull(r, t.Bytes(), offset); err != nil {
		return nil, err
	}
	return t, CheckBools(t)
}

// Bytes returns the n bytes at offset of r, which must not be written to: a view if r is mapped, else a copy.
func Bytes(r Reader, offset, n int64) ([]byte, error) {
	if int64(int(n)) == n {
		if b := viewOf(r, offset, int(n)); b != nil {
			return b, nil
		}
	}
	return ReadBytes(r, offset, n)
}

// ReadBytes returns a copy of the n bytes at offset of r.
func ReadBytes(r Reader, offset, n int64) ([]byte, error) {
	if offset < 0 || n < 0 || offset > r.Size() || n > r.Size()-offset {
		return nil, fmt.Errorf("truncated: %d bytes expected at byte %d, the end is at %d", n, offset, r.Size())
	}
	b := make([]byte, n)
	return b, readFull(r, b, offset)
}

// readFull fills b. The size has been checked before, so an early end means that the file has shrunk.
func readFull(r io.ReaderAt, b []byte, offset int64) error {
	n, err := r.ReadAt(b, offset)
	switch {
	case n == len(b):
		return nil
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("truncated while it was read")
	}
	return err
}

// Size returns the bytes that a tensor takes, an error if that is more than the machine can address.
func Size(d tensor.DType, s tensor.Shape) (int, error) {
	n, ok := s.CheckedSize()
	if !ok || n*d.Size()/d.Size() != n || n*d.Size() < 0 {
		return 0, fmt.Errorf("%v%v is beyond this machine's memory", d, s)
	}
	return n * d.Size(), nil
}

// Shape returns the shape with the given sizes, an error if a tensor cannot have it.
func Shape(dims []int64) (tensor.Shape, error) {
	if len(dims) > tensor.MaxRank {
		return tensor.Shape{}, fmt.Errorf("%d dimensions, at most %d are possible", len(dims), tensor.MaxRank)
	}
	sizes := make([]int, len(dims))
	for i, d := range dims {
		sizes[i] = int(d)
		if d < 0 || int64(sizes[i]) != d {
			return tensor.Shape{}, fmt.Errorf("size %d of a dimension, expected 0 or more, and less than this machine's memory", d)
		}
	}
	return tensor.ShapeOf(sizes...), nil
}

// CheckBools refuses a tensor of truth values with bytes that are neither 0 nor 1, which Go's bool must not be.
func CheckBools(t *tensor.Tensor) error {
	if t.DType() != tensor.Bool {
		return nil
	}
	if i := slices.IndexFunc(t.Bytes(), func(b byte) bool { return b > 1 }); i >= 0 {
		return fmt.Errorf("element %d is %d, expected 0 or 1 in a tensor of truth values", i, t.Bytes()[i])
	}
	return nil
}

// CheckByteOrder stops on the rare machine whose memory is not laid out as the files are.
func CheckByteOrder() error {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return errors.New("weight files are not supported on big-endian machines")
	}
	return nil
}
