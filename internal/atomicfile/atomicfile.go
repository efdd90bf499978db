// Package atomicfile replaces files as a whole: a reader, and a machine that loses power, sees the old content or
// the new one, never a part.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
)

// Write makes what write writes the content of the file at path. The content goes to a hidden temporary file in the
// same folder first, which takes the name path only when it is complete and on the disk. On any error the temporary
// file is removed and the file at path, if there was one, stays as it was; the error names path.
func Write(path string, write func(io.Writer) error) error {
	tmp, err := create(path)
	if err != nil {
		return failed(path, err)
	}
	defer os.Remove(tmp.Name()) // also if write panics; after the rename there is nothing of that name
	if err := fill(tmp, write); err != nil {
		return failed(path, err)
	}
	return Rename(tmp.Name(), path)
}

// Rename gives the file at from, which must be on the disk, the name to in the same folder, in place of a file that has it. The error names to.
func Rename(from, to string) error {
	if err := os.Rename(from, to); err != nil {
		return failed(to, err)
	}
	if err := syncFolder(filepath.Dir(to)); err != nil {
		return failed(to, err)
	}
	return nil
}

// create opens a new file beside path. os.CreateTemp would do, but gives it mode 0600 where a plain create obeys the umask.
func create(path string) (*os.File, error) {
	dir, base := filepath.Split(path)
	for {
		name := fmt.Sprintf("%s.%s.%08x.tmp", dir, base, rand.Uint32())
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if !errors.Is(err, os.ErrExist) {
			return f, err
		}
	}
}

// fill writes f, brings it to the disk and closes it.
func fill(f *os.File, write func(io.Writer) error) error {
	defer f.Close() // for a write that fails or panics; the second Close of the good path does nothing
	b := bufio.NewWriterSize(f, 1<<16)
	if err := write(b); err != nil {
		return err
	}
	if err := b.Flush(); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return f.Close()
}

// syncFolder brings the new name to the disk. Where a system or file system cannot do that, it is not an error.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !errors.Is(err, syscall.EINVAL) && !errors.Is(err, errors.ErrUnsupported) {
		return err
	}
	return nil
}

// failed names path in err, and takes out the name of the temporary file, which tells the user nothing.
func failed(path string, err error) error {
	var p *os.PathError
	var l *os.LinkError
	switch {
	case errors.As(err, &p):
		err = p.Err
	case errors.As(err, &l):
		err = l.Err
	}
	return fmt.Errorf("write %s: %w", path, err)
}
