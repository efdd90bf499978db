package folder

import (
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/cache"
)

// A Dataset is a set of image files.
type Dataset struct {
	cache     *cache.Cache // shared by the sets of a folder
	maxPixels int
	classes   []string
	files     []file
}

type file struct {
	path  string
	label int
}

var (
	_ data.Dataset = (*Dataset)(nil)
	_ data.Labeler = (*Dataset)(nil)
)

// Len returns the number of images.
func (d *Dataset) Len() int { return len(d.files) }

// Classes returns the names of the classes.
func (d *Dataset) Classes() []string { return d.classes }

// Name returns the path of image i.
func (d *Dataset) Name(i int) string { return d.files[i].path }

// Label returns the class of image i.
func (d *Dataset) Label(i int) (int, error) { return d.files[i].label, nil }

// Sample returns image i.
func (d *Dataset) Sample(i int) (data.Sample, error) {
	f := d.files[i]
	im, err := d.cache.ReadFile(f.path, d.maxPixels)
	if err != nil {
		return data.Sample{}, err
	}
	return data.Sample{Image: im, Label: f.label}, nil
}
