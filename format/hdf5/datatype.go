package hdf5

import (
	"fmt"

	"github.com/lince-ml/lince/tensor"
)

// A datatype is the type of elements. One that is no number has the dtype Invalid.
type datatype struct {
	class     byte
	size      int
	bits      uint32 // the class's own
	dtype     tensor.DType
	bigEndian bool
}

// Classes of datatypes (section IV.A.2.d).
const (
	classInteger = 0
	classFloat   = 1
	classString  = 3
	classVarying = 9 // a sequence of varying length; a string if the lowest four of its bits are 1
)

// datatype reads a message (section IV.A.2.d).
func (m *body) datatype() (*datatype, error) {
	first := m.uint32()
	t := &datatype{class: byte(first) & 15, bits: first >> 8, size: int(m.uint32())}
	t.bigEndian = t.bits&1 != 0
	switch t.class {
	case classInteger:
		offset, precision := m.uint16(), int(m.uint16())
		if offset == 0 && precision == 8*t.size {
			t.dtype = integers[integer{t.size, t.bits&8 != 0}]
		}
	case classFloat:
		m.skip(2)
		precision := int(m.uint16())
		m.skip(1)
		exponent := int(m.byte())
		m.skip(1)
		mantissa, bias := int(m.byte()), int(m.uint32())
		if precision == 8*t.size {
			t.dtype = floats[float{t.size, exponent, mantissa, bias}]
		}
	}
	return t, nil
}

type integer struct {
	size   int
	signed bool
}

var integers = map[integer]tensor.DType{
	{1, true}: tensor.I8, {2, true}: tensor.I16, {4, true}: tensor.I32, {8, true}: tensor.I64,
	{1, false}: tensor.U8, {2, false}: tensor.U16, {4, false}: tensor.U32, {8, false}: tensor.U64,
}

type float struct{ size, exponent, mantissa, bias int }

var floats = map[float]tensor.DType{
	{8, 11, 52, 1023}: tensor.F64, {4, 8, 23, 127}: tensor.F32, {2, 5, 10, 15}: tensor.F16, {2, 8, 7, 127}: tensor.BF16,
}

// number reports whether elements of the type are numbers that lince has.
func (t *datatype) number() error {
	if t.dtype != tensor.Invalid {
		return nil
	}
	return fmt.Errorf("elements of class %d and %d bytes, expected real numbers or integers of the usual sizes", t.class, t.size)
}
