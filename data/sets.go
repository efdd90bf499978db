package data

import (
	"io"
	"iter"
	"strings"
)

// Sets is what a source of images holds: sets are nil where it has none. If all is in Train, it is for the caller to split.
type Sets struct{ Train, Validation, Test Dataset }

// All returns the sets that there are, with the names train, val and test.
func (s Sets) All() iter.Seq2[string, Dataset] {
	return func(yield func(string, Dataset) bool) {
		for i, d := range []Dataset{s.Train, s.Validation, s.Test} {
			if d != nil && !yield([]string{"train", "val", "test"}[i], d) {
				return
			}
		}
	}
}

// Put makes d the set with the name train, val or test.
func (s *Sets) Put(name string, d Dataset) {
	switch name {
	case "train":
		s.Train = d
	case "val":
		s.Validation = d
	case "test":
		s.Test = d
	}
}

// A Tasker is a Dataset that can tell different things of its images. For returns the same samples with what a task, such as "segment", needs; other
// tasks may have other Classes.
type Tasker interface {
	For(task string) (Dataset, error)
}

// For returns the sets as the task needs them, where they are Taskers; others are as they were.
func (s Sets) For(task string) (Sets, error) {
	for name, d := range s.All() {
		t, ok := d.(Tasker)
		if !ok {
			continue
		}
		d, err := t.For(task)
		if err != nil {
			return s, err
		}
		s.Put(name, d)
	}
	return s, nil
}

// SetName returns which of the sets train, val and test people call name, in any case; ok is false if it is none.
func SetName(name string) (set string, ok bool) {
	switch strings.ToLower(name) {
	case "train", "trn", "training":
		return "train", true
	case "val", "valid", "validation", "dev":
		return "val", true
	case "test", "tst", "testing":
		return "test", true
	}
	return "", false
}

// A Filer is a Dataset of files, as they were before they were decoded. Name(i) ends as the file's name does.
type Filer interface {
	// OpenFile opens the file of sample i. Errors name it.
	OpenFile(i int) (io.ReadCloser, error)
}

// OpenFile opens the file that sample i of d comes from; ok is false if it comes from none of its own.
func OpenFile(d Dataset, i int) (f io.ReadCloser, ok bool, err error) {
	d, i = origin(d, i)
	files, ok := d.(Filer)
	if !ok {
		return nil, false, nil
	}
	f, err = files.OpenFile(i)
	return f, true, err
}

// Labels returns what sample i of d is labelled with, without reading its image where d can do that: Label and Labels as they are in Sample.
func Labels(d Dataset, i int) (one int, several []float32, err error) {
	if one, err = label(d, i); err == nil && one == -1 {
		several, err = labels(d, i)
	}
	return one, several, err
}

// An Annotator is a Dataset that knows more than labels of its samples, and gives it without reading the image: Annotations returns of sample i all but the image,
// in the pixels of the file, which has h x w of them. Transforms that Sample has gone through already, such as the resizing of the file, have not touched it.
type Annotator interface {
	Annotations(i int) (s Sample, h, w int, err error)
}

// Annotations returns what is known of sample i of d, and the size of the image that it is about: that of the file where d is an Annotator, else that of Sample.
func Annotations(d Dataset, i int) (s Sample, h, w int, err error) {
	d, i = origin(d, i)
	if a, ok := d.(Annotator); ok {
		return a.Annotations(i)
	}
	s, err = d.Sample(i)
	return s, s.Image.H, s.Image.W, err
}

// origin returns the dataset that is divided, and the place in it, if d is a part.
func origin(d Dataset, i int) (Dataset, int) {
	for {
		switch s := d.(type) {
		case *subset:
			d, i = s.Dataset, s.indices[i]
		case *withWhole:
			d = s.Dataset
		default:
			return d, i
		}
	}
}

// A Numberer is a Dataset whose file has numbers for images and classes, as COCO's have.
type Numberer interface {
	ImageID(i int) int64
	ClassID(class int) int64
}

// ImageID returns the number that the file of d has for sample i; without one, its place in the set that d is, or is a part of, counted from 1.
func ImageID(d Dataset, i int) int64 {
	d, i = origin(d, i)
	if n, ok := d.(Numberer); ok {
		return n.ImageID(i)
	}
	return int64(i + 1)
}

// ClassID returns the number that the file of d has for a class; without one, its place in Classes, counted from 1.
func ClassID(d Dataset, class int) int64 {
	d, _ = origin(d, 0)
	if n, ok := d.(Numberer); ok {
		return n.ClassID(class)
	}
	return int64(class + 1)
}
