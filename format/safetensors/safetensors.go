// Package safetensors reads and writes the safetensors format of Hugging Face: named tensors and a few strings of
// metadata, in a file that holds no code (https://github.com/huggingface/safetensors). A file is
//
//	8 bytes    n, the length of the header, little-endian
//	n bytes    the header, a JSON object, padded with spaces
//	the rest   the tensors, row-major and little-endian, without gaps
//
//	{"__metadata__": {"key": "value"}, "fc.weight": {"dtype": "F32", "shape": [10, 84], "data_offsets": [0, 3360]}}
//
// Encode adds a checksum to the metadata, under the key lince.sha256; see checksum.go. Decode trusts nothing: it
// refuses whatever the format does not allow, and needs memory in proportion to the size of the file, whatever the
// header claims.
package safetensors

import (
	"fmt"
	"io"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/internal/atomicfile"
	"github.com/lince-ml/lince/tensor"
)

// maxHeader is the longest header allowed in bytes, as in the reference implementation.
const maxHeader = 100_000_000

// A File is the content of a safetensors file.
type File struct {
	Tensors  map[string]*tensor.Tensor
	Metadata map[string]string
}

// dtypeNames are the format's names of the element types that lince has.
var dtypeNames = map[tensor.DType]string{
	tensor.F64: "F64", tensor.F32: "F32", tensor.F16: "F16", tensor.BF16: "BF16", tensor.F8E4M3: "F8_E4M3", tensor.F8E5M2: "F8_E5M2",
	tensor.I64: "I64", tensor.I32: "I32", tensor.I16: "I16", tensor.I8: "I8",
	tensor.U64: "U64", tensor.U32: "U32", tensor.U16: "U16", tensor.U8: "U8",
	tensor.Bool: "BOOL",
}

// ReadFile reads the file at path into memory of its own. Errors name path, and what is wrong in the file.
func ReadFile(path string) (*File, error) {
	f, info, err := format.OpenRegular(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	defer f.Close()
	file, err := Decode(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return file, nil
}

// WriteFile writes f to path. The file at path is replaced as a whole or, on an error, left as it was.
func WriteFile(path string, f *File) error {
	return atomicfile.Write(path, func(w io.Writer) error { return Encode(w, f) })
}
