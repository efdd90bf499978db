package catalog

import (
	"archive/tar"
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lince-ml/lince/internal/targz"
)

const (
	maxFiles = 1_000_000
	maxBytes = 64 << 30 // of all files, unpacked
)

// An unpacking writes the files of an archive into a folder, and nothing outside of it.
type unpacking struct {
	ctx   context.Context
	dir   string
	only  []string
	files int
	left  int64 // bytes that may still be written
}

// unpack writes the files in the archive at path, a .zip, .tar.gz or .tgz, into dir: those that match a pattern of only, or all.
func unpack(ctx context.Context, path, dir string, only []string) (err error) {
	u := &unpacking{ctx, dir, only, 0, maxBytes}
	if strings.HasSuffix(path, ".zip") {
		err = u.zip(path)
	} else {
		err = u.tar(path)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return fmt.Errorf("unpack %s: %w", path, err)
	}
	return nil
}

func (u *unpacking) zip(path string) error {
	r, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer r.Close()
	for _, f := range r.File {
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		if !f.Mode().IsRegular() {
			return fmt.Errorf("%s: neither a file nor a folder", f.Name)
		}
		content, err := f.Open()
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		err = u.write(f.Name, content)
		content.Close()
		if err != nil {
			return err
		}
	}
	return nil
}

func (u *unpacking) tar(path string) error {
	return targz.Walk(path, func(h *tar.Header, content io.Reader) error {
		switch h.Typeflag {
		case tar.TypeReg:
			return u.write(h.Name, content)
		case tar.TypeDir, tar.TypeXGlobalHeader:
			return nil
		}
		return fmt.Errorf("%s: neither a file nor a folder", h.Name)
	})
}

// write writes a file of the archive.
func (u *unpacking) write(name string, content io.Reader) error {
	name = path.Clean(name)
	if u.only != nil && !slices.ContainsFunc(u.only, func(p string) bool { ok, _ := path.Match(p, name); return ok }) {
		return nil
	}
	if strings.HasPrefix(path.Base(name), "._") || name == "." {
		return nil // what macOS adds
	}
	local := filepath.FromSlash(name)
	if !filepath.IsLocal(local) {
		return fmt.Errorf("%q leads out of the folder", name)
	}
	if u.files++; u.files > maxFiles {
		return fmt.Errorf("more than %d files", maxFiles)
	}
	to := filepath.Join(u.dir, local)
	if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
		return err
	}
	f, err := os.Create(to)
	if err != nil {
		return err
	}
	defer f.Close()
	n, err := io.Copy(f, io.LimitReader(ctxReader{u.ctx, content}, u.left+1))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if u.left -= n; u.left < 0 {
		return errors.New("it grows too large")
	}
	return f.Close()
}

// A ctxReader reads until the context is done.
type ctxReader struct {
	ctx context.Context
	r   io.Reader
}

func (r ctxReader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(b)
}
