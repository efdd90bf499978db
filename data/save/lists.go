package save

import (
	"encoding/csv"
	"fmt"
	"os"
	"path"
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
			name, err := copyImage(filepath.Join(dir, "images", set), d, i, used)
			return path.Join("images", set, name), err
		})
	})
}

// BoxesWithImages writes the same, but rows are boxes: path, xmin, ymin, xmax, ymax and class. Outlines are lost.
func (w *Writer) BoxesWithImages(out string) error {
	return newFolder(out, func(dir string) error {
		if err := writeClasses(dir, w.classes()); err != nil {
			return err
		}
		used := map[string]bool{}
		for name, d := range w.sets.All() {
			err := w.list(filepath.Join(dir, name+".csv"), d, boxHeader, func(i int) ([][]string, error) {
				file, err := copyImage(filepath.Join(dir, "images", name), d, i, used)
				if err != nil {
					return nil, err
				}
				return w.boxRows(d, i, path.Join("images", name, file))
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

var boxHeader = []string{"path", "xmin", "ymin", "xmax", "ymax", "class"}

// boxRows returns the rows of image i of d, which is at a path.
func (w *Writer) boxRows(d data.Dataset, i int, at string) ([][]string, error) {
	sc, err := sceneOf(d, i)
	if err != nil {
		return nil, err
	}
	if err := sc.needBoxes(); err != nil {
		return nil, err
	}
	w.lose(sc, lostOutline, lostCrowd, lostDifficult)
	at = filepath.ToSlash(at)
	if len(sc.Boxes) == 0 {
		return [][]string{{at, "", "", "", "", ""}}, nil
	}
	var rows [][]string
	for _, b := range sc.Boxes {
		rows = append(rows, []string{at, decimal(b.X0), decimal(b.Y0), decimal(b.X1), decimal(b.Y1), sc.classes[b.Class]})
	}
	return rows, nil
}

// lists writes the files of all sets; where returns where an image is. Rows are images with their classes, or boxes where images have no classes of their own.
func (w *Writer) lists(dir string, where func(set string, d data.Dataset, i int) (string, error)) error {
	for name, d := range w.sets.All() {
		header, boxes := []string{"path", "label"}, hasBoxes(d)
		if boxes {
			header = boxHeader
		}
		err := w.list(filepath.Join(dir, name+".csv"), d, header, func(i int) ([][]string, error) {
			at, err := where(name, d, i)
			if err != nil {
				return nil, err
			}
			if boxes {
				return w.boxRows(d, i, at)
			}
			class, err := className(d, i)
			return [][]string{{filepath.ToSlash(at), class}}, err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// list writes the file of a set, of the rows of each image.
func (w *Writer) list(file string, d data.Dataset, header []string, rows func(i int) ([][]string, error)) error {
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	defer f.Close()
	c := csv.NewWriter(f)
	c.Write(header) // an error is there again at the end
	err = w.images(d, func(i int) error {
		some, err := rows(i)
		if err != nil {
			return err
		}
		return c.WriteAll(some)
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
