package main

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/data/open"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/train"
)

// imageFormats are those that package data decodes.
const imageFormats = "PNG, JPEG, GIF, BMP, WebP, TIFF, PGM, PPM"

// dataHelp explains the argument DATA.
const dataHelp = "DATA is mnist or shapes (built in), the name of a published data set (`lince data get` lists them), a folder of images with one sub-folder per " +
	"class (" + imageFormats + "), which may be inside train, val and test, a list of images (.csv or .tsv), WebDataset shards (.tar), or the files of " +
	"MNIST or CIFAR, or annotated images: Pascal VOC, COCO, YOLO, LabelMe, a list of boxes, masks, Tiny-ImageNet. A prefix such as csv: or coco: says which, where that cannot be " +
	"seen: `lince help data`."

// openData opens DATA for a task, which the architecture model is for. Images in files become what as says; those of other formats are as they are.
func (c *console) openData(name, task, model string, as folder.Options) (train.Data, error) {
	framing, err := train.Framing(task, model)
	if err != nil {
		return train.Data{}, err
	}
	if !as.Whole {
		as.Framing = framing
	}
	sets, err := c.openSets(name, as)
	if err == nil {
		sets, err = sets.For(cmp.Or(task, classify.Name))
	}
	return train.Data{Train: sets.Train, Validation: sets.Validation, Test: sets.Test}, err
}

// openSets is openData for those who do not train.
func (c *console) openSets(name string, as folder.Options) (data.Sets, error) {
	sets, note, err := open.Data(name, as)
	if note != "" {
		fmt.Fprintf(c.err, "lince: %s\n", note)
	}
	if errors.As(err, new(open.SpecError)) {
		err = usageError{err}
	}
	return sets, err
}
