// Package targz reads gzipped tar files.
package targz

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"io"
	"os"
)

// ErrStop ends a Walk without an error.
var ErrStop = errors.New("stop")

// Walk calls visit for the entries of the file at path in their order, with the content of each, until visit returns an error. It returns that error, unless it is
// ErrStop.
func Walk(path string, visit func(*tar.Header, io.Reader) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return err
	}
	r := tar.NewReader(z)
	for {
		h, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if err := visit(h, r); err == ErrStop {
			return nil
		} else if err != nil {
			return err
		}
	}
}
