// Package npy reads and writes the array files of numpy: .npy, one array, and .npz, a zip archive of such
// (numpy/lib/format.py in numpy's sources, NEP 1). A .npy file is
//
//	6 bytes   "\x93NUMPY"
//	2 bytes   version of the format: 1.0, 2.0 or 3.0
//	2 bytes   n, the length of the header, little-endian; 4 bytes since version 2
//	n bytes   the header: a dictionary in Python's notation, padded with spaces, and a newline
//	the rest  the elements
//
//	{'descr': '<f4', 'fortran_order': False, 'shape': (10, 84), }
package npy

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/tensor"
)

// Magic is what a .npy file begins with.
const Magic = "\x93NUMPY"

// types are numpy's names of the element types that lince has and numpy has, without the byte order.
var types = map[string]tensor.DType{
	"f8": tensor.F64, "f4": tensor.F32, "f2": tensor.F16,
	"i8": tensor.I64, "i4": tensor.I32, "i2": tensor.I16, "i1": tensor.I8,
	"u8": tensor.U64, "u4": tensor.U32, "u2": tensor.U16, "u1": tensor.U8,
	"b1": tensor.Bool,
}

// Decode reads a .npy file of one array, which gets the given name.
func Decode(r format.Reader, name string) (format.Entry, error) {
	if err := format.CheckByteOrder(); err != nil {
		return format.Entry{}, err
	}
	start, err := format.ReadBytes(r, 0, min(r.Size(), longestStart))
	if err != nil {
		return format.Entry{}, err
	}
	a, err := parse(start)
	if err != nil {
		return format.Entry{}, err
	}
	if err := a.check(r.Size()); err != nil {
		return format.Entry{}, err
	}
	return a.entry(name, func() (format.Reader, error) { return r, nil }), nil
}

// An array is what a .npy file says before its elements.
type array struct {
	dtype     tensor.DType
	shape     tensor.Shape
	bigEndian bool
	fortran   bool  // the first index runs fastest
	start     int64 // of the elements
}

const (
	// longestHeader is the longest header that is read; numpy itself stops at 10,000 bytes.
	longestHeader = 1 << 15
	longestStart  = 12 + longestHeader
)

// parse reads what stands before the elements at the start of a file.
func parse(start []byte) (array, error) {
	if !bytes.HasPrefix(start, []byte(Magic)) {
		return array{}, fmt.Errorf("begins with %q, expected %q: no array of numpy", start[:min(len(start), 6)], Magic)
	}
	if len(start) < 12 {
		return array{}, fmt.Errorf("truncated: %d bytes, expected a header", len(start))
	}
	var n int64
	header := start[12:]
	switch version := start[6]; {
	case start[7] != 0 || version < 1 || version > 3:
		return array{}, fmt.Errorf("version %d.%d, expected 1.0, 2.0 or 3.0", version, start[7])
	case version == 1:
		n = int64(binary.LittleEndian.Uint16(start[8:]))
		header = start[10:]
	default:
		n = int64(binary.LittleEndian.Uint32(start[8:]))
	}
	if n > longestHeader {
		return array{}, fmt.Errorf("header of %d bytes, expected at most %d", n, longestHeader)
	}
	if n > int64(len(header)) {
		return array{}, fmt.Errorf("truncated: header of %d bytes promised, %d found", n, len(header))
	}
	a, err := parseHeader(string(header[:n]))
	if err != nil {
		return array{}, fmt.Errorf("header: %w", err)
	}
	a.start = int64(len(start)-len(header)) + n
	return a, nil
}

// setType reads a description such as '<f4'.
func (a *array) setType(descr string) error {
	name := strings.TrimLeft(descr, "<>=|")
	if name == "O" {
		return errors.New("an array of Python's objects, which are a pickle: nothing in a file of weights is run")
	}
	d, ok := types[name]
	if !ok || len(descr)-len(name) > 1 {
		return fmt.Errorf("elements of type %q, expected real numbers, integers or truth values", descr)
	}
	a.dtype, a.bigEndian = d, descr[0] == '>' && d.Size() > 1
	return nil
}

// check compares the array with the size of its file.
func (a *array) check(size int64) error {
	n, err := format.Size(a.dtype, a.shape)
	if err != nil {
		return err
	}
	switch rest := size - a.start; {
	case rest < int64(n):
		return fmt.Errorf("truncated: %d bytes of elements expected, %d found", n, rest)
	case rest > int64(n):
		return fmt.Errorf("%d bytes after the array, expected none", rest-int64(n))
	}
	return nil
}

// entry returns the array as it lies in the file that open opens.
func (a *array) entry(name string, open func() (format.Reader, error)) format.Entry {
	return format.Entry{Name: name, DType: a.dtype, Shape: a.shape, Read: func() (*tensor.Tensor, error) {
		r, err := open()
		if err != nil {
			return nil, err
		}
		t, err := a.read(r)
		if err != nil {
			return nil, fmt.Errorf("tensor %q: %w", name, err)
		}
		return t, nil
	}}
}

func (a *array) read(r format.Reader) (*tensor.Tensor, error) {
	t, err := format.ReadTensor(r, a.start, a.dtype, a.shape)
	if err != nil {
		return nil, err
	}
	if a.fortran && a.shape.Rank() > 1 {
		t = format.Gather(a.dtype, a.shape, a.strides(), t.Bytes())
	} else if a.bigEndian {
		t = t.Clone() // it may be a view of the file
	}
	if a.bigEndian {
		format.SwapBytes(t.Bytes(), a.dtype.Size())
	}
	return t, nil
}

// strides returns those of an array whose first index runs fastest.
func (a *array) strides() []int64 {
	strides := make([]int64, a.shape.Rank())
	step := int64(1)
	for i, n := range a.shape.All() {
		strides[i] = step
		step *= int64(n)
	}
	return strides
}

// Encode writes e as a .npy file. Numpy has no type for BF16, F8E4M3 and F8E5M2.
func Encode(w io.Writer, e format.Entry) error {
	if err := format.CheckByteOrder(); err != nil {
		return err
	}
	header, err := encodeHeader(e)
	if err != nil {
		return err
	}
	t, err := e.Read()
	if err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	_, err = w.Write(t.Bytes())
	return err
}

// encodeHeader returns all before the elements, which begin on a multiple of 64 bytes.
func encodeHeader(e format.Entry) ([]byte, error) {
	var name string
	for n, d := range types {
		if d == e.DType {
			name = n
		}
	}
	if name == "" {
		return nil, fmt.Errorf("tensor %q: numpy has no element type for %v, expected f32 or another that it has", e.Name, e.DType)
	}
	order := "<"
	if e.DType.Size() == 1 {
		order = "|"
	}
	shape := strings.ReplaceAll(strings.Trim(e.Shape.String(), "[]"), " ", ", ")
	if e.Shape.Rank() == 1 {
		shape += ","
	}
	text := fmt.Sprintf("{'descr': '%s%s', 'fortran_order': False, 'shape': (%s), }", order, name, shape)
	const before = len(Magic) + 4
	text += strings.Repeat(" ", -(before+len(text)+1)&(tensor.Align-1)) + "\n"
	b := append([]byte(Magic), 1, 0)
	b = binary.LittleEndian.AppendUint16(b, uint16(len(text)))
	return slices.Concat(b, []byte(text)), nil
}
