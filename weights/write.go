package weights

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/format/npy"
	"github.com/lince-ml/lince/format/safetensors"
	"github.com/lince-ml/lince/format/torch"
	"github.com/lince-ml/lince/internal/atomicfile"
	"github.com/lince-ml/lince/tensor"
)

// writers are the formats that are written, by the suffix of the file. The order of the suffixes is that of the message.
var writers = []struct {
	suffixes []string
	encode   func(w io.Writer, entries []format.Entry, metadata map[string]string) error
}{
	{[]string{".safetensors"}, safetensors.EncodeEntries},
	{[]string{".pth", ".pt", ".th", ".bin"}, func(w io.Writer, entries []format.Entry, _ map[string]string) error { return torch.Encode(w, entries) }},
	{[]string{".npz"}, func(w io.Writer, entries []format.Entry, _ map[string]string) error {
		return npy.EncodeArchive(w, entries)
	}},
	{[]string{".npy"}, func(w io.Writer, entries []format.Entry, _ map[string]string) error {
		if len(entries) != 1 {
			return fmt.Errorf("%d tensors, a .npy file holds one: expected .npz", len(entries))
		}
		return npy.Encode(w, entries[0])
	}},
}

// Write writes entries to path, in the format that its suffix names: .safetensors, .pth (.pt, .th, .bin), .npz or .npy. The file at path is
// replaced as a whole or, on an error, left as it was. Only safetensors takes the metadata.
func Write(path string, entries []format.Entry, metadata map[string]string) error {
	suffix := strings.ToLower(filepath.Ext(path))
	var known []string
	for _, f := range writers {
		if slices.Contains(f.suffixes, suffix) {
			return atomicfile.Write(path, func(w io.Writer) error { return f.encode(w, entries, metadata) })
		}
		known = append(known, f.suffixes...)
	}
	return fmt.Errorf("write %s: format %q, expected one of %s", path, suffix, strings.Join(known, " "))
}

// Floats returns entries with the real numbers among them as type d; integers and truth values stay. A number that is beyond d, and so would
// become infinite, is an error when the tensor is read.
func Floats(entries []format.Entry, d tensor.DType) []format.Entry {
	out := slices.Clone(entries)
	for i, e := range entries {
		if e.DType.IsFloat() && e.DType != d {
			out[i] = e.Convert(d)
			out[i].Read = func() (*tensor.Tensor, error) { return convert(e, d) }
		}
	}
	return out
}

func convert(e format.Entry, d tensor.DType) (*tensor.Tensor, error) {
	from, err := e.Read()
	if err != nil {
		return nil, err
	}
	to, err := tensor.Convert(from, d)
	if err != nil {
		return nil, fmt.Errorf("tensor %q: %w", e.Name, err)
	}
	if i := tensor.FirstOverflow(from, to); i >= 0 {
		return nil, fmt.Errorf("tensor %q: element %d is beyond the largest number of %v", e.Name, i, d)
	}
	return to, nil
}

// named puts the file's name before the errors of reading e.
func named(path string, e format.Entry) func() (*tensor.Tensor, error) {
	return func() (*tensor.Tensor, error) {
		t, err := e.Read()
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
		return t, nil
	}
}
