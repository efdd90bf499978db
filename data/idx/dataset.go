package idx

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/lince-ml/lince/data"
)

// A Dataset is a pair of IDX files: grey images with their labels.
type Dataset struct {
	name    string
	images  Array // [n, height, width]
	labels  Array // [n]
	classes []string
}

var (
	_ data.Dataset = (*Dataset)(nil)
	_ data.Labeler = (*Dataset)(nil)
)

// NewDataset puts images [n, height, width] and labels [n] together. Sample i is called name#i; the classes are
// "0", "1", ... up to the largest label.
func NewDataset(name string, images, labels Array) (*Dataset, error) {
	n, h, w := images.Dims[0], images.Dims[1], images.Dims[2]
	switch {
	case n != labels.Dims[0]:
		return nil, fmt.Errorf("%s: %d images, but %d labels", name, n, labels.Dims[0])
	case n*h*w == 0:
		return nil, fmt.Errorf("%s: %d images of %dx%d pixels, expected at least one pixel", name, n, h, w)
	}
	d := &Dataset{name: name, images: images, labels: labels}
	for c := range int(slices.Max(labels.Data)) + 1 {
		d.classes = append(d.classes, strconv.Itoa(c))
	}
	return d, nil
}

// share gives the test set the classes of the training set, which must include all it has.
func share(train, test *Dataset) error {
	if len(train.classes) < 2 {
		return fmt.Errorf("%s: all labels are 0, expected two classes or more", train.name)
	}
	for i, label := range test.labels.Data {
		if int(label) >= len(train.classes) {
			return fmt.Errorf("%s: label %d, the training set has 0 to %d", test.Name(i), label, len(train.classes)-1)
		}
	}
	test.classes = train.classes
	return nil
}

// Len returns the number of images.
func (d *Dataset) Len() int { return d.images.Dims[0] }

// Classes returns the names of the classes.
func (d *Dataset) Classes() []string { return d.classes }

// Name returns the name of sample i, such as mnist/test#17.
func (d *Dataset) Name(i int) string { return d.name + "#" + strconv.Itoa(i) }

// Label returns the class of sample i.
func (d *Dataset) Label(i int) (int, error) { return int(d.labels.Data[i]), nil }

// Sample returns sample i. Its pixels are those of the dataset, not a copy.
func (d *Dataset) Sample(i int) (data.Sample, error) {
	h, w := d.images.Dims[1], d.images.Dims[2]
	pix := d.images.Data[i*h*w : (i+1)*h*w : (i+1)*h*w]
	return data.Sample{Image: data.Image{C: 1, H: h, W: w, Pix: pix}, Label: int(d.labels.Data[i])}, nil
}
