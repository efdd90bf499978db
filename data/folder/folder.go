// Package folder reads a folder of images with one sub-folder per class, the usual layout of a classification
// dataset:
//
//	pets/cat/tom.jpg            pets/train/cat/tom.jpg
//	pets/cat/felix.png    or    pets/test/cat/felix.png
//	pets/dog/rex.jpg            pets/val/dog/rex.jpg
//
// Files are read as they are needed, and kept, resized, in memory or on the disk.
package folder

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/cache"
)

// Options say what images are made of the files; see data.Fit.
type Options struct {
	C, H, W   int  // planes (1 grey, 3 colour), rows and columns
	Resize    int  // the size of the smaller side before the middle is taken; 0 stands for min(H, W)
	Whole     bool // no middle is taken: images of all sizes whose smaller side is Resize, for transforms that cut
	Framing   data.Framing
	MaxPixels int  // larger files are errors; 0 stands for data.MaxPixels
	Empty     bool // classes without images are no error, for those who look for what is wrong
	Cache     cache.Options
}

// Fit returns what becomes of a picture.
func (o Options) Fit() data.Fit {
	fit := data.Fit{C: o.C, H: o.H, W: o.W, Resize: o.Resize, Whole: o.Whole, Framing: o.Framing}
	if fit.Whole && fit.Resize == 0 {
		fit.Resize = min(o.H, o.W)
	}
	return fit
}

// Check reports what is wrong with the options.
func (o Options) Check() error { return o.Fit().Check() }

// Read makes an image of a file.
func (o Options) Read(r io.Reader) (data.Image, error) { return data.Read(r, o.Fit(), o.MaxPixels) }

// Sets is what a folder holds. Without train, val and test sub-folders, all is in Train, for the caller to split.
type Sets struct {
	data.Sets
	Skipped []string // paths of visible files that are in no set, for they are not images by name
}

// extensions are those of the files that data.Decode can read.
var extensions = []string{".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".tif", ".tiff", ".pgm", ".ppm", ".pnm"}

// IsImage reports whether a file is an image by its name: whether it ends as those of the formats that data.Decode knows.
func IsImage(path string) bool {
	return slices.Contains(extensions, strings.ToLower(filepath.Ext(path)))
}

// OpenCache returns what the sets of the files in root share to keep images in. The options must be right, see Check.
func (o Options) OpenCache(root string) (*cache.Cache, error) {
	return cache.Open(root, o.Fit(), o.Cache)
}

// New returns the dataset of the image files at paths, in this order, with their labels: indices into classes, or -1. c keeps the images; maxPixels is that of Options.
func New(classes, paths []string, labels []int, c *cache.Cache, maxPixels int) *Dataset {
	d := &Dataset{cache: c, maxPixels: maxPixels, classes: classes, files: make([]file, len(paths))}
	for i, path := range paths {
		d.files[i] = file{path, labels[i]}
	}
	return d
}

// OpenFile opens the file of image i.
func (d *Dataset) OpenFile(i int) (io.ReadCloser, error) {
	f, err := os.Open(d.files[i].path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", d.files[i].path, errors.Unwrap(err))
	}
	return f, nil
}

// Open lists the images in dir. Classes are the names of the sub-folders, sorted by bytes, and images are in the order
// of their paths, so the same folder is the same dataset everywhere. Hidden files are left out. A class without
// images (but see Options.Empty), fewer than two classes, and a class that only the validation or test set has are errors.
func Open(dir string, opt Options) (*Sets, error) {
	if err := opt.Check(); err != nil {
		return nil, fmt.Errorf("read %s: %w", dir, err)
	}
	s := &scan{opt: opt}
	sets, err := s.open(dir)
	if err != nil {
		return nil, err
	}
	sets.Skipped = s.skipped
	return sets, nil
}

// A scan goes through the folders.
type scan struct {
	opt     Options
	cache   *cache.Cache
	skipped []string
}

func (s *scan) open(dir string) (*Sets, error) {
	folders, err := s.list(dir)
	if err != nil {
		return nil, err
	}
	if s.cache, err = s.opt.OpenCache(dir); err != nil {
		return nil, err
	}
	parts, err := splits(folders)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", dir, err)
	}
	if parts == nil {
		train, err := s.set(dir, folders, nil)
		if err != nil {
			return nil, err
		}
		return &Sets{Sets: data.Sets{Train: train}}, nil
	}
	sets := &Sets{}
	var classes []string // those of the training set, which comes first
	for _, name := range []string{"train", "val", "test"} {
		if parts[name] == "" {
			continue
		}
		path := filepath.Join(dir, parts[name])
		folders, err := s.list(path)
		if err != nil {
			return nil, err
		}
		set, err := s.set(path, folders, classes)
		if err != nil {
			return nil, err
		}
		sets.Put(name, set)
		classes = set.classes
	}
	return sets, nil
}

// splits returns which of the folders hold train, val and test, or nil if they are classes: if one of them has
// another name, or none is train.
func splits(folders []string) (map[string]string, error) {
	parts := map[string]string{}
	for _, f := range folders {
		name, ok := data.SetName(f)
		if !ok {
			return nil, nil
		}
		if other := parts[name]; other != "" {
			return nil, fmt.Errorf("both %s and %s, expected one of them", other, f)
		}
		parts[name] = f
	}
	if parts["train"] == "" {
		return nil, nil
	}
	return parts, nil
}

// set lists the images of one set, in the folders of dir. If classes is nil the folders are the classes, else they
// must be among classes.
func (s *scan) set(dir string, folders, classes []string) (*Dataset, error) {
	training := classes == nil
	if training {
		classes = folders
	}
	d := &Dataset{cache: s.cache, maxPixels: s.opt.MaxPixels, classes: classes}
	for _, f := range folders {
		path := filepath.Join(dir, f)
		label := slices.Index(classes, f)
		if label < 0 {
			return nil, fmt.Errorf("read %s: class %q is not in the training set", path, f)
		}
		before := len(d.files)
		if err := s.images(d, path, label); err != nil {
			return nil, err
		}
		if training && len(d.files) == before && !s.opt.Empty {
			return nil, fmt.Errorf("read %s: no images, expected files that end in %s", path, strings.Join(extensions, " "))
		}
	}
	switch {
	case len(d.files) == 0 && slices.ContainsFunc(s.skipped, func(path string) bool { return filepath.Dir(path) == filepath.Clean(dir) && IsImage(path) }):
		return nil, fmt.Errorf("read %s: images, but no sub-folders that say their classes, expected one for each class", dir)
	case len(d.files) == 0:
		return nil, fmt.Errorf("read %s: no images, expected one sub-folder of images per class", dir)
	case len(classes) < 2:
		return nil, fmt.Errorf("read %s: one class only (%s), expected two or more", dir, classes[0])
	}
	return d, nil
}

// list returns the names of the visible folders in dir; files beside them are skipped.
func (s *scan) list(dir string) ([]string, error) {
	var folders []string
	err := walk(dir, func(name string, isDir bool) error {
		if isDir {
			folders = append(folders, name)
		} else {
			s.skipped = append(s.skipped, filepath.Join(dir, name))
		}
		return nil
	})
	return folders, err
}

// images adds the images in dir to d.
func (s *scan) images(d *Dataset, dir string, label int) error {
	return walk(dir, func(name string, isDir bool) error {
		path := filepath.Join(dir, name)
		switch {
		case isDir:
			return fmt.Errorf("read %s: a folder in the folder of a class, expected only images", path)
		case IsImage(name):
			d.files = append(d.files, file{path, label})
		default:
			s.skipped = append(s.skipped, path)
		}
		return nil
	})
}

// walk calls visit for the visible entries of dir, sorted. Links count as what they lead to.
func walk(dir string, visit func(name string, isDir bool) error) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("read %s: %w", dir, errors.Unwrap(err))
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			continue
		}
		isDir := e.IsDir()
		if e.Type()&os.ModeSymlink != 0 {
			path := filepath.Join(dir, e.Name())
			info, err := os.Stat(path)
			if err != nil {
				return fmt.Errorf("read %s: %w", path, errors.Unwrap(err))
			}
			isDir = info.IsDir()
		}
		if err := visit(e.Name(), isDir); err != nil {
			return err
		}
	}
	return nil
}
