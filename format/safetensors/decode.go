package safetensors

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"sync"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/tensor"
)

// A preamble is all of a file but the data.
type preamble struct {
	length, header []byte
	entries        []entry // in the order of their data
	metadata       map[string]string
	start          int64 // of the data
	size           int64 // of the file
	digits         int   // where the checksum's digits are in header, or -1
}

// Decode reads a file of size bytes from r. It checks the header, the layout of the data and, where the file has
// one, the checksum.
func Decode(r io.ReaderAt, size int64) (*File, error) {
	l, err := parse(r, size)
	if err != nil {
		return nil, err
	}
	var sum hash.Hash
	data := io.Reader(l.data(r))
	if l.digits >= 0 {
		sum = l.startSum()
		data = io.TeeReader(data, sum)
	}
	tensors, err := readTensors(data, l.entries)
	if err != nil {
		return nil, err
	}
	if l.digits >= 0 {
		if err := l.checkSum(sum); err != nil {
			return nil, err
		}
	}
	for name, t := range tensors {
		if err := format.CheckBools(t); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
	}
	return &File{tensors, l.metadata}, nil
}

// Scan reads the header of a file, checks it and the layout of the data, and returns what it has: the tensors in the order of their data.
// If the file has a checksum, the first tensor to be read checks it.
func Scan(r format.Reader) ([]format.Entry, map[string]string, error) {
	l, err := parse(r, r.Size())
	if err != nil {
		return nil, nil, err
	}
	verify := sync.OnceValue(func() error { return l.verify(r) })
	entries := make([]format.Entry, len(l.entries))
	for i, e := range l.entries {
		entries[i] = format.Entry{Name: e.name, DType: e.dtype, Shape: e.shape, Read: func() (*tensor.Tensor, error) {
			if err := verify(); err != nil {
				return nil, err
			}
			t, err := format.ReadTensor(r, l.start+e.begin, e.dtype, e.shape)
			if err != nil {
				return nil, fmt.Errorf("tensor %q: %w", e.name, err)
			}
			return t, nil
		}}
	}
	return entries, l.metadata, nil
}

// parse reads and checks all but the data.
func parse(r io.ReaderAt, size int64) (*preamble, error) {
	if err := format.CheckByteOrder(); err != nil {
		return nil, err
	}
	length, header, err := readHeader(r, size)
	if err != nil {
		return nil, err
	}
	entries, metadata, err := parseHeader(header)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	start := int64(len(length) + len(header))
	if err := checkLayout(entries, size-start); err != nil {
		return nil, err
	}
	at, err := findChecksum(header, metadata)
	if err != nil {
		return nil, err
	}
	delete(metadata, checksumKey)
	return &preamble{length, header, entries, metadata, start, size, at}, nil
}

func (l *preamble) data(r io.ReaderAt) io.Reader {
	return io.NewSectionReader(r, l.start, l.size-l.start)
}

func (l *preamble) startSum() hash.Hash { return startChecksum(l.length, l.header, l.digits) }

func (l *preamble) checkSum(sum hash.Hash) error {
	if got, want := digitsOf(sum), string(l.header[l.digits:l.digits+checksumDigits]); got != want {
		return fmt.Errorf("checksum: the file is damaged: its SHA-256 is %s, expected %s", got, want)
	}
	return nil
}

// verify reads the data to check the checksum, if there is one.
func (l *preamble) verify(r io.ReaderAt) error {
	if l.digits < 0 {
		return nil
	}
	sum := l.startSum()
	if n, err := io.CopyBuffer(sum, l.data(r), make([]byte, 1<<20)); err != nil || n < l.size-l.start {
		return cmp.Or(err, errors.New("truncated while it was read"))
	}
	return l.checkSum(sum)
}

// readHeader returns the 8 bytes of the header's length, and the header.
func readHeader(r io.ReaderAt, size int64) (length, header []byte, err error) {
	if size < 8 {
		return nil, nil, fmt.Errorf("truncated: %d bytes, a safetensors file has at least 8", size)
	}
	length = make([]byte, 8)
	if err := readAll(io.NewSectionReader(r, 0, 8), length); err != nil {
		return nil, nil, err
	}
	n := binary.LittleEndian.Uint64(length)
	if n > maxHeader {
		return nil, nil, fmt.Errorf("header: length of %d bytes, the format allows %d: not a safetensors file?", n, maxHeader)
	}
	if n > uint64(size-8) {
		return nil, nil, fmt.Errorf("truncated: header of %d bytes promised, %d found", n, size-8)
	}
	header = make([]byte, n)
	err = readAll(io.NewSectionReader(r, 8, int64(n)), header)
	return length, header, err
}

// checkLayout sorts entries by their place and checks that they cover the data without gap or overlap.
func checkLayout(entries []entry, size int64) error {
	slices.SortFunc(entries, func(a, b entry) int {
		return cmp.Or(cmp.Compare(a.begin, b.begin), cmp.Compare(a.end, b.end))
	})
	at := int64(0)
	for _, e := range entries {
		switch {
		case e.end > size:
			return fmt.Errorf("truncated: tensor %q ends at byte %d of the data, %d found", e.name, e.end, size)
		case e.begin < at:
			return fmt.Errorf("tensor %q: begins at byte %d, inside another tensor that ends at %d", e.name, e.begin, at)
		case e.begin > at:
			return fmt.Errorf("tensor %q: begins at byte %d, expected %d: the bytes between belong to no tensor", e.name, e.begin, at)
		}
		at = e.end
	}
	if at < size {
		return fmt.Errorf("%d bytes after the last tensor, expected none", size-at)
	}
	return nil
}

// readTensors reads the tensors, each into memory of its own, in the order of entries.
func readTensors(data io.Reader, entries []entry) (map[string]*tensor.Tensor, error) {
	tensors := make(map[string]*tensor.Tensor, len(entries))
	for _, e := range entries {
		t := tensor.New(e.dtype, e.shape)
		if err := readAll(data, t.Bytes()); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", e.name, err)
		}
		tensors[e.name] = t
	}
	return tensors, nil
}

// readAll fills b. The size of the file has been checked before, so an early end means that the file has shrunk.
func readAll(r io.Reader, b []byte) error {
	_, err := io.ReadFull(r, b)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return fmt.Errorf("truncated while it was read")
	}
	return err
}
