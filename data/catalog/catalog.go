// Package catalog is the table of published data sets that can be fetched by name: where they are, their SHA-256, under which licence, and how they are unpacked.
package catalog

import (
	"os"
	"path/filepath"

	"github.com/lince-ml/lince/internal/nearest"
)

// A Set is a published data set.
type Set struct {
	Name    string   `json:"name"`
	Summary string   `json:"summary"`
	Images  int      `json:"images"`
	Classes int      `json:"classes"`
	Licence string   `json:"licence"` // as the publisher states it
	Page    string   `json:"page"`    // of the publisher
	Files   []File   `json:"files"`
	Names   []string `json:"-"` // of the classes, where no file says them
	Folder  string   `json:"-"` // in the unpacked files, where the images are
	Format  string   `json:"-"` // as in a DATA argument: idx, cifar or folder
}

// A File is a part of a data set. An archive is unpacked and then removed.
type File struct {
	Name    string   `json:"name"`
	URLs    []string `json:"urls"`
	Bytes   int64    `json:"bytes"`
	SHA256  string   `json:"sha256"`
	Archive bool     `json:"archive"`
	Only    []string `json:"-"` // patterns of the files that are unpacked, as path.Match has them; nil for all
}

// Bytes returns how much there is to download.
func (s *Set) Bytes() (n int64) {
	for _, f := range s.Files {
		n += f.Bytes
	}
	return n
}

// Lookup returns the set called name.
func Lookup(name string) (*Set, error) {
	var names []string
	for i := range Sets {
		if Sets[i].Name == name {
			return &Sets[i], nil
		}
		names = append(names, Sets[i].Name)
	}
	return nil, nearest.Error("data set", name, names)
}

// DefaultDir returns the folder in which sets are kept, each under its name: lince/data in the user's cache.
func DefaultDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "lince", "data"), nil
}
