package save

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/lince-ml/lince/data"
)

// How says what becomes of files that exist.
type How int

// The ways.
const (
	Copy How = iota
	Link     // a second name of the same file, or a symbolic link where that cannot be
)

// Folder writes a folder with a sub-folder for each class, inside train, val and test if there is more than a training set.
func (w *Writer) Folder(out string, how How) error {
	return newFolder(out, func(dir string) error {
		for name, d := range w.sets.All() {
			classes, err := folderNames(d.Classes())
			if err != nil {
				return err
			}
			to := dir
			if w.sets.Validation != nil || w.sets.Test != nil {
				to = filepath.Join(dir, name)
			}
			used := map[string]bool{}
			err = w.images(d, func(i int) error {
				l, err := label(d, i)
				if err != nil {
					return err
				}
				return writeImage(filepath.Join(to, classes[l]), d, i, how, used)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// folderNames returns names of folders for classes.
func folderNames(classes []string) ([]string, error) {
	names, seen := make([]string, len(classes)), map[string]string{}
	for i, c := range classes {
		name := strings.Map(func(r rune) rune {
			if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
				return '_'
			}
			return r
		}, c)
		if strings.HasPrefix(name, ".") || name == "" {
			name = "_" + name
		}
		if other, twice := seen[strings.ToLower(name)]; twice {
			return nil, fmt.Errorf("the classes %q and %q would be one folder", other, c)
		}
		names[i], seen[strings.ToLower(name)] = name, c
	}
	return names, nil
}

// writeImage writes image i of d to the folder dir, under a name that is not used yet.
func writeImage(dir string, d data.Dataset, i int, how How, used map[string]bool) error {
	if how == Link {
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
		from, err := filepath.Abs(d.Name(i))
		if err != nil {
			return err
		}
		to := unused(filepath.Join(dir, baseName(d, i)), filepath.Ext(from), used)
		if err := os.Link(from, to); err == nil {
			return nil
		}
		return os.Symlink(from, to)
	}
	_, err := copyImage(dir, d, i, used)
	return err
}

// copyImage writes image i of d to the folder dir, under a name that is not used yet, which it returns.
func copyImage(dir string, d data.Dataset, i int, used map[string]bool) (name string, err error) {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return "", err
	}
	content, ext, err := encoded(d, i)
	if err != nil {
		return "", err
	}
	path := unused(filepath.Join(dir, baseName(d, i)), ext, used)
	return filepath.Base(path), os.WriteFile(path, content, 0o666)
}

// unused returns base + ext, with a number between them if that is used. Names differ in more than case, for systems that do not tell it.
func unused(base, ext string, used map[string]bool) string {
	path := base + ext
	for n := 2; used[strings.ToLower(path)]; n++ {
		path = fmt.Sprintf("%s-%d%s", base, n, ext)
	}
	used[strings.ToLower(path)] = true
	return path
}
