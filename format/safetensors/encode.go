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

	"github.com/lince-ml/lince/tensor"
)

// Encode writes f to w, with a checksum. The same File always gives the same bytes: tensors stand in the order of
// falling element size and, within one size, of names, so that each is aligned to its elements; the data begin on a
// multiple of 64 bytes.
func Encode(w io.Writer, f *File) error {
	if err := checkByteOrder(); err != nil {
		return err
	}
	names := order(f.Tensors)
	header, err := encodeHeader(names, f)
	if err != nil {
		return err
	}
	length := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	at := bytes.Index(header, []byte(checksumEntry)) + len(checksumEntry) - len(`"`) - checksumDigits

	sum := startChecksum(length, header, at)
	for _, name := range names {
		sum.Write(f.Tensors[name].Bytes())
	}
	copy(header[at:], digitsOf(sum))

	for _, part := range [][]byte{length, header} {
		if _, err := w.Write(part); err != nil {
			return err
		}
	}
	for _, name := range names {
		if _, err := w.Write(f.Tensors[name].Bytes()); err != nil {
			return err
		}
	}
	return nil
}

// checksumEntry is the checksum before it is known.
var checksumEntry = fmt.Sprintf("%q:%q", checksumKey, checksumPrefix+zeroDigits)

// order returns the names in the order in which the tensors are written.
func order(tensors map[string]*tensor.Tensor) []string {
	return slices.SortedFunc(maps.Keys(tensors), func(a, b string) int {
		return cmp.Or(cmp.Compare(tensors[b].DType().Size(), tensors[a].DType().Size()), cmp.Compare(a, b))
	})
}

// encodeHeader returns the header, padded, with zeros for the digits of the checksum.
func encodeHeader(names []string, f *File) ([]byte, error) {
	b := []byte(`{"__metadata__":`)
	b, err := appendMetadata(b, f.Metadata)
	if err != nil {
		return nil, err
	}
	offset := 0
	for _, name := range names {
		t := f.Tensors[name]
		if name == metadataName {
			return nil, fmt.Errorf("tensor %q: the format reserves this name", name)
		}
		b = append(b, ',')
		if b, err = appendString(b, name); err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		shape, err := json.Marshal(append([]int{}, t.Shape().Dims()...)) // not null for a scalar
		if err != nil {
			return nil, err
		}
		end := offset + len(t.Bytes())
		b = fmt.Appendf(b, `:{"dtype":%q,"shape":%s,"data_offsets":[%d,%d]}`, dtypeNames[t.DType()], shape, offset, end)
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
