package save

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/lince-ml/lince/data"
)

// Separator stands between the classes of an image that has several.
const Separator = "|"

// Lists writes a folder with train.csv, val.csv and test.csv, of which each row is the path of an image and its class. Paths lead to the files where they are, relative to
// the lists where that can be; the images must be files of their own.
func (w *Writer) Lists(out string) error {
	return newFolder(out, func(dir string) error {
		return w.lists(dir, func(_ string, d data.Dataset, i int) (string, error) {
			path, err := filepath.Abs(d.Name(i))
			if err == nil {
				_, err = os.Stat(path)
			}
			if err != nil {
				return "", fmt.Errorf("%s is no file of its own, which a list could lead to: copy the images too", d.Name(i))
			}
			base, err := filepath.Abs(out)
			if err != nil {
				return "", err
			}
			if relative, err := filepath.Rel(base, path); err == nil {
				path = relative
			}
			return path, nil
		})
	})
}

// ListsWithImages writes the same, with the images in a sub-folder.
func (w *Writer) ListsWithImages(out string) error {
	return newFolder(out, func(dir string) error {
		used := map[string]bool{}
		return w.lists(dir, func(set string, d data.Dataset, i int) (string, error) {
			content, ext, err := encoded(d, i)
			if err != nil {
				return "", err
			}
			to := filepath.Join(dir, "images", set)
			if err := os.MkdirAll(to, 0o777); err != nil {
				return "", err
			}
			path := unused(filepath.Join(to, baseName(d, i)), ext, used)
			if err := os.WriteFile(path, content, 0o666); err != nil {
				return "", err
			}
			return filepath.Rel(dir, path)
		})
	})
}

// lists writes the files of all sets; path returns where an image is.
func (w *Writer) lists(dir string, path func(set string, d data.Dataset, i int) (string, error)) error {
	for name, d := range w.sets.All() {
		if err := w.list(filepath.Join(dir, name+".csv"), d, func(i int) (string, error) { return path(name, d, i) }); err != nil {
			return err
		}
	}
	return nil
}

func (w *Writer) list(file string, d data.Dataset, path func(i int) (string, error)) (err error) {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	c := csv.NewWriter(f)
	c.Write([]string{"path", "label"}) // an error is there again at the end
	err = w.images(d, func(i int) error {
		at, err := path(i)
		if err != nil {
			return err
		}
		name, err := className(d, i)
		if err != nil {
			return err
		}
		return c.Write([]string{filepath.ToSlash(at), name})
	})
	if err != nil {
		return err
	}
	if c.Flush(); c.Error() != nil {
		return c.Error()
	}
	return f.Close()
}

// className returns the class of image i of d, or its classes with Separator between them.
func className(d data.Dataset, i int) (string, error) {
	l, several, err := data.Labels(d, i)
	if err != nil || several == nil {
		if err == nil {
			l, err = label(d, i)
		}
		if err != nil {
			return "", err
		}
		return d.Classes()[l], nil
	}
	var names []string
	for k, v := range several {
		if v != 0 {
			names = append(names, d.Classes()[k])
		}
	}
	return strings.Join(names, Separator), nil
}
