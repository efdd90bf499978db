package hdf5

import (
	"errors"
	"fmt"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/tensor"
)

// dataset returns the dataset that a header describes.
func (f *file) dataset(path string, h *header) (*format.Entry, error) {
	switch {
	case h.space == nil || h.typ == nil || h.layout == nil:
		return nil, errors.New("damaged: a dataset without a shape, a type or a layout")
	case h.filters:
		return nil, errors.New("compressed or filtered, expected elements as they are (h5repack -f NONE makes them so)")
	}
	if err := h.typ.number(); err != nil {
		return nil, err
	}
	shape, err := format.Shape(h.space.dims)
	if err != nil {
		return nil, err
	}
	n, err := format.Size(h.typ.dtype, shape)
	if err != nil {
		return nil, err
	}
	data, typ := h.layout.data, *h.typ
	if n == 0 { // then it is nowhere
		data = span{}
	}
	if data.size != int64(n) || data.at < 0 || data.at > f.r.Size() || data.size > f.r.Size()-data.at {
		return nil, fmt.Errorf("truncated: %d bytes at byte %d, expected %d for %v%v, the end is at %d", data.size, data.at, n, typ.dtype, shape, f.r.Size())
	}
	return &format.Entry{Name: path, DType: typ.dtype, Shape: shape, Read: func() (*tensor.Tensor, error) {
		t, err := format.ReadTensor(f.r, data.at, typ.dtype, shape)
		if err != nil {
			return nil, fmt.Errorf("dataset %q: %w", path, err)
		}
		if typ.bigEndian && typ.size > 1 {
			t = t.Clone() // it may be a view of the file
			format.SwapBytes(t.Bytes(), typ.size)
		}
		return t, nil
	}}, nil
}
