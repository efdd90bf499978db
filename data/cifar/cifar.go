// Package cifar reads the binary files of CIFAR-10 and CIFAR-100: colour photographs of 32x32 pixels in 10 or 100 classes. The format is that
// of https://www.cs.toronto.edu/~kriz/cifar.html (Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009):
// records of one label (CIFAR-10) or a coarse and a fine one (CIFAR-100), then 1024 bytes each of red, green and blue.
package cifar

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/lince-ml/lince/data"
)

const (
	side   = 32
	pixels = 3 * side * side
	// maxBytes is the size of a file that is read at most, five times that of the largest there is.
	maxBytes = 1 << 30
)

// A kind is one of the two data sets.
type kind struct {
	train, test []string // files, where there are any
	names       string   // the file of the class names
	labels      int      // bytes before each image, of which the last is the class
	classes     int
}

var kinds = []kind{
	{[]string{"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin"}, []string{"test_batch.bin"},
		"batches.meta.txt", 1, 10},
	{[]string{"train.bin"}, []string{"test.bin"}, "fine_label_names.txt", 2, 100},
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

// Is reports whether dir holds binary files of CIFAR-10 or CIFAR-100, by their names.
func Is(dir string) bool {
	_, _, err := find(dir)
	return err == nil
}

// Open reads the training and the test images in dir. Either may be missing, and is nil then; so may some of the training files be. Classes have
// the names in batches.meta.txt or fine_label_names.txt, or are "0", "1", ... if there is no such file.
func Open(dir string) (train, test *Dataset, err error) {
	dir, k, err := find(dir)
	if err != nil {
		return nil, nil, err
	}
	names, err := k.classNames(filepath.Join(dir, k.names))
	if err != nil {
		return nil, nil, err
	}
	if train, err = k.read(dir, k.train, names); err != nil {
		return nil, nil, err
	}
	test, err = k.read(dir, k.test, names)
	return train, test, err
}

// find returns the folder that holds the files, dir or the one in it that the archives unpack to, and their kind.
func find(dir string) (string, kind, error) {
	for _, d := range []string{dir, filepath.Join(dir, "cifar-10-batches-bin"), filepath.Join(dir, "cifar-100-binary")} {
		for _, k := range kinds {
			for _, list := range [][]string{k.train, k.test} {
				for _, f := range list {
					if info, err := os.Stat(filepath.Join(d, f)); err == nil && info.Mode().IsRegular() {
						return d, k, nil
					}
				}
			}
		}
	}
	return "", kind{}, fmt.Errorf("read %s: no data_batch_1.bin or test_batch.bin of CIFAR-10, and no train.bin or test.bin of CIFAR-100", dir)
}

// classNames returns the lines of the file at path, or numbers if there is none.
func (k *kind) classNames(path string) ([]string, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return numbers(k.classes), nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var names []string
	lines := bufio.NewScanner(io.LimitReader(f, 1<<16))
	for lines.Scan() {
		if line := bytes.TrimSpace(lines.Bytes()); len(line) > 0 {
			names = append(names, string(line))
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if len(names) != k.classes {
		return nil, fmt.Errorf("read %s: %d names of classes, expected %d", path, len(names), k.classes)
	}
	return names, nil
}

func numbers(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}

// read returns the images in those of the files that exist, nil if none does.
func (k *kind) read(dir string, files, classes []string) (*Dataset, error) {
	d := &Dataset{labels: k.labels, classes: classes}
	for _, f := range files {
		path := filepath.Join(dir, f)
		switch err := d.append(path); {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, err
		case d.name == "":
			d.name = path
		default:
			d.name = dir
		}
	}
	if d.name == "" {
		return nil, nil
	}
	return d, nil
}

// append reads the records of a file.
func (d *Dataset) append(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	size, record := info.Size(), int64(d.labels+pixels)
	if size == 0 || size%record != 0 || size > maxBytes {
		return fmt.Errorf("read %s: %d bytes, expected a number of records of %d bytes each", path, size, record)
	}
	from := len(d.records)
	d.records = append(d.records, make([]byte, size)...)
	if _, err := io.ReadFull(f, d.records[from:]); err != nil {
		return fmt.Errorf("read %s: %w", path, err)
	}
	for at := from; at < len(d.records); at += int(record) {
		if label := int(d.records[at+d.labels-1]); label >= len(d.classes) {
			return fmt.Errorf("read %s: image %d has the label %d, expected 0 to %d", path, (at-from)/int(record), label, len(d.classes)-1)
		}
	}
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
