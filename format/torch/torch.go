// Package torch reads and writes the weight files of PyTorch: .pth, .pt, .th, .bin, as torch.save makes them from a state_dict.
//
// There are two layouts. Since PyTorch 1.6 a file is a zip archive, in which data.pkl is a pickle of the objects and data/KEY the bytes of
// each storage. Before, a file was a sequence of pickles with the storages behind them. (torch/serialization.py in PyTorch's sources;
// the pickle format is explained in Lib/pickletools.py of Python's.)
//
// A pickle is a program that may call any function of Python. The reader here is a machine of its own, which knows a short list of
// names (globals.go) and does for each what it would do to tensors. Any other name is refused; nothing is run.
package torch

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/lince-ml/lince/format"
)

// A File is what a weight file says.
type File struct {
	Entries []format.Entry // of the state_dict, in its order
	// Metadata has the numbers and strings that lie beside the state_dict in a checkpoint, such as "epoch", and under "torch.key" the key of the
	// state_dict in it.
	Metadata map[string]string
}

// Decode reads a file in either layout. The state_dict may be the whole file or lie in dictionaries; see pick.go for the keys. The tensors
// are read when they are asked for; those of the zip layout are checked against the archive's CRC-32 then.
func Decode(r format.Reader) (*File, error) {
	if err := format.CheckByteOrder(); err != nil {
		return nil, err
	}
	start, err := format.ReadBytes(r, 0, min(r.Size(), 64))
	if err != nil {
		return nil, err
	}
	var root any
	switch {
	case bytes.HasPrefix(start, []byte("PK\x03\x04")):
		root, err = decodeZip(r)
	case IsLegacy(start):
		root, err = decodeLegacy(r)
	case len(start) > 1 && start[0] == opProto && start[1] >= 2 && start[1] <= 5:
		err = errors.New("a pickle, but not of PyTorch: torch.save writes a magic number first")
	default:
		err = errors.New("neither a zip archive nor a pickle, expected one of the two layouts of torch.save")
	}
	if err != nil {
		return nil, err
	}
	f, err := pick(root)
	if err != nil {
		return nil, err
	}
	return f, checkTotal(f.Entries, r.Size())
}

// checkTotal refuses files whose tensors together take far more memory than the file has bytes. Tensors may share their storage, and views
// may repeat elements, but weights hardly do.
func checkTotal(entries []format.Entry, size int64) error {
	limit := 8*size + 1<<20
	total := int64(0)
	for _, e := range entries {
		n, err := format.Size(e.DType, e.Shape)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", e.Name, err)
		}
		if total += int64(n); total > limit {
			return fmt.Errorf("tensor %q: with it the tensors take more than %d bytes, eight times the file: views that repeat their elements?", e.Name, limit)
		}
	}
	return nil
}
