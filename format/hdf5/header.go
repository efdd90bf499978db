package hdf5

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"

	"github.com/lince-ml/lince/tensor"
)

// A header is what the messages of an object header say.
type header struct {
	table   *symbolTable // of a group
	space   *dataspace   // the following of a dataset
	typ     *datatype
	layout  *layout
	filters []filter
	strings map[string]string
}

func (h *header) isDataset() bool { return h.space != nil || h.typ != nil || h.layout != nil }

// Types of header messages (section IV.A.2).
const (
	msgDataspace    = 0x01
	msgDatatype     = 0x03
	msgLayout       = 0x08
	msgFilters      = 0x0b
	msgAttribute    = 0x0c
	msgContinuation = 0x10
	msgSymbolTable  = 0x11
	msgLinkInfo     = 0x02
)

// header reads an object header of version 1 (section IV.A.1.a), and the blocks that continue it.
func (f *file) header(at int64) (*header, error) {
	b, err := f.read(at, 16)
	if err != nil {
		return nil, err
	}
	if string(b[:4]) == "OHDR" {
		return nil, fmt.Errorf("object header of version 2, expected 1, which h5py writes unless it is told libver or track_order")
	}
	if b[0] != 1 {
		return nil, fmt.Errorf("damaged: object header of version %d at byte %d, expected 1", b[0], at)
	}
	h := &header{strings: map[string]string{}}
	blocks := []span{{at + 16, int64(binary.LittleEndian.Uint32(b[8:]))}}
	for len(blocks) > 0 {
		b, err := f.read(blocks[0].at, blocks[0].size)
		if err != nil {
			return nil, err
		}
		blocks = blocks[1:]
		more, err := f.messages(h, b)
		if err != nil {
			return nil, err
		}
		for _, s := range more {
			if err := f.once(s.at); err != nil {
				return nil, err
			}
		}
		blocks = append(blocks, more...)
	}
	return h, nil
}

// messages reads the messages of one block, and returns the blocks that continue it.
func (f *file) messages(h *header, b []byte) (more []span, err error) {
	const before = 8 // type, size, flags
	for len(b) >= before {
		kind, size, flags := binary.LittleEndian.Uint16(b), int(binary.LittleEndian.Uint16(b[2:])), b[4]
		if size > len(b)-before {
			return nil, fmt.Errorf("damaged: a message of %d bytes where %d are left", size, len(b)-before)
		}
		body := &body{b: b[before : before+size]}
		b = b[before+size:]
		if flags&2 != 0 {
			return nil, fmt.Errorf("a message that is shared by several objects, expected none")
		}
		switch kind {
		case msgContinuation:
			more = append(more, span{body.address(), body.address()})
		case msgSymbolTable:
			h.table = &symbolTable{body.address(), body.address()}
		case msgDataspace:
			h.space, err = body.dataspace()
		case msgDatatype:
			h.typ, err = body.datatype()
		case msgLayout:
			h.layout, err = body.layout()
		case msgFilters:
			h.filters, err = body.filters()
		case msgAttribute:
			err = f.attribute(h, body)
		case msgLinkInfo:
			return nil, fmt.Errorf("a group of HDF5 1.8's layout, expected the older, which h5py writes unless it is told libver or track_order")
		}
		if err == nil && body.short {
			err = fmt.Errorf("damaged: a message of type %#x that is too short", kind)
		}
		if err != nil {
			return nil, err
		}
	}
	return more, nil
}

// A body is the content of a message. Reading beyond its end gives zeros, and sets short.
type body struct {
	b     []byte
	short bool
}

func (m *body) bytes(n int) []byte {
	if n > len(m.b) {
		m.short = true
		return make([]byte, min(n, 8))
	}
	b := m.b[:n]
	m.b = m.b[n:]
	return b
}

func (m *body) byte() byte      { return m.bytes(1)[0] }
func (m *body) uint16() uint16  { return binary.LittleEndian.Uint16(m.bytes(2)) }
func (m *body) uint32() uint32  { return binary.LittleEndian.Uint32(m.bytes(4)) }
func (m *body) address() int64  { return address(m.bytes(8)) }
func (m *body) skip(n int)      { m.bytes(n) }
func (m *body) part(n int) body { return body{m.bytes(n), m.short} }

// A dataspace is the shape of a dataset or attribute.
type dataspace struct{ dims []int64 }

// dataspace reads a message of version 1 or 2 (section IV.A.2.b).
func (m *body) dataspace() (*dataspace, error) {
	version, rank := m.byte(), int(m.byte())
	m.skip(1) // flags: whether the largest sizes follow, which nobody needs
	kind := byte(1)
	switch version {
	case 1:
		m.skip(5)
	case 2:
		kind = m.byte()
	default:
		return nil, fmt.Errorf("dataspace of version %d, expected 1 or 2", version)
	}
	if kind == 2 || rank > tensor.MaxRank {
		return nil, fmt.Errorf("a dataspace of kind %d and %d dimensions, expected at most %d", kind, rank, tensor.MaxRank)
	}
	s := &dataspace{make([]int64, rank)}
	for i := range s.dims {
		s.dims[i] = m.address()
	}
	return s, nil
}

// A layout is where a dataset's elements are: one piece of the file, or chunks.
type layout struct {
	data   span
	chunks *chunks // nil for one piece
}

// layout reads a message of version 3 (section IV.A.2.i).
func (m *body) layout() (*layout, error) {
	version, class := m.byte(), m.byte()
	if version != 3 {
		return nil, fmt.Errorf("layout of version %d, expected 3", version)
	}
	switch class {
	case 1:
		return &layout{data: span{m.address(), m.address()}}, nil
	case 2:
		c, err := m.chunks()
		return &layout{chunks: c}, err
	}
	return nil, fmt.Errorf("elements in the header, or of layout %d, expected one piece or chunks (h5repack -l CONTI makes it so)", class)
}

// chunks reads the rest of the layout of a dataset in chunks.
func (m *body) chunks() (*chunks, error) {
	rank := int(m.byte()) - 1 // the last dimension is the bytes of an element
	c := &chunks{tree: m.address(), size: 1}
	if rank < 1 || rank > tensor.MaxRank {
		return nil, fmt.Errorf("damaged: chunks of %d dimensions, expected 1 to %d", rank, tensor.MaxRank)
	}
	for i := range rank + 1 {
		d := int64(m.uint32())
		if d == 0 || c.size > math.MaxInt32/d {
			return nil, errors.New("damaged: chunks of no bytes, or of 2 GB")
		}
		c.size *= d
		if i < rank {
			c.dims = append(c.dims, d)
		}
	}
	return c, nil
}
