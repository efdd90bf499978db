package onnx

import (
	"errors"
	"fmt"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// A field is the value of one field of a protobuf message, as its wire type has it: a number, or bytes that are part of the file.
type field struct {
	wire   protowire.Type
	number uint64
	bytes  []byte
}

// eachField calls f with each field of a message, in order.
func eachField(message []byte, f func(number protowire.Number, v field) error) error {
	for len(message) > 0 {
		number, wire, n := protowire.ConsumeTag(message)
		if n < 0 {
			return errDamaged
		}
		message = message[n:]
		v := field{wire: wire}
		switch wire {
		case protowire.VarintType:
			v.number, n = protowire.ConsumeVarint(message)
		case protowire.Fixed32Type:
			var u uint32
			u, n = protowire.ConsumeFixed32(message)
			v.number = uint64(u)
		case protowire.Fixed64Type:
			v.number, n = protowire.ConsumeFixed64(message)
		case protowire.BytesType:
			v.bytes, n = protowire.ConsumeBytes(message)
		default:
			return errDamaged
		}
		if n < 0 {
			return errDamaged
		}
		message = message[n:]
		if err := f(number, v); err != nil {
			return err
		}
	}
	return nil
}

var errDamaged = errors.New("truncated, damaged, or not a protobuf message")

func (v field) expect(wire protowire.Type) error {
	if v.wire != wire {
		return fmt.Errorf("a field has wire type %d, %d expected: damaged, or not an ONNX model", v.wire, wire)
	}
	return nil
}

// message decodes a nested message into m.
func (v field) message(m interface{ decode([]byte) error }) error {
	if err := v.expect(protowire.BytesType); err != nil {
		return err
	}
	return m.decode(v.bytes)
}

// blob sets dst to the bytes of the field, which are not copied.
func (v field) blob(dst *[]byte) error {
	*dst = v.bytes
	return v.expect(protowire.BytesType)
}

func (v field) string(dst *string) error {
	*dst = string(v.bytes)
	return v.expect(protowire.BytesType)
}

func (v field) strings(dst *[]string) error {
	*dst = append(*dst, string(v.bytes))
	return v.expect(protowire.BytesType)
}

func (v field) int(dst *int64) error {
	*dst = int64(v.number)
	return v.expect(protowire.VarintType)
}

func (v field) int32(dst *int32) error {
	*dst = int32(v.number)
	return v.expect(protowire.VarintType)
}

func (v field) float(dst *float32) error {
	*dst = math.Float32frombits(uint32(v.number))
	return v.expect(protowire.Fixed32Type)
}

// numbers appends the numbers of a repeated field of the given wire type, which may be packed into one field.
func (v field) numbers(wire protowire.Type, f func(uint64)) error {
	if v.wire != protowire.BytesType {
		f(v.number)
		return v.expect(wire)
	}
	for b := v.bytes; len(b) > 0; {
		var u uint64
		n := 0
		switch wire {
		case protowire.VarintType:
			u, n = protowire.ConsumeVarint(b)
		case protowire.Fixed32Type:
			var u32 uint32
			u32, n = protowire.ConsumeFixed32(b)
			u = uint64(u32)
		case protowire.Fixed64Type:
			u, n = protowire.ConsumeFixed64(b)
		}
		if n < 0 {
			return errDamaged
		}
		f(u)
		b = b[n:]
	}
	return nil
}

func (v field) ints(dst *[]int64) error {
	return v.numbers(protowire.VarintType, func(u uint64) { *dst = append(*dst, int64(u)) })
}

func (v field) floats(dst *[]float32) error {
	return v.numbers(protowire.Fixed32Type, func(u uint64) { *dst = append(*dst, math.Float32frombits(uint32(u))) })
}
