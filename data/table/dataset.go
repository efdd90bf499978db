package table

import (
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/cache"
	"github.com/lince-ml/lince/data/folder"
)

// A Dataset is the images of a list.
type Dataset struct {
	*folder.Dataset
	groups []int     // row of each image, if rows are items
	multi  []float32 // of each image 0 or 1 for each class, if images may have several
}

// A grouped Dataset has rows of several images.
type grouped struct{ *Dataset }

var (
	_ data.MultiLabeler = (*Dataset)(nil)
	_ data.Filer        = (*Dataset)(nil)
	_ data.Grouper      = grouped{}
)

// Group returns the row of image i.
func (d grouped) Group(i int) int { return d.groups[i] }

// dataset makes the dataset of the list, whose images c keeps.
func (l *list) dataset(classes []string, opt Options, c *cache.Cache) (data.Dataset, error) {
	index := make(map[string]int, len(classes))
	for i, name := range classes {
		index[name] = i
	}
	several := opt.several()
	d := &Dataset{groups: l.groups}
	if several {
		d.multi = make([]float32, len(l.paths)*len(classes))
	}
	labels := make([]int, len(l.paths))
	for i, names := range l.labels {
		for _, name := range names {
			k, ok := index[name]
			if !ok {
				return nil, l.where[i]("class %q is not in the training set", name)
			}
			if labels[i] = k; several {
				d.multi[i*len(classes)+k] = 1
			}
		}
		if several {
			labels[i] = -1
		}
	}
	d.Dataset = folder.New(classes, l.paths, labels, c, opt.Images.MaxPixels)
	if d.groups != nil {
		return grouped{d}, nil
	}
	return d, nil
}

// Sample returns image i. It has Labels if images may have several classes.
func (d *Dataset) Sample(i int) (data.Sample, error) {
	s, err := d.Dataset.Sample(i)
	s.Labels = d.several(i)
	return s, err
}

// Labels returns of image i 1 for each of its classes and 0 for the others, nil if images have one class each.
func (d *Dataset) Labels(i int) ([]float32, error) { return d.several(i), nil }

func (d *Dataset) several(i int) []float32 {
	if d.multi == nil {
		return nil
	}
	n := len(d.Classes())
	return d.multi[i*n : (i+1)*n : (i+1)*n]
}
