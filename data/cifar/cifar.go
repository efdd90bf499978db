// Package cifar reads CIFAR-10 and CIFAR-100: colour photographs of 32x32 pixels in 10 or 100 classes, as https://www.cs.toronto.edu/~kriz/cifar.html
// has them (Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009): as binary files, or as pickles for Python, in a folder or in the
// .tar.gz. The binary files have records of one label (CIFAR-10) or a coarse and a fine one (CIFAR-100), then 1024 bytes each of red, green and blue.
package cifar

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/data"
)

const (
	side   = 32
	pixels = 3 * side * side
	// maxBytes is the size of a file that is read at most, five times that of the largest there is.
	maxBytes = 1 << 30
)

// A kind is one of the two data sets in one of the two forms.
type kind struct {
	folder         string   // that the archive unpacks to
	train, test    []string // files, where there are any
	names          string   // the file of the class names
	labels         int      // bytes before each image, of which the last is the class
	classes        int
	keys, nameKeys string // of labels and names in pickles; "" for binary files
}

var kinds = []kind{
	{"cifar-10-batches-bin", []string{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"}, []string{"test_batch.bin"},
		"batches.meta.txt", 1, 10, "", ""},
	{"cifar-100-binary", []string{"train.bin"}, []string{"test.bin"}, "fine_label_names.txt", 2, 100, "", ""},
	{"cifar-10-batches-py", []string{"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"}, []string{"test_batch"},
		"batches.meta", 1, 10, "labels", "label_names"},
	{"cifar-100-python", []string{"train"}, []string{"test"}, "meta", 1, 100, "fine_labels", "fine_label_names"},
}

// A Dataset is images with their labels, all in memory.
type Dataset struct {
	name    string
	records []byte // labels and pixels of each
	labels  int    // bytes of labels in a record
	classes []string
}

var (
	_ data.Dataset = (*Dataset)(nil)
	_ data.Labeler = (*Dataset)(nil)
)

// Is reports whether path is a folder with the files of CIFAR-10 or CIFAR-100, or an archive of them, by their names.
func Is(path string) bool {
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		return isArchive(path)
	}
	_, _, err := find(path)
	return err == nil
}

// Open reads the training and the test images in the folder or archive at path. Either may be missing, and is nil then; so may some of the training
// files be. Classes have the names that a file of the set gives them, or are "0", "1", ... if there is no such file.
func Open(path string) (train, test *Dataset, err error) {
	var k kind
	var from files
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		from, k, err = readArchive(path)
		if err != nil {
			return nil, nil, err
		}
	} else {
		dir, found, err := find(path)
		if err != nil {
			return nil, nil, err
		}
		path, k, from = dir, found, folderFiles(dir)
	}
	names, err := k.classNames(path, from)
	if err != nil {
		return nil, nil, err
	}
	if train, err = k.read(path, from, k.train, names); err != nil {
		return nil, nil, err
	}
	test, err = k.read(path, from, k.test, names)
	return train, test, err
}

// files returns the content of a file by its name, or fs.ErrNotExist.
type files func(name string) ([]byte, error)

func folderFiles(dir string) files {
	return func(name string) ([]byte, error) {
		path := filepath.Join(dir, name)
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if info.Size() > maxBytes {
			return nil, fmt.Errorf("%d bytes, expected at most %d", info.Size(), maxBytes)
		}
		return os.ReadFile(path)
	}
}

// find returns the folder that holds the files, dir or the one in it that the archives unpack to, and their kind.
func find(dir string) (string, kind, error) {
	for _, k := range kinds {
		for _, d := range []string{dir, filepath.Join(dir, k.folder)} {
			if k.keys != "" && !isFile(filepath.Join(d, k.names)) {
				continue // names such as train say nothing
			}
			for _, f := range append(k.train[:len(k.train):len(k.train)], k.test...) {
				if isFile(filepath.Join(d, f)) {
					return d, k, nil
				}
			}
		}
	}
	return "", kind{}, fmt.Errorf("read %s: no data_batch_1.bin or test_batch.bin of CIFAR-10, no train.bin or test.bin of CIFAR-100, and none of their pickles", dir)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// maxNames is how many bytes a file of class names may have.
const maxNames = 1 << 16

// classNames returns the lines of the file of names in the folder or archive at path, or numbers if there is none.
func (k *kind) classNames(path string, from files) (names []string, err error) {
	content, err := from(k.names)
	if errors.Is(err, fs.ErrNotExist) {
		return numbers(k.classes), nil
	}
	switch {
	case err != nil:
	case len(content) > maxNames:
		err = fmt.Errorf("%d bytes of names, expected at most %d", len(content), maxNames)
	case k.keys != "":
		names, err = pickledNames(content, k.nameKeys)
	default:
		names, err = lines(content)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Join(path, k.names), err)
	}
	if len(names) != k.classes {
		return nil, fmt.Errorf("read %s: %d names of classes, expected %d", filepath.Join(path, k.names), len(names), k.classes)
	}
	return names, nil
}

func lines(content []byte) (names []string, err error) {
	s := bufio.NewScanner(bytes.NewReader(content))
	for s.Scan() {
		if line := strings.TrimSpace(s.Text()); line != "" {
			names = append(names, line)
		}
	}
	return names, s.Err()
}

func numbers(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}

// read returns the images in those of the files that exist, nil if none does.
func (k *kind) read(path string, from files, names, classes []string) (*Dataset, error) {
	d := &Dataset{labels: k.labels, classes: classes}
	for _, f := range names {
		content, err := from(f)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		name := filepath.Join(path, f)
		if err == nil {
			err = d.append(k, content)
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		if d.name != "" {
			name = path
		}
		d.name = name
	}
	if d.name == "" {
		return nil, nil
	}
	return d, nil
}

// append adds the records of a file.
func (d *Dataset) append(k *kind, content []byte) (err error) {
	if k.keys != "" {
		if content, err = pickledRecords(content, k.keys); err != nil {
			return err
		}
	}
	record := d.labels + pixels
	if len(content) == 0 || len(content)%record != 0 {
		return fmt.Errorf("%d bytes, expected a number of records of %d bytes each", len(content), record)
	}
	for at := d.labels - 1; at < len(content); at += record {
		if label := int(content[at]); label >= len(d.classes) {
			return fmt.Errorf("image %d has the label %d, expected 0 to %d", at/record, label, len(d.classes)-1)
		}
	}
	d.records = append(d.records, content...)
	return nil
}

// record returns the labels and pixels of sample i.
func (d *Dataset) record(i int) []byte {
	n := d.labels + pixels
	return d.records[i*n : (i+1)*n : (i+1)*n]
}

// Len returns the number of images.
func (d *Dataset) Len() int { return len(d.records) / (d.labels + pixels) }

// Classes returns the names of the classes.
func (d *Dataset) Classes() []string { return d.classes }

// Name returns the name of sample i, such as cifar/test_batch.bin#17.
func (d *Dataset) Name(i int) string { return d.name + "#" + strconv.Itoa(i) }

// Label returns the class of sample i, the fine one of CIFAR-100.
func (d *Dataset) Label(i int) (int, error) { return int(d.record(i)[d.labels-1]), nil }

// Sample returns sample i. Its pixels are those of the dataset, not a copy.
func (d *Dataset) Sample(i int) (data.Sample, error) {
	r := d.record(i)
	return data.Sample{Image: data.Image{C: 3, H: side, W: side, Pix: r[d.labels:]}, Label: int(r[d.labels-1])}, nil
}
