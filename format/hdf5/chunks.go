package hdf5

import (
	"bytes"
	"cmp"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/lince-ml/lince/format"
	"github.com/lince-ml/lince/tensor"
)

// chunks are the pieces of a dataset that is cut along a grid. All are of one size; those at the ends of a dimension may stand out.
type chunks struct {
	dims    []int64 // of each
	size    int64   // its bytes, when no filter has changed them
	tree    int64   // address of the B-tree that says where they are
	filters []filter
	list    []chunk // in the order of their indices, all there must be
}

// A chunk is one of them.
type chunk struct {
	index int64 // in the grid, row-major
	data  span
	skip  uint32 // bit i: without filter i
}

// mostExpanded is how many bytes compressed chunks may become, if that is more than 64 times as many as they are: what shrinks to less is all zeros.
const mostExpanded = 1 << 24

// find reads where the chunks of a dataset are that has the given dimensions, bytes of an element, and bytes.
func (c *chunks) find(f *file, dims []int64, unit int, bytes int64) error {
	if len(c.dims) != len(dims) {
		return fmt.Errorf("damaged: chunks of %d dimensions for %d", len(c.dims), len(dims))
	}
	grid, all, size := make([]int64, len(dims)), int64(1), int64(unit)
	for i, d := range c.dims {
		grid[i] = (dims[i] + d - 1) / d
		all *= grid[i] // at most the number of elements
		size *= d      // at most c.size times unit
	}
	if size != c.size {
		return fmt.Errorf("damaged: chunks of %d bytes, expected %d", c.size, size)
	}
	if err := f.once(c.tree); err != nil {
		return err
	}
	if err := c.node(f, c.tree, -1, grid); err != nil {
		return err
	}
	slices.SortFunc(c.list, func(a, b chunk) int { return cmp.Compare(a.index, b.index) })
	stored := int64(0)
	for i, k := range c.list {
		if stored += k.data.size; k.index != int64(i) || stored > f.r.Size() {
			return fmt.Errorf("damaged: chunk %d is missing, there twice, or larger than the file", i)
		}
	}
	if int64(len(c.list)) != all {
		return fmt.Errorf("%d of %d chunks, expected all", len(c.list), all)
	}
	if most := max(mostExpanded, 64*stored); max(bytes, c.size) > most {
		return fmt.Errorf("%d bytes, in chunks of %d, out of %d, more than lince unpacks (h5repack -f NONE unpacks them)", bytes, c.size, stored)
	}
	return nil
}

// node reads a node of the B-tree (section III.A.1), which must be of the given level; -1 means any.
func (c *chunks) node(f *file, at int64, level int, grid []int64) error {
	b, err := f.node(at, 24, "TREE")
	if err != nil {
		return err
	}
	kind, has, used := b[4], int(b[5]), int64(binary.LittleEndian.Uint16(b[6:]))
	if kind != 1 || has > deepest || level >= 0 && has != level {
		return fmt.Errorf("damaged: a tree of kind %d and level %d at byte %d, expected that of chunks", kind, has, at)
	}
	key := 8 + 8*(len(grid)+1)
	if b, err = f.read(at+24, used*int64(key+8)); err != nil {
		return err
	}
	for ; len(b) > 0; b = b[key+8:] {
		below := address(b[key:])
		if has > 0 {
			if err := f.once(below); err != nil {
				return err
			}
			if err := c.node(f, below, has-1, grid); err != nil {
				return err
			}
			continue
		}
		k := chunk{data: span{below, int64(binary.LittleEndian.Uint32(b))}, skip: binary.LittleEndian.Uint32(b[4:])}
		for i, n := range grid {
			offset := address(b[8+8*i:])
			if offset < 0 || offset%c.dims[i] != 0 || offset/c.dims[i] >= n {
				return fmt.Errorf("damaged: a chunk at element %d of dimension %d, in chunks of %d", offset, i, c.dims[i])
			}
			k.index = k.index*n + offset/c.dims[i]
		}
		c.list = append(c.list, k)
	}
	return nil
}

// read returns the tensor that the chunks make.
func (c *chunks) read(r format.Reader, d tensor.DType, s tensor.Shape) (*tensor.Tensor, error) {
	t := tensor.New(d, s)
	dims, offset := make([]int64, s.Rank()), make([]int64, s.Rank())
	for i, n := range s.All() {
		dims[i] = int64(n)
	}
	for _, k := range c.list {
		b, err := format.ReadBytes(r, k.data.at, k.data.size)
		if err == nil {
			b, err = c.unfilter(b, k.skip)
		}
		if err != nil {
			return nil, fmt.Errorf("chunk %d: %w", k.index, err)
		}
		rest := k.index
		for i := len(dims) - 1; i >= 0; i-- {
			n := (dims[i] + c.dims[i] - 1) / c.dims[i]
			offset[i], rest = rest%n*c.dims[i], rest/n
		}
		paste(t.Bytes(), dims, b, c.dims, offset, int64(d.Size()))
	}
	return t, nil
}

// paste copies what is in the tensor of a chunk that begins at offset, row by row.
func paste(to []byte, dims []int64, from []byte, chunk, offset []int64, size int64) {
	n := min(chunk[0], dims[0]-offset[0])
	if len(dims) == 1 {
		copy(to[offset[0]*size:], from[:n*size])
		return
	}
	row, part := int64(len(to))/dims[0], int64(len(from))/chunk[0]
	for i := range n {
		at := (offset[0] + i) * row
		paste(to[at:at+row], dims[1:], from[i*part:(i+1)*part], chunk[1:], offset[1:], size)
	}
}

// A filter changes the bytes of a chunk before they are written.
type filter struct {
	id   uint16
	unit int // bytes of an element, of shuffling
}

const (
	filterDeflate = 1 // zlib's
	filterShuffle = 2 // the first byte of each element, then the second of each, ...
)

// filters reads a message of version 1 (section IV.A.2.l).
func (m *body) filters() ([]filter, error) {
	version, n := m.byte(), int(m.byte())
	if version != 1 {
		return nil, fmt.Errorf("filters of version %d, expected 1", version)
	}
	m.skip(6)
	var list []filter
	for range n {
		f := filter{id: m.uint16()}
		name := int(m.uint16())
		m.skip(2) // flags
		values := int(m.uint16())
		m.skip((name + 7) &^ 7)
		for i := range values + values%2 {
			if v := m.uint32(); i == 0 {
				f.unit = int(v)
			}
			if m.short {
				return nil, nil // reported by the caller
			}
		}
		if f.id != filterDeflate && f.id != filterShuffle {
			return nil, fmt.Errorf("filter %d, expected none but gzip and shuffle (h5repack -f NONE takes it away)", f.id)
		}
		list = append(list, f)
	}
	return list, nil
}

// unfilter undoes the filters, the last first.
func (c *chunks) unfilter(b []byte, skip uint32) ([]byte, error) {
	for i, f := range slices.Backward(c.filters) {
		switch {
		case skip>>i&1 != 0:
		case f.id == filterDeflate:
			z, err := zlib.NewReader(bytes.NewReader(b))
			if err != nil {
				return nil, fmt.Errorf("damaged: %w", err)
			}
			if b, err = io.ReadAll(io.LimitReader(z, c.size+1)); err != nil {
				return nil, fmt.Errorf("damaged: %w", err)
			}
		default:
			b = unshuffle(b, f.unit)
		}
	}
	if int64(len(b)) != c.size {
		return nil, errors.New("damaged: of another size than the others")
	}
	return b, nil
}

// unshuffle puts the bytes of each element beside each other. What is left over at the end was not moved.
func unshuffle(b []byte, unit int) []byte {
	if unit < 2 || unit > len(b) {
		return b
	}
	n := len(b) / unit
	out := slices.Clone(b)
	for i := range n {
		for j := range unit {
			out[i*unit+j] = b[j*n+i]
		}
	}
	return out
}
