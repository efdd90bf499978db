package cifar

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
)

// isArchive reports whether the first files in the archive at path are in one of the folders of the sets.
func isArchive(path string) bool {
	found := false
	err := walkArchive(path, func(h *tar.Header, _ io.Reader) error {
		_, found = kindOf(h.Name)
		return errStop
	})
	return err == nil && found
}

var errStop = errors.New("stop")

// kindOf returns the set whose archive has a file of the name.
func kindOf(name string) (kind, bool) {
	for _, k := range kinds {
		if path.Base(path.Dir(path.Clean(name))) == k.folder || path.Base(name) == k.folder {
			return k, true
		}
	}
	return kind{}, false
}

// walkArchive calls visit for the entries of a gzipped tar file until it returns errStop.
func walkArchive(path string, visit func(*tar.Header, io.Reader) error) error {
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
		if err := visit(h, r); err == errStop {
			return nil
		} else if err != nil {
			return fmt.Errorf("%s: %w", h.Name, err)
		}
	}
}

// readArchive returns the files of the set in the archive at path, all in memory.
func readArchive(at string) (files, kind, error) {
	var k kind
	content, left := map[string][]byte{}, int64(maxBytes)
	err := walkArchive(at, func(h *tar.Header, r io.Reader) error {
		found, ok := kindOf(h.Name)
		if !ok || h.Typeflag != tar.TypeReg {
			return nil
		}
		k = found
		b, err := io.ReadAll(io.LimitReader(r, left+1))
		if err != nil {
			return err
		}
		if left -= int64(len(b)); left < 0 {
			return fmt.Errorf("more than %d bytes", maxBytes)
		}
		content[path.Base(h.Name)] = b
		return nil
	})
	if err != nil {
		return nil, k, fmt.Errorf("read %s: %w", at, err)
	}
	if len(content) == 0 {
		return nil, k, fmt.Errorf("read %s: no archive of CIFAR-10 or CIFAR-100", at)
	}
	return func(name string) ([]byte, error) {
		if b, ok := content[name]; ok {
			return b, nil
		}
		return nil, fs.ErrNotExist
	}, k, nil
}
