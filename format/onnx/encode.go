package onnx

import (
	"io"
	"maps"
	"math"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
)

// A message is a protobuf message that is being written. Weights are not copied into it: they lie between its other bytes.
type message struct {
	done [][]byte
	open []byte // what comes after done
}

// size returns the number of bytes.
func (m *message) size() int64 {
	n := int64(len(m.open))
	for _, b := range m.done {
		n += int64(len(b))
	}
	return n
}

// WriteTo writes the message.
func (m *message) WriteTo(w io.Writer) (written int64, err error) {
	for _, b := range append(m.done, m.open) {
		n, err := w.Write(b)
		written += int64(n)
		if err != nil {
			return written, err
		}
	}
	return written, nil
}

func (m *message) int(number protowire.Number, v int64) {
	m.open = protowire.AppendTag(m.open, number, protowire.VarintType)
	m.open = protowire.AppendVarint(m.open, uint64(v))
}

func (m *message) float(number protowire.Number, v float32) {
	m.open = protowire.AppendTag(m.open, number, protowire.Fixed32Type)
	m.open = protowire.AppendFixed32(m.open, math.Float32bits(v))
}

func (m *message) string(number protowire.Number, s string) {
	m.open = protowire.AppendTag(m.open, number, protowire.BytesType)
	m.open = protowire.AppendString(m.open, s)
}

// blob adds bytes, which must not change until the message is written.
func (m *message) blob(number protowire.Number, b []byte) {
	m.length(number, int64(len(b)))
	m.done = append(m.done, m.open, b)
	m.open = nil
}

// nested adds a message, which must not be used afterwards.
func (m *message) nested(number protowire.Number, sub *message) {
	m.length(number, sub.size())
	if len(sub.done) > 0 {
		m.done = append(append(m.done, m.open), sub.done...)
		m.open = nil
	}
	m.open = append(m.open, sub.open...)
}

func (m *message) length(number protowire.Number, n int64) {
	m.open = protowire.AppendTag(m.open, number, protowire.BytesType)
	m.open = protowire.AppendVarint(m.open, uint64(n))
}

// What follows writes the messages of proto.go, as far as exported models have them.

func (m *modelProto) encode() *message {
	out := &message{}
	out.int(1, m.irVersion)
	out.string(2, m.producer)
	out.string(3, m.producerVersion)
	if m.doc != "" {
		out.string(6, m.doc)
	}
	out.nested(7, m.graph.encode())
	for _, domain := range slices.Sorted(maps.Keys(m.opsets)) {
		set := &message{}
		set.string(1, domain)
		set.int(2, m.opsets[domain])
		out.nested(8, set)
	}
	for _, key := range slices.Sorted(maps.Keys(m.metadata)) {
		pair := &message{}
		pair.string(1, key)
		pair.string(2, m.metadata[key])
		out.nested(14, pair)
	}
	return out
}

func (g *graphProto) encode() *message {
	out := &message{}
	for _, n := range g.nodes {
		out.nested(1, n.encode())
	}
	out.string(2, g.name)
	for _, t := range g.initializers {
		out.nested(5, t.encode())
	}
	for _, i := range g.inputs {
		out.nested(11, i.encode())
	}
	for _, i := range g.outputs {
		out.nested(12, i.encode())
	}
	return out
}

func (n *nodeProto) encode() *message {
	out := &message{}
	for _, name := range n.inputs {
		out.string(1, name)
	}
	for _, name := range n.outputs {
		out.string(2, name)
	}
	out.string(3, n.name)
	out.string(4, n.op)
	for _, a := range n.attributes {
		out.nested(5, a.encode())
	}
	return out
}

func (a *attributeProto) encode() *message {
	out := &message{}
	out.string(1, a.name)
	switch a.kind {
	case kindFloat:
		out.float(2, a.f)
	case kindInt:
		out.int(3, a.i)
	case kindString:
		out.string(4, a.s)
	case kindTensor:
		out.nested(5, a.tensor.encode())
	case kindInts:
		for _, v := range a.ints {
			out.int(8, v)
		}
	}
	out.int(20, int64(a.kind))
	return out
}

func (i *valueInfo) encode() *message {
	shape := &message{}
	for _, d := range i.dims {
		dim := &message{}
		if d.Size >= 0 {
			dim.int(1, int64(d.Size))
		} else {
			dim.string(2, d.Name)
		}
		shape.nested(1, dim)
	}
	tensor := &message{}
	tensor.int(1, int64(i.typ))
	tensor.nested(2, shape)
	typ := &message{}
	typ.nested(1, tensor)
	out := &message{}
	out.string(1, i.name)
	out.nested(2, typ)
	return out
}

func (t *tensorProto) encode() *message {
	out := &message{}
	for _, d := range t.dims {
		out.int(1, d)
	}
	out.int(2, int64(t.typ))
	out.string(8, t.name)
	out.blob(9, t.raw)
	return out
}
