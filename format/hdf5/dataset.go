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
	case h.filters != nil && h.layout.chunks == nil:
		return nil, errors.New("damaged: filters of a dataset in one piece")
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
	typ := *h.typ
	read, err := f.reader(h, shape, int64(n))
	if err != nil {
		return nil, err
	}
	return &format.Entry{Name: path, DType: typ.dtype, Shape: shape, Read: func() (*tensor.Tensor, error) {
		t, err := read()
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

// reader checks that the n bytes of a dataset are there, and returns what reads them.
func (f *file) reader(h *header, s tensor.Shape, n int64) (func() (*tensor.Tensor, error), error) {
	d := h.typ.dtype
	if n == 0 { // then it is nowhere
		return func() (*tensor.Tensor, error) { return tensor.New(d, s), nil }, nil
	}
	if c := h.layout.chunks; c != nil {
		c.filters = h.filters
		if err := c.find(f, h.space.dims, h.typ.size, n); err != nil {
			return nil, err
		}
		return func() (*tensor.Tensor, error) { return c.read(f.r, d, s) }, nil
	}
	data := h.layout.data
	if data.size != n || data.at < 0 || data.at > f.r.Size() || data.size > f.r.Size()-data.at {
		return nil, fmt.Errorf("truncated: %d bytes at byte %d, expected %d for %v%v, the end is at %d", data.size, data.at, n, d, s, f.r.Size())
	}
	return func() (*tensor.Tensor, error) { return format.ReadTensor(f.r, data.at, d, s) }, nil
}
