// Package hdf5 reads the HDF5 files that Keras writes through h5py: superblock 0, groups with symbol tables, datasets of numbers in one piece or in chunks, which
// gzip may have compressed, attributes that are strings. Whatever else HDF5 has (other filters, the layouts of later versions) is refused by name.
//
// It follows the "HDF5 File Format Specification Version 3.0" of the HDF Group; sections are given where they matter. Numbers are
// little-endian, addresses count from the beginning of the file.
package hdf5

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/lince-ml/lince/format"
)

// Signature is what an HDF5 file begins with.
const Signature = "\x89HDF\r\n\x1a\n"

// An Object is a group or a dataset.
type Object struct {
	Path    string            // from the root, "model_weights/conv1/kernel:0"; "" for the root
	Strings map[string]string // the attributes that are one short string
	Dataset *format.Entry     // called Path; nil for a group
}

// Decode returns all objects of a file, each group before what it contains, names in the order of their bytes.
func Decode(r format.Reader) ([]Object, error) {
	if err := format.CheckByteOrder(); err != nil {
		return nil, err
	}
	f := &file{r: r, seen: map[int64]bool{}, heaps: map[int64]map[uint16]span{}}
	root, err := f.superblock()
	if err != nil {
		return nil, err
	}
	if err := f.visit("", root, 0); err != nil {
		return nil, err
	}
	return f.objects, nil
}

type file struct {
	r       format.Reader
	objects []Object
	seen    map[int64]bool            // addresses of headers and nodes, each of which is read once
	heaps   map[int64]map[uint16]span // what the global heaps hold, by their address
}

// A span is a part of the file.
type span struct{ at, size int64 }

// undefined is the address of what does not exist.
const undefined = -1

// superblock reads section II.A and returns the address of the root group's header.
func (f *file) superblock() (int64, error) {
	b, err := format.ReadBytes(f.r, 0, min(f.r.Size(), 96))
	if err != nil {
		return 0, err
	}
	switch {
	case !bytes.HasPrefix(b, []byte(Signature)):
		return 0, fmt.Errorf("begins with %q, expected %q: no HDF5 file", b[:min(8, len(b))], Signature)
	case len(b) < 96:
		return 0, fmt.Errorf("truncated: %d bytes, an HDF5 file has at least 96", len(b))
	case b[8] != 0:
		return 0, fmt.Errorf("superblock of version %d, expected 0, which h5py writes unless it is told libver", b[8])
	case b[13] != 8 || b[14] != 8:
		return 0, fmt.Errorf("addresses of %d and lengths of %d bytes, expected 8 and 8", b[13], b[14])
	}
	if end := address(b[40:]); end > f.r.Size() {
		return 0, fmt.Errorf("truncated: %d bytes, the file says it has %d", f.r.Size(), end)
	}
	if base := address(b[24:]); base != 0 {
		return 0, fmt.Errorf("the file begins at byte %d of itself, expected 0", base)
	}
	return address(b[64:]), nil
}

func address(b []byte) int64 { return int64(binary.LittleEndian.Uint64(b)) }

const (
	deepest     = 32   // groups in groups
	longestName = 1024 // of an object, in bytes
)

// visit reads the object whose header is at the given address, and what is in it.
func (f *file) visit(path string, at int64, depth int) error {
	if depth > deepest {
		return fmt.Errorf("%q: more than %d groups in each other", path, deepest)
	}
	if err := f.once(at); err != nil {
		return fmt.Errorf("%q: %w", path, err)
	}
	h, err := f.header(at)
	if err != nil {
		return fmt.Errorf("%q: %w", path, err)
	}
	o := Object{Path: path, Strings: h.strings}
	if h.isDataset() {
		if o.Dataset, err = f.dataset(path, h); err != nil {
			return fmt.Errorf("dataset %q: %w", path, err)
		}
	}
	f.objects = append(f.objects, o)
	if h.table == nil {
		return nil
	}
	return f.group(path, *h.table, depth)
}

// once refuses an address that was read before: an object with two places, or one within itself.
func (f *file) once(at int64) error {
	if f.seen[at] {
		return fmt.Errorf("byte %d is in two places of the file's tree", at)
	}
	f.seen[at] = true
	return nil
}

// read returns the n bytes at an address.
func (f *file) read(at, n int64) ([]byte, error) {
	if at == undefined {
		return nil, errors.New("something is missing: an address that is undefined")
	}
	return format.ReadBytes(f.r, at, n)
}

// node returns the n bytes at an address, which must begin with the given signature.
func (f *file) node(at, n int64, signature string) ([]byte, error) {
	b, err := f.read(at, n)
	if err == nil && string(b[:4]) != signature {
		err = fmt.Errorf("damaged: %q at byte %d, expected %q", b[:4], at, signature)
	}
	return b, err
}
