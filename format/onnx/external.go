package onnx

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strconv"
)

// externalFiles reads weights that lie outside the model, in files of its folder. Links that lead out of the folder are not followed.
type externalFiles struct{ folder *os.Root }

// read returns the n bytes at the place that a tensor's external_data describes: a file's location, and maybe offset and length.
func (e *externalFiles) read(location map[string]string, n int) ([]byte, error) {
	name := location["location"]
	if e == nil {
		return nil, fmt.Errorf("its values are in another file, %q", name)
	}
	b, err := e.readAt(name, location["offset"], location["length"], int64(n))
	if err != nil {
		return nil, fmt.Errorf("external data in %q: %w", name, err)
	}
	return b, nil
}

func (e *externalFiles) readAt(name, offset, length string, n int64) ([]byte, error) {
	start, err := strconv.ParseInt(cmp.Or(offset, "0"), 10, 64)
	if err != nil || start < 0 {
		return nil, fmt.Errorf("offset %q, a number of bytes expected", offset)
	}
	if length != "" && length != strconv.FormatInt(n, 10) {
		return nil, fmt.Errorf("length %q, %d expected", length, n)
	}
	info, err := e.folder.Stat(name)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("not a regular file")
	}
	f, err := e.folder.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if size := info.Size(); start > size || n > size-start {
		return nil, fmt.Errorf("truncated: %d bytes from byte %d on expected, the file has %d", n, start, size)
	}
	b := make([]byte, n)
	_, err = io.ReadFull(io.NewSectionReader(f, start, n), b)
	return b, err
}
