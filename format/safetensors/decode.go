package safetensors

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"hash"
	"io"
	"slices"

	"github.com/lince-ml/lince/tensor"
)

// Decode reads a file of size bytes from r. It checks the header, the layout of the data and, where the file has
// one, the checksum.
func Decode(r io.ReaderAt, size int64) (*File, error) {
	if err := checkByteOrder(); err != nil {
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
	var sum hash.Hash
	data := io.Reader(io.NewSectionReader(r, start, size-start))
	if at >= 0 {
		sum = startChecksum(length, header, at)
		data = io.TeeReader(data, sum)
	}
	tensors, err := readTensors(data, entries)
	if err != nil {
		return nil, err
	}
	if at >= 0 {
		if got, want := digitsOf(sum), string(header[at:at+checksumDigits]); got != want {
			return nil, fmt.Errorf("checksum: the file is damaged: its SHA-256 is %s, expected %s", got, want)
		}
	}
	if err := checkBools(tensors); err != nil {
		return nil, err
	}
	delete(metadata, checksumKey)
	return &File{tensors, metadata}, nil
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

// checkBools refuses bytes that are neither 0 nor 1, which Go's bool must not be.
func checkBools(tensors map[string]*tensor.Tensor) error {
	for name, t := range tensors {
		if t.DType() != tensor.Bool {
			continue
		}
		if i := slices.IndexFunc(t.Bytes(), func(b byte) bool { return b > 1 }); i >= 0 {
			return fmt.Errorf("tensor %q: element %d is %d, expected 0 or 1 in BOOL", name, i, t.Bytes()[i])
		}
	}
	return nil
}
