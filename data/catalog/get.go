package catalog

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/lince-ml/lince/internal/atomicfile"
	"github.com/lince-ml/lince/internal/fetch"
)

// Path returns where the set is in dir, or is to be.
func (s *Set) Path(dir string) string { return filepath.Join(dir, s.Name) }

// Spec returns the DATA argument for the set in dir.
func (s *Set) Spec(dir string) string {
	return s.Format + ":" + filepath.Join(s.Path(dir), filepath.FromSlash(s.Folder))
}

// Has reports whether the set is in dir, complete.
func (s *Set) Has(dir string) bool {
	info, err := os.Stat(s.Path(dir))
	return err == nil && info.IsDir()
}

// A Progress is told how many bytes of a file have been downloaded, and of how many, 0 if that is unknown, or that a file is being unpacked, with negative numbers.
type Progress func(file string, done, total int64)

// Get downloads the set into dir, checks the digests and unpacks it. All happens in a folder beside the set's, which gets its name when it is complete; what an
// interrupted call has left there is gone on with. mirror, if not "", is an address that has the files as NAME/FILE. It does nothing if the set is there.
func (s *Set) Get(ctx context.Context, dir, mirror string, progress Progress) error {
	if s.Has(dir) {
		return nil
	}
	part := s.Path(dir) + ".part"
	for _, f := range s.Files {
		urls := f.URLs
		if mirror != "" {
			urls = []string{strings.TrimSuffix(mirror, "/") + "/" + s.Name + "/" + f.Name}
		}
		path := filepath.Join(part, f.Name)
		file := fetch.File{URLs: urls, SHA256: f.SHA256, MaxBytes: f.Bytes}
		if _, err := file.Into(ctx, path, func(done, total int64) { progress(f.Name, done, total) }); err != nil {
			return err
		}
		if !f.Archive {
			continue
		}
		progress(f.Name, -1, -1)
		if err := unpack(ctx, path, part, f.Only); err != nil {
			return err
		}
	}
	for _, f := range s.Files { // only now, so that a call after an interrupted one does not fetch them again
		if f.Archive {
			if err := os.Remove(filepath.Join(part, f.Name)); err != nil {
				return err
			}
		}
	}
	if s.Names != nil {
		path := filepath.Join(part, filepath.FromSlash(s.Folder), "classes.txt")
		err := atomicfile.Write(path, func(w io.Writer) error {
			_, err := io.WriteString(w, strings.Join(s.Names, "\n")+"\n")
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := os.Rename(part, s.Path(dir)); err != nil {
		return fmt.Errorf("write %s: %w", s.Path(dir), errors.Unwrap(err))
	}
	return nil
}
