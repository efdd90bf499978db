package idx

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Open reads the training and the test set from the four files that MNIST comes in:
//
//	train-images-idx3-ubyte  train-labels-idx1-ubyte  t10k-images-idx3-ubyte  t10k-labels-idx1-ubyte
//
// each plain or gzipped, with or without .gz. Names as in train-images.idx3-ubyte and emnist-digits-test-images-idx3-ubyte.gz are
// known too; the images of the files that begin with emnist, whose rows and columns are swapped, are turned. Test images and training images must have one size.
// A text file classes.txt beside them may have the name of a class in each line.
func Open(dir string) (train, test *Dataset, err error) {
	if train, err = openPair(dir, "train"); err != nil {
		return nil, nil, err
	}
	if test, err = openPair(dir, "t10k", "test"); err != nil {
		return nil, nil, err
	}
	if a, b := train.images.Dims[1:], test.images.Dims[1:]; !slices.Equal(a, b) {
		return nil, nil, fmt.Errorf("%s: images of %v pixels, those of the training set have %v", test.name, b, a)
	}
	if err := share(train, test); err != nil {
		return nil, nil, err
	}
	names, err := classNames(filepath.Join(dir, ClassesFile), len(train.classes))
	if err != nil {
		return nil, nil, err
	}
	if names != nil {
		train.classes, test.classes = names, names
	}
	return train, test, nil
}

// ClassesFile is the name of the file with the names of the classes.
const ClassesFile = "classes.txt"

// classNames returns the lines of the file at path, nil if there is no such file. Labels go up to n.
func classNames(path string, n int) ([]string, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	names := strings.FieldsFunc(string(content), func(r rune) bool { return r == '\n' || r == '\r' })
	if len(names) < n {
		return nil, fmt.Errorf("read %s: %d names of classes, expected %d, one in each line", path, len(names), n)
	}
	return names, nil
}

// Is reports whether dir has training images, by the names of the files.
func Is(dir string) bool {
	_, err := find(dir, []string{"train"}, "images-idx3-ubyte")
	return err == nil
}

// openPair reads the images and labels of the set that has one of the names.
func openPair(dir string, names ...string) (*Dataset, error) {
	imagePath, images, err := read(dir, names, "images-idx3-ubyte", 3)
	if err != nil {
		return nil, err
	}
	_, labels, err := read(dir, names, "labels-idx1-ubyte", 1)
	if err != nil {
		return nil, err
	}
	if strings.HasPrefix(filepath.Base(imagePath), "emnist") {
		transpose(images)
	}
	return NewDataset(imagePath, images, labels)
}

// transpose swaps rows and columns of the images [n, side, side] in place.
func transpose(images Array) {
	side := images.Dims[1]
	if images.Dims[2] != side {
		return
	}
	for at := 0; at < len(images.Data); at += side * side {
		im := images.Data[at : at+side*side]
		for y := range side {
			for x := range y {
				im[y*side+x], im[x*side+y] = im[x*side+y], im[y*side+x]
			}
		}
	}
}

// read finds and decodes the one file whose name ends in one of names and kind.
func read(dir string, names []string, kind string, rank int) (path string, a Array, err error) {
	if path, err = find(dir, names, kind); err != nil {
		return "", a, fmt.Errorf("read %s: %w", dir, err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		return "", a, err
	}
	if a, err = Decode(file, rank); err != nil {
		return "", a, fmt.Errorf("read %s: %w", path, err)
	}
	return path, a, nil
}

func find(dir string, names []string, kind string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", errors.Unwrap(err)
	}
	var found []string
	for _, e := range entries {
		plain := strings.ReplaceAll(strings.TrimSuffix(e.Name(), ".gz"), ".", "-")
		for _, n := range names {
			if strings.HasSuffix(plain, n+"-"+kind) {
				found = append(found, e.Name())
			}
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("no %s-%s, plain or .gz", names[0], kind)
	case 1:
		return filepath.Join(dir, found[0]), nil
	}
	return "", fmt.Errorf("%s: which one? expected one file of %s-%s", strings.Join(found, ", "), names[0], kind)
}
