package torch

import (
	"errors"
	"fmt"
	"math"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/tensor"
)

// A storage is a piece of memory that tensors are views of.
type storage struct {
	typ   storageType
	numel int64                         // elements
	bytes func() (format.Reader, error) // the elements, after a check; set once it is known where they are
	swap  bool                          // bytes are big-endian
}

// A view is a tensor: element (i, j, ...) is that at offset + i*stride[0] + j*stride[1] + ... of the storage.
type view struct {
	storage *storage
	dtype   tensor.DType
	offset  int64
	shape   tensor.Shape
	stride  []int64
}

// A refused is a tensor of a kind that lince has not.
type refused struct{ kind string }

// part is a storage that is a part of another, from the given element on, as the legacy layout has it.
type part struct {
	storage *storage
	offset  int64
}

func unsupportedTensor(kind string) function {
	return func(tuple) (any, error) { return refused{kind}, nil }
}

// rebuildTensor makes a tensor from (storage, offset, size, stride, ...); what follows is about gradients.
func rebuildTensor(args tuple) (any, error) {
	if len(args) < 4 {
		return nil, fmt.Errorf("%d arguments, at least 4 expected", len(args))
	}
	return newView(args, tensor.Invalid)
}

// rebuildTensorOfType makes a tensor from (storage, offset, size, stride, gradient, hooks, dtype, ...).
func rebuildTensorOfType(args tuple) (any, error) {
	if len(args) < 7 {
		return nil, fmt.Errorf("%d arguments, at least 7 expected", len(args))
	}
	d, ok := args[6].(tensor.DType)
	if !ok {
		return refused{"complex or other"}, nil
	}
	return newView(args, d)
}

// newView makes a tensor of type d, Invalid for that of the storage.
func newView(args tuple, d tensor.DType) (any, error) {
	v := view{dtype: d}
	var begin int64
	switch s := args[0].(type) {
	case *storage:
		v.storage = s
	case part:
		v.storage, begin = s.storage, s.offset
	default:
		return nil, errors.New("a tensor without a storage")
	}
	if v.storage.typ.dtype == tensor.Invalid {
		return refused{"complex or quantised"}, nil
	}
	if d == tensor.Invalid {
		v.dtype = v.storage.typ.dtype
	}
	offset, ok := args[1].(int64)
	size, err := integers(args[2])
	if err != nil {
		return nil, fmt.Errorf("size: %w", err)
	}
	if v.stride, err = integers(args[3]); err != nil {
		return nil, fmt.Errorf("stride: %w", err)
	}
	if !ok || offset < 0 || len(size) != len(v.stride) {
		return nil, fmt.Errorf("offset %v, %d sizes and %d strides", args[1], len(size), len(v.stride))
	}
	if v.shape, err = format.Shape(size); err != nil {
		return nil, err
	}
	if v.offset, ok = sum(begin, offset); !ok {
		return nil, fmt.Errorf("offset %d beyond the storage", offset)
	}
	if _, err := format.Size(v.dtype, v.shape); err != nil {
		return nil, err
	}
	return v, v.check()
}

// elements returns how many elements of the tensor's type the storage has.
func (v view) elements() int64 {
	return v.storage.numel * int64(v.storage.typ.size) / int64(v.dtype.Size())
}

// check reports a view that leaves its storage.
func (v view) check() error {
	if v.shape.Size() == 0 {
		return nil
	}
	last, ok := v.last()
	if !ok || last >= v.elements() {
		return fmt.Errorf("a view %v with strides %v from element %d on leaves its storage of %d elements", v.shape, v.stride, v.offset, v.elements())
	}
	return nil
}

// last returns the place of the last element; ok is false if it is beyond all storages.
func (v view) last() (last int64, ok bool) {
	last, ok = v.offset, true
	for i, n := range v.shape.All() {
		stride := v.stride[i]
		if stride < 0 || n > 1 && stride > math.MaxInt64/int64(n) {
			return 0, false
		}
		if last, ok = sum(last, int64(n-1)*stride); !ok {
			return 0, false
		}
	}
	return last, true
}

// sum returns a + b of two numbers that are not negative, and false if it overflows.
func sum(a, b int64) (int64, bool) { return a + b, b >= 0 && a <= math.MaxInt64-b }

// integers returns a tuple or list of integers.
func integers(v any) ([]int64, error) {
	items, ok := itemsOf(v)
	if !ok {
		return nil, errors.New("expected a tuple of integers")
	}
	if len(items) > tensor.MaxRank {
		return nil, fmt.Errorf("%d dimensions, at most %d are possible", len(items), tensor.MaxRank)
	}
	n := make([]int64, len(items))
	for i := range n {
		if n[i], ok = items[i].(int64); !ok {
			return nil, errors.New("expected integers")
		}
	}
	return n, nil
}

// contiguous reports whether the elements lie one after the other in row-major order.
func (v view) contiguous() bool {
	strides := v.shape.Strides()
	for i, n := range v.shape.All() {
		if n > 1 && v.stride[i] != int64(strides[i]) {
			return false
		}
	}
	return true
}

// read returns the tensor.
func (v view) read() (*tensor.Tensor, error) {
	data, err := v.storage.bytes()
	if err != nil {
		return nil, err
	}
	size := int64(v.dtype.Size())
	if v.shape.Size() == 0 {
		return tensor.New(v.dtype, v.shape), nil
	}
	var t *tensor.Tensor
	if v.contiguous() {
		t, err = format.ReadTensor(data, v.offset*size, v.dtype, v.shape)
	} else {
		t, err = v.gather(data)
	}
	if err != nil || !v.storage.swap || size == 1 {
		return t, err
	}
	t = t.Clone() // it may be a view of the file
	format.SwapBytes(t.Bytes(), int(size))
	return t, nil
}

// gather returns a view whose elements do not lie one after the other.
func (v view) gather(data format.Reader) (*tensor.Tensor, error) {
	size := int64(v.dtype.Size())
	last, _ := v.last()
	from, err := format.Bytes(data, v.offset*size, (last-v.offset+1)*size)
	if err != nil {
		return nil, err
	}
	t := format.Gather(v.dtype, v.shape, v.stride, from)
	return t, format.CheckBools(t)
}
