package hdf5

import (
	"bytes"
	"encoding/binary"
	"fmt"
)

// A symbolTable is where a group has its links: a B-tree, and a heap of names (section IV.A.2.r).
type symbolTable struct{ tree, heap int64 }

// group visits what a group contains.
func (f *file) group(path string, t symbolTable, depth int) error {
	names, err := f.localHeap(t.heap)
	if err != nil {
		return fmt.Errorf("group %q: names: %w", path, err)
	}
	if path != "" {
		path += "/"
	}
	return f.tree(t.tree, func(name, header int64) error {
		s, err := f.name(names, name)
		if err != nil {
			return fmt.Errorf("group %q: %w", path, err)
		}
		return f.visit(path+s, header, depth+1)
	})
}

// localHeap returns where a group's names are (section III.D).
func (f *file) localHeap(at int64) (span, error) {
	b, err := f.node(at, 32, "HEAP")
	if err != nil {
		return span{}, err
	}
	s := span{address(b[24:]), address(b[8:])}
	if s.at < 0 || s.size < 0 || s.at > f.r.Size() || s.size > f.r.Size()-s.at {
		return span{}, fmt.Errorf("truncated: %d bytes at byte %d expected, the end is at %d", s.size, s.at, f.r.Size())
	}
	return s, nil
}

// name returns the name that begins at offset in a heap and ends with a zero byte.
func (f *file) name(heap span, offset int64) (string, error) {
	if offset < 0 || offset >= heap.size {
		return "", fmt.Errorf("damaged: a name at byte %d of %d", offset, heap.size)
	}
	b, err := f.read(heap.at+offset, min(heap.size-offset, longestName+1))
	if err != nil {
		return "", err
	}
	i := bytes.IndexByte(b, 0)
	if i <= 0 || bytes.IndexByte(b[:i], '/') >= 0 {
		return "", fmt.Errorf("damaged: a name of no or more than %d bytes, or with a slash", longestName)
	}
	return string(b[:i]), nil
}

// tree visits the links below a node of a group's B-tree (section III.A.1), in the order of their names: link gets the place of the name in
// the heap and the address of the object's header.
func (f *file) tree(at int64, link func(name, header int64) error) error {
	if err := f.once(at); err != nil {
		return err
	}
	b, err := f.node(at, 24, "TREE")
	if err != nil {
		return err
	}
	kind, level, used := b[4], b[5], int64(binary.LittleEndian.Uint16(b[6:]))
	if kind != 0 || level > deepest {
		return fmt.Errorf("damaged: a tree of kind %d and level %d at byte %d, expected that of a group", kind, level, at)
	}
	const key, child = 8, 8
	if b, err = f.read(at+24, used*(key+child)); err != nil {
		return err
	}
	for ; len(b) > 0; b = b[key+child:] {
		below := address(b[key:])
		if level == 0 {
			err = f.symbols(below, link)
		} else {
			err = f.treeBelow(below, level, link)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// treeBelow is tree for a node that must be of a lower level, so that the depth is bounded.
func (f *file) treeBelow(at int64, level byte, link func(name, header int64) error) error {
	b, err := f.node(at, 6, "TREE")
	if err != nil {
		return err
	}
	if b[5] != level-1 {
		return fmt.Errorf("damaged: a node of level %d at byte %d, expected %d", b[5], at, level-1)
	}
	return f.tree(at, link)
}

// symbols visits the links of a symbol table node (section III.C).
func (f *file) symbols(at int64, link func(name, header int64) error) error {
	if err := f.once(at); err != nil {
		return err
	}
	b, err := f.node(at, 8, "SNOD")
	if err != nil {
		return err
	}
	const size, hard, soft = 40, 1, 2
	n := int64(binary.LittleEndian.Uint16(b[6:]))
	if b, err = f.read(at+8, n*size); err != nil {
		return err
	}
	for ; len(b) > 0; b = b[size:] {
		if kind := binary.LittleEndian.Uint32(b[16:]); kind > hard {
			return fmt.Errorf("a link of kind %d at byte %d, expected one to an object in the file (%d is a symbolic link)", kind, at, soft)
		}
		if err := link(address(b), address(b[8:])); err != nil {
			return err
		}
	}
	return nil
}
