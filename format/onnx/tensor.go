package onnx

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/lince-ml/lince/tensor"
)

// shape returns the sizes of the tensor, and how many elements it has.
func (t *tensorProto) shape() (tensor.Shape, int, error) {
	if len(t.dims) > tensor.MaxRank {
		return tensor.Shape{}, 0, fmt.Errorf("%d dimensions, at most %d are possible", len(t.dims), tensor.MaxRank)
	}
	dims := make([]int, len(t.dims))
	for i, d := range t.dims {
		if d < 0 || d > math.MaxInt {
			return tensor.Shape{}, 0, fmt.Errorf("size %d of dimension %d, 0 or more expected", d, i)
		}
		dims[i] = int(d)
	}
	s := tensor.ShapeOf(dims...)
	n, ok := s.CheckedSize()
	if !ok || n > MaxElements {
		return s, 0, fmt.Errorf("shape %v has more than %d elements", s, MaxElements)
	}
	return s, n, nil
}

// tensor returns the values in the type that carries them. Memory is made only after the file was found to have that many values.
func (t *tensorProto) tensor(files *externalFiles) (*tensor.Tensor, error) {
	if err := t.typ.supported(); err != nil {
		return nil, err
	}
	shape, n, err := t.shape()
	if err != nil {
		return nil, err
	}
	raw := t.raw
	if t.external {
		if raw, err = files.read(t.location, (n*dataTypes[t.typ].bits+7)/8); err != nil {
			return nil, err
		}
	}
	if t.external || t.hasRaw {
		return fromRaw(t.typ, shape, n, raw)
	}
	return t.fromNumbers(shape, n)
}

// fromRaw decodes little-endian values.
func fromRaw(typ DataType, shape tensor.Shape, n int, raw []byte) (*tensor.Tensor, error) {
	if want := (n*dataTypes[typ].bits + 7) / 8; len(raw) != want {
		return nil, fmt.Errorf("%d bytes for %v%v, which takes %d", len(raw), typ, shape, want)
	}
	out := tensor.New(typ.carrier(), shape)
	switch typ {
	case Float, Int32, Uint32, Int64, Uint64, Uint8, Int8:
		if !littleEndian {
			return nil, fmt.Errorf("not supported on big-endian machines")
		}
		copy(out.Bytes(), raw)
	case Bool:
		for i, b := range raw {
			out.Bool()[i] = b != 0
		}
	case Double:
		for i := range out.F32() {
			out.F32()[i] = float32(math.Float64frombits(binary.LittleEndian.Uint64(raw[8*i:])))
		}
	case Uint4, Int4:
		for i := range out.I32() {
			out.I32()[i] = fromNibble(typ, raw[i/2]>>(i%2*4)&15)
		}
	default: // 16 bits
		for i := range n {
			set16(out, i, typ, binary.LittleEndian.Uint16(raw[2*i:]))
		}
	}
	return out, nil
}

var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// fromNibble returns the value of 4 bits.
func fromNibble(typ DataType, bits byte) int32 {
	if typ == Int4 && bits > 7 {
		return int32(bits) - 16
	}
	return int32(bits)
}

// set16 sets element i of out to the value, of type typ, that the 16 bits stand for.
func set16(out *tensor.Tensor, i int, typ DataType, bits uint16) {
	switch typ {
	case Uint16:
		out.I32()[i] = int32(bits)
	case Int16:
		out.I32()[i] = int32(int16(bits))
	case Float16:
		out.F32()[i] = fromHalf(bits)
	case Bfloat16:
		out.F32()[i] = math.Float32frombits(uint32(bits) << 16)
	}
}

// fromHalf returns the value of an IEEE 754 binary16 number.
func fromHalf(bits uint16) float32 {
	sign, exponent, fraction := uint32(bits>>15)<<31, uint32(bits>>10)&31, uint32(bits)&1023
	switch exponent {
	case 0: // zero or subnormal: fraction * 2^-24
		v := float32(fraction) / (1 << 24)
		return math.Float32frombits(math.Float32bits(v) | sign)
	case 31:
		return math.Float32frombits(sign | 0xff<<23 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+112)<<23 | fraction<<13)
}

// fromNumbers decodes the values from the repeated field that belongs to the type: types of at most 32 bits, and halves as their bits, are
// in int32_data.
func (t *tensorProto) fromNumbers(shape tensor.Shape, n int) (*tensor.Tensor, error) {
	wire := protowire.VarintType
	switch t.typ {
	case Float:
		wire = protowire.Fixed32Type
	case Double:
		wire = protowire.Fixed64Type
	}
	count := 0
	for _, v := range t.values {
		if err := v.numbers(wire, func(uint64) { count++ }); err != nil {
			return nil, err
		}
	}
	want := n
	if t.typ == Uint4 || t.typ == Int4 {
		want = (n + 1) / 2 // two in each number
	}
	if count != want {
		return nil, fmt.Errorf("%d values for %v%v, which takes %d", count, t.typ, shape, want)
	}
	out := tensor.New(t.typ.carrier(), shape)
	i := 0
	for _, v := range t.values {
		v.numbers(wire, func(u uint64) { // its errors were found above
			setNumber(out, i, t.typ, u)
			i++
		})
	}
	return out, nil
}

// setNumber sets element i of out to the value that is u on the wire.
func setNumber(out *tensor.Tensor, i int, typ DataType, u uint64) {
	switch typ {
	case Float:
		out.F32()[i] = math.Float32frombits(uint32(u))
	case Double:
		out.F32()[i] = float32(math.Float64frombits(u))
	case Uint8, Int8:
		out.Bytes()[i] = byte(u)
	case Bool:
		out.Bool()[i] = u != 0
	case Int32:
		out.I32()[i] = int32(u)
	case Uint32:
		out.U32()[i] = uint32(u)
	case Int64, Uint64:
		out.I64()[i] = int64(u)
	case Uint4, Int4:
		for j := 2 * i; j < min(2*i+2, out.Size()); j++ {
			out.I32()[j] = fromNibble(typ, byte(u>>(j%2*4))&15)
		}
	default:
		set16(out, i, typ, uint16(u))
	}
}
