// Package save writes data sets in the formats that the packages beside it read. Files are copied as they are where the format has files.
package save

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/png"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/folder"
)

// A Writer writes all images of some sets.
type Writer struct {
	ctx         context.Context
	sets        data.Sets
	done, total int
	progress    func(done, total int)
	lost        map[string]int
}

// Lost says what the format that was written had no place for, and how many of them: such as "outlines (17)".
func (w *Writer) Lost() []string {
	var all []string
	for _, what := range slices.Sorted(maps.Keys(w.lost)) {
		if n := w.lost[what]; n > 0 {
			all = append(all, fmt.Sprintf("%s (%d)", what, n))
		}
	}
	return all
}

// New returns a Writer for sets. progress, if not nil, is told how far it is.
func New(ctx context.Context, sets data.Sets, progress func(done, total int)) *Writer {
	w := &Writer{ctx: ctx, sets: sets, progress: progress, lost: map[string]int{}}
	for _, d := range sets.All() {
		w.total += d.Len()
	}
	return w
}

// images calls write for each image of d, in order, until the context is done.
func (w *Writer) images(d data.Dataset, write func(i int) error) error {
	for i := range d.Len() {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		if err := write(i); err != nil {
			return err
		}
		if w.done++; w.progress != nil {
			w.progress(w.done, w.total)
		}
	}
	return nil
}

// New folders are written under another name first, so that none is left half-written.

// newFolder makes the folder out of what fill writes into the folder that it is given. out may be an empty folder, but nothing else.
func newFolder(out string, fill func(dir string) error) (err error) {
	if entries, err := os.ReadDir(out); err == nil && len(entries) > 0 {
		return fmt.Errorf("write %s: there is a folder that is not empty, expected a new one", out)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("write %s: %w", out, errors.Unwrap(err))
	}
	parent, name := filepath.Split(filepath.Clean(out))
	if parent != "" {
		if err := os.MkdirAll(parent, 0o777); err != nil {
			return fmt.Errorf("write %s: %w", out, errors.Unwrap(err))
		}
	}
	dir := filepath.Join(parent, "."+name+".part")
	if err := os.RemoveAll(dir); err != nil { // what a process that was killed has left
		return fmt.Errorf("write %s: %w", out, err)
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		return fmt.Errorf("write %s: %w", out, errors.Unwrap(err))
	}
	defer os.RemoveAll(dir) // after the rename there is nothing of that name
	if err := fill(dir); err != nil {
		return err
	}
	if err := os.Remove(out); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("write %s: %w", out, err)
	}
	if err := os.Rename(dir, out); err != nil {
		return fmt.Errorf("write %s: %w", out, err)
	}
	return nil
}

// encoded returns the file of image i of d, or a PNG of it if it has none, and the suffix that names its format.
func encoded(d data.Dataset, i int) (content []byte, ext string, err error) {
	f, ok, err := data.OpenFile(d, i)
	if err != nil {
		return nil, "", err
	}
	if !ok {
		s, err := d.Sample(i)
		if err != nil {
			return nil, "", err
		}
		var b bytes.Buffer
		err = png.Encode(&b, s.Image.Picture())
		return b.Bytes(), ".png", err
	}
	defer f.Close()
	content, err = io.ReadAll(f)
	if err != nil {
		return nil, "", fmt.Errorf("read %s: %w", d.Name(i), err)
	}
	if ext = strings.ToLower(filepath.Ext(d.Name(i))); !folder.IsImage(ext) {
		return nil, "", fmt.Errorf("%s is no image by name", d.Name(i))
	}
	return content, ext, nil
}

// baseName returns a name for the file of image i of d, without suffix: its own, or its number.
func baseName(d data.Dataset, i int) string {
	name := filepath.ToSlash(d.Name(i))
	if folder.IsImage(name) {
		return strings.TrimSuffix(path.Base(name), path.Ext(name))
	}
	return number(i)
}

// number writes i with leading zeros, so that names sort as the numbers do.
func number(i int) string { return fmt.Sprintf("%08d", i) }

// label returns the one class of image i of d.
func label(d data.Dataset, i int) (int, error) {
	l, _, err := data.Labels(d, i)
	if err == nil && (l < 0 || l >= len(d.Classes())) {
		err = fmt.Errorf("%s has several classes or none, which only lists (csv:) can say", d.Name(i))
	}
	return l, err
}
