package cifar

import (
	"archive/tar"
	"fmt"
	"io"
	"io/fs"
	"path"

	"github.com/lince-ml/lince/internal/targz"
)

// isArchive reports whether the first files in the archive at path are in one of the folders of the sets.
func isArchive(path string) bool {
	found := false
	err := targz.Walk(path, func(h *tar.Header, _ io.Reader) error {
		_, found = kindOf(h.Name)
		return targz.ErrStop
	})
	return err == nil && found
}

// kindOf returns the set whose archive has a file of the name.
func kindOf(name string) (kind, bool) {
	for _, k := range kinds {
		if path.Base(path.Dir(path.Clean(name))) == k.folder || path.Base(name) == k.folder {
			return k, true
		}
	}
	return kind{}, false
}

// readArchive returns the files of the set in the archive at path, all in memory.
func readArchive(at string) (files, kind, error) {
	var k kind
	content, left := map[string][]byte{}, int64(maxBytes)
	err := targz.Walk(at, func(h *tar.Header, r io.Reader) error {
		found, ok := kindOf(h.Name)
		if !ok || h.Typeflag != tar.TypeReg {
			return nil
		}
		k = found
		b, err := io.ReadAll(io.LimitReader(r, left+1))
		if err != nil {
			return fmt.Errorf("%s: %w", h.Name, err)
		}
		if left -= int64(len(b)); left < 0 {
			return fmt.Errorf("%s: more than %d bytes", h.Name, maxBytes)
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
