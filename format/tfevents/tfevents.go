// Package tfevents writes what TensorBoard reads: event files, a sequence of records in TensorFlow's TFRecord format, each of them an Event as a
// protocol buffer (tensorflow/core/util/event.proto and framework/summary.proto; the fields' numbers are theirs).
package tfevents

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// An Event is a set of values at one step of a training.
type Event struct {
	Time   time.Time
	Step   int64
	Values []Value
}

// A Value is a number, or a picture if PNG is not nil.
type Value struct {
	Tag           string // such as "loss/train": TensorBoard groups by what is before the slash
	Scalar        float32
	PNG           []byte
	Width, Height int // of the picture, in pixels
}

// AppendHeader appends the record that every event file begins with.
func AppendHeader(b []byte, t time.Time) []byte {
	e := appendDouble(nil, 1, seconds(t))
	e = protowire.AppendTag(e, 3, protowire.BytesType) // file_version
	return appendRecord(b, protowire.AppendString(e, "brain.Event:2"))
}

// Append appends the record of an event.
func Append(b []byte, e Event) []byte {
	var summary []byte
	for _, v := range e.Values {
		summary = appendMessage(summary, 1, v.encode())
	}
	record := appendDouble(nil, 1, seconds(e.Time))
	if e.Step != 0 { // protocol buffers leave out what is 0
		record = appendInt(record, 2, e.Step)
	}
	return appendRecord(b, appendMessage(record, 5, summary))
}

// encode returns a Summary.Value.
func (v Value) encode() []byte {
	b := appendMessage(nil, 1, []byte(v.Tag))
	if v.PNG == nil {
		b = protowire.AppendTag(b, 2, protowire.Fixed32Type)
		return protowire.AppendFixed32(b, math.Float32bits(v.Scalar))
	}
	const rgba = 4
	image := appendInt(nil, 1, int64(v.Height))
	image = appendInt(image, 2, int64(v.Width))
	image = appendInt(image, 3, rgba)
	return appendMessage(b, 4, appendMessage(image, 4, v.PNG))
}

func seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }

func appendDouble(b []byte, field protowire.Number, v float64) []byte {
	return protowire.AppendFixed64(protowire.AppendTag(b, field, protowire.Fixed64Type), math.Float64bits(v))
}

func appendInt(b []byte, field protowire.Number, v int64) []byte {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), uint64(v))
}

func appendMessage(b []byte, field protowire.Number, m []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), m)
}

// appendRecord appends a TFRecord: length, its checksum, data, their checksum (tensorflow/core/lib/io/record_writer.h).
func appendRecord(b, data []byte) []byte {
	at := len(b)
	b = binary.LittleEndian.AppendUint64(b, uint64(len(data)))
	b = binary.LittleEndian.AppendUint32(b, masked(b[at:]))
	b = append(b, data...)
	return binary.LittleEndian.AppendUint32(b, masked(data))
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// masked returns the CRC-32C of b, rotated and moved, so that a checksum of data that hold checksums is sound (tensorflow/core/lib/hash/crc32c.h).
func masked(b []byte) uint32 {
	crc := crc32.Checksum(b, castagnoli)
	return (crc>>15 | crc<<17) + 0xa282ead8
}
