package onnx

import (
	"encoding/binary"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/lince-ml/lince/op"
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
	if !fits(s) {
		return s, 0, fmt.Errorf("shape %v has more than %d elements", s, MaxElements)
	}
	return s, s.Size(), nil
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
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		return nil, fmt.Errorf("not supported on big-endian machines")
	}
	if dataTypes[typ].bits == 4 {
		out := tensor.New(tensor.I32, shape)
		for i := range out.I32() {
			out.I32()[i] = fromNibble(typ, raw[i/2]>>(i%2*4)&15)
		}
		return out, nil
	}
	out := tensor.New(typ.native(), shape)
	copy(out.Bytes(), raw)
	if typ == Bool { // Go's must be 0 or 1
		for i, b := range raw {
			out.Bool()[i] = b != 0
		}
	}
	return carried(out, typ), nil
}

// carried returns a native tensor in the type that carries it.
func carried(t *tensor.Tensor, typ DataType) *tensor.Tensor {
	if t.DType() == typ.carrier() {
		return t
	}
	out := tensor.New(typ.carrier(), t.Shape())
	op.CastOp{To: typ.carrier()}.Eval(out, []*tensor.Tensor{t})
	return out
}

// fromNibble returns the value of 4 bits.
func fromNibble(typ DataType, bits byte) int32 {
	if typ == Int4 && bits > 7 {
		return int32(bits) - 16
	}
	return int32(bits)
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
	if dataTypes[t.typ].bits == 4 {
		out := tensor.New(tensor.I32, shape)
		t.eachNumber(wire, func(i int, u uint64) {
			for j := 2 * i; j < min(2*i+2, n); j++ {
				out.I32()[j] = fromNibble(t.typ, byte(u>>(j%2*4))&15)
			}
		})
		return out, nil
	}
	out := tensor.New(t.typ.native(), shape)
	size := out.DType().Size()
	t.eachNumber(wire, func(i int, u uint64) {
		if t.typ == Bool && u != 0 {
			u = 1
		}
		for j := range size { // little-endian
			out.Bytes()[i*size+j] = byte(u >> (8 * j))
		}
	})
	return carried(out, t.typ), nil
}

// eachNumber calls f with each value of the repeated fields, which have been found to be whole.
func (t *tensorProto) eachNumber(wire protowire.Type, f func(i int, u uint64)) {
	i := 0
	for _, v := range t.values {
		v.numbers(wire, func(u uint64) {
			f(i, u)
			i++
		})
	}
}
