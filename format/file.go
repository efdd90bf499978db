package format

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"
	"unsafe"
)

// A File is a file on disk, open for reading. Where the system can, it is mapped into memory, so that tensors can be views of it.
//
// A file that is cut short while it is mapped would end the program when the missing part is touched, so ReadAt does not use the
// mapping; only views do ([why]).
//
// [why]: https://github.com/lince-ml/lince/blob/main/docs/adr/0003-mapped-weights.md
type File struct {
	file     *os.File
	size     int64
	modified time.Time
	mapping  []byte // nil if the file is not mapped
}

// Open opens the file at path. Errors say what is wrong, without the path.
func Open(path string) (*File, error) {
	file, info, err := OpenRegular(path)
	if err != nil {
		return nil, err
	}
	return &File{file, info.Size(), info.ModTime(), mapFile(file, info.Size())}, nil
}

// OpenRegular opens the file at path, which must have a size: no folder, pipe or device. Errors say what is wrong, without the path.
func OpenRegular(path string) (*os.File, os.FileInfo, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, cause(err)
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		file.Close()
		return nil, nil, cause(err)
	}
	return file, info, nil
}

// cause takes the path out of err: the caller knows it.
func cause(err error) error {
	if p := new(os.PathError); errors.As(err, &p) {
		return p.Err
	}
	return err
}

// Size returns the size that the file had when it was opened.
func (f *File) Size() int64 { return f.size }

// ReadAt reads as [io.ReaderAt] says, from the file and not through the mapping.
func (f *File) ReadAt(b []byte, offset int64) (int, error) {
	n, err := f.file.ReadAt(b, offset)
	return n, cause(err)
}

// View returns the n bytes at offset, which nobody may write to; nil if the file is not mapped or has no such bytes.
func (f *File) View(offset int64, n int) []byte { return view(f.mapping, offset, n) }

func view(b []byte, offset int64, n int) []byte {
	if b == nil || offset < 0 || n < 0 || offset > int64(len(b)) || int64(n) > int64(len(b))-offset {
		return nil
	}
	return b[offset : offset+int64(n) : offset+int64(n)]
}

// Close ends the mapping: views of the file must no longer be used. If the file was written to since Open, Close returns an error, since
// then nobody knows what was read.
func (f *File) Close() error {
	info, err := f.file.Stat()
	if err == nil && (info.Size() != f.size || !info.ModTime().Equal(f.modified)) {
		err = fmt.Errorf("changed while it was in use: %d bytes, now %d", f.size, info.Size())
	}
	mapping := f.mapping
	f.mapping = nil
	return cause(errors.Join(err, unmapFile(mapping), f.file.Close()))
}

// A viewer is a Reader that can show its bytes without copying them.
type viewer interface {
	View(offset int64, n int) []byte
}

// viewOf returns the n bytes at offset of r, nil if r is not mapped.
func viewOf(r Reader, offset int64, n int) []byte {
	if v, ok := r.(viewer); ok {
		return v.View(offset, n)
	}
	return nil
}

// aligned reports whether b can be read as elements of the given size.
func aligned(b []byte, size int) bool {
	return len(b) == 0 || uintptr(unsafe.Pointer(unsafe.SliceData(b)))%uintptr(size) == 0
}

// A Section is a part of a Reader, and mapped if that is.
type Section struct {
	*io.SectionReader
	of     Reader
	offset int64
}

// SectionOf returns the n bytes at offset of r as a Reader of their own.
func SectionOf(r Reader, offset, n int64) *Section {
	return &Section{io.NewSectionReader(r, offset, n), r, offset}
}

// View returns the n bytes at offset of the section as [File.View] does.
func (s *Section) View(offset int64, n int) []byte {
	if offset < 0 || n < 0 || offset > s.Size() || int64(n) > s.Size()-offset {
		return nil
	}
	return viewOf(s.of, s.offset+offset, n)
}
