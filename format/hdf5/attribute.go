package hdf5

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
)

// longestString is the longest string of an attribute that is read; "model_config", a whole program in JSON, is longer.
const longestString = 1024

// attribute reads an attribute (section IV.A.2.m) if it is one short string; others are passed over.
func (f *file) attribute(h *header, m *body) error {
	version := m.byte()
	m.skip(1)
	sizes := [3]int{int(m.uint16()), int(m.uint16()), int(m.uint16())}
	switch version {
	case 1: // each part is padded
		for i, n := range sizes {
			sizes[i] = (n + 7) &^ 7
		}
	case 2:
	case 3:
		m.skip(1) // the name's encoding
	default:
		return fmt.Errorf("attribute of version %d, expected 1 to 3", version)
	}
	name, _, _ := strings.Cut(string(m.bytes(sizes[0])), "\x00")
	typePart, spacePart := m.part(sizes[1]), m.part(sizes[2])
	if m.short {
		return nil // reported by the caller
	}
	typ, err := typePart.datatype()
	if err != nil {
		return err
	}
	space, err := spacePart.dataspace()
	if err != nil || len(space.dims) > 0 {
		return nil // a null or a list
	}
	if typ.class == classString && typ.size <= longestString {
		value, _, _ := strings.Cut(string(m.bytes(typ.size)), "\x00")
		h.strings[name] = value
	}
	if typ.class == classVarying && typ.bits&15 == 1 {
		length, heap, index := int64(m.uint32()), m.address(), m.uint32()
		if length > longestString || m.short {
			return nil
		}
		value, err := f.heapObject(heap, index, length)
		if err != nil {
			return fmt.Errorf("attribute %q: %w", name, err)
		}
		h.strings[name] = value
	}
	return nil
}

// heapObject returns the first length bytes of an object of a global heap.
func (f *file) heapObject(heap int64, index uint32, length int64) (string, error) {
	if length == 0 {
		return "", nil
	}
	objects, ok := f.heaps[heap]
	if !ok {
		var err error
		if objects, err = f.globalHeap(heap); err != nil {
			return "", err
		}
		f.heaps[heap] = objects
	}
	o := objects[uint16(index)]
	if length > o.size {
		return "", fmt.Errorf("damaged: a string of %d bytes, the heap has %d", length, o.size)
	}
	b, err := f.read(o.at, length)
	if err != nil {
		return "", err
	}
	return string(bytes.TrimRight(b, "\x00")), nil
}

// globalHeap returns where the objects of a global heap are, by their index (section III.E).
func (f *file) globalHeap(at int64) (map[uint16]span, error) {
	b, err := f.node(at, 16, "GCOL")
	if err != nil {
		return nil, err
	}
	end := at + min(address(b[8:]), f.r.Size()-at)
	objects := map[uint16]span{}
	const before = 16
	const most = 1 << 12 // objects; a heap of 4 KB has 250 at most
	for at += before; at+before <= end && len(objects) < most; {
		if b, err = f.read(at, before); err != nil {
			return nil, err
		}
		index, size := binary.LittleEndian.Uint16(b), address(b[8:])
		if index == 0 { // the rest is free
			break
		}
		if at += before; size < 0 || size > end-at {
			return nil, fmt.Errorf("damaged: a heap's object of %d bytes at byte %d", size, at)
		}
		objects[index] = span{at, size}
		at += (size + 7) &^ 7
	}
	return objects, nil
}
