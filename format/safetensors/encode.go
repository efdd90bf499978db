package safetensors

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"unicode/utf8"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/tensor"
)

// Encode writes f to w, with a checksum. The same File always gives the same bytes: tensors stand in the order of
// falling element size and, within one size, of names, so that each is aligned to its elements; the data begin on a
// multiple of 64 bytes.
func Encode(w io.Writer, f *File) error {
	entries := make([]format.Entry, 0, len(f.Tensors))
	for name, t := range f.Tensors {
		entries = append(entries, format.EntryOf(name, t))
	}
	return EncodeEntries(w, entries, f.Metadata)
}

// EncodeEntries is [Encode] of tensors that may lie in another file, each with a name of its own. They are read twice, for the
// checksum stands before the data, and are in memory one at a time.
func EncodeEntries(w io.Writer, entries []format.Entry, metadata map[string]string) error {
	if err := format.CheckByteOrder(); err != nil {
		return err
	}
	entries = slices.SortedFunc(slices.Values(entries), func(a, b format.Entry) int {
		return cmp.Or(cmp.Compare(b.DType.Size(), a.DType.Size()), cmp.Compare(a.Name, b.Name))
	})
	header, err := encodeHeader(entries, metadata)
	if err != nil {
		return err
	}
	length := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	at := bytes.Index(header, []byte(checksumEntry)) + len(checksumEntry) - len(`"`) - checksumDigits

	sum := startChecksum(length, header, at)
	if err := writeData(sum, entries); err != nil {
		return err
	}
	copy(header[at:], digitsOf(sum))

	for _, part := range [][]byte{length, header} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	return writeData(w, entries)
}

func writeData(w io.Writer, entries []format.Entry) error {
	for _, e := range entries {
		t, err := e.Read()
		if err != nil {
			return err
		}
		if _, err := w.Write(t.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// checksumEntry is the checksum before it is known.
var checksumEntry = fmt.Sprintf("%q:%q", checksumKey, checksumPrefix+zeroDigits)

// encodeHeader returns the header, padded, with zeros for the digits of the checksum.
func encodeHeader(entries []format.Entry, metadata map[string]string) ([]byte, error) {
	b := []byte(`{"__metadata__":`)
	b, err := appendMetadata(b, metadata)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{metadataName: true}
	offset := 0
	for _, e := range entries {
		switch {
		case e.Name == metadataName:
			return nil, fmt.Errorf("tensor %q: the format reserves this name", e.Name)
		case seen[e.Name]:
			return nil, fmt.Errorf("tensor %q: the name of two tensors", e.Name)
		}
		seen[e.Name] = true
		b = append(b, ',')
		if b, err = appendString(b, e.Name); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", e.Name, err)
		}
		shape, err := json.Marshal(append([]int{}, e.Shape.Dims()...)) // not null for a scalar
		if err != nil {
			return nil, err
		}
		end := offset + e.Bytes()
		b = fmt.Appendf(b, `:{"dtype":%q,"shape":%s,"data_offsets":[%d,%d]}`, dtypeNames[e.DType], shape, offset, end)
		offset = end
	}
	b = append(b, '}')
	for (8+len(b))%tensor.Align != 0 {
		b = append(b, ' ')
	}
	if len(b) > maxHeader {
		return nil, fmt.Errorf("header of %d bytes, the format allows %d", len(b), maxHeader)
	}
	return b, nil
}

// appendMetadata appends the metadata object with the place for the checksum in it, keys sorted.
func appendMetadata(b []byte, metadata map[string]string) ([]byte, error) {
	if _, ok := metadata[checksumKey]; ok {
		return nil, fmt.Errorf("metadata %q: Encode writes this entry itself", checksumKey)
	}
	b = append(b, '{')
	b = append(b, checksumEntry...)
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		var err error
		b = append(b, ',')
		if b, err = appendString(b, key); err != nil {
			return nil, fmt.Errorf("metadata %q: %w", key, err)
		}
		b = append(b, ':')
		if b, err = appendString(b, metadata[key]); err != nil {
			return nil, fmt.Errorf("metadata %q: value: %w", key, err)
		}
	}
	return append(b, '}'), nil
}

// appendString appends s as JSON. Invalid UTF-8, which encoding/json would replace, is an error.
func appendString(b []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, fmt.Errorf("not valid UTF-8")
	}
	quoted, err := json.Marshal(s)
	return append(b, quoted...), err
}
