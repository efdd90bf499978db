// Package masks reads images with masks: for each image a second one, a PNG of the same size, whose values are the classes of the pixels.
//
//	images/a.jpg    masks/a.png         train/a.jpg    trainannot/a.png        train/images/a.jpg    train/masks/a.png
//	                                    val/b.jpg      valannot/b.png          images/train/a.jpg    masks/train/a.png
//
// Values are numbers (grey or of a palette) or colours. A file classes.txt, or another of Legends, names them; without it, classes are the values that are there.
package masks

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/annotation"
)

// Options say how to read.
type Options struct {
	annotation.Options
	Void []string // values that count as data.Ignore: numbers, colours as 0-0-0 or #000000, or "rest" for all that are not named
}

// What folders are called.
var (
	imageNames = []string{"images", "image", "imgs", "img", "JPEGImages"}
	maskNames  = []string{"masks", "mask", "labels", "label", "annotations", "annot", "gt", "SegmentationClass"}
	maskEnds   = []string{"", "_mask", "_L", "_label", "_labels", "_gt"} // of the names of masks, behind that of the image
	besideEnds = []string{"annot", "_labels", "_masks", "_annotations"}  // of the names of folders, behind that of the folder of the images
)

// A place is where a set is: folders of images and masks.
type place struct{ images, masks string }

// find returns the places of the sets, nil if there are none. camvid is true for the layout of SegNet's CamVid.
func find(dir string) (places map[string]place, camvid bool) {
	places = map[string]place{}
	if parts := annotation.Parts(dir); parts != nil {
		for set, part := range parts {
			for _, end := range besideEnds {
				if m := annotation.Folder(dir, filepath.Base(part)+end); m != "" {
					places[set], camvid = place{part, m}, end == "annot"
				}
			}
			images, masks := annotation.Folder(part, imageNames...), annotation.Folder(part, maskNames...)
			if images != "" && masks != "" {
				places[set] = place{images, masks}
			}
		}
		return usable(places), camvid
	}
	images, masks := annotation.Folder(dir, imageNames...), annotation.Folder(dir, maskNames...)
	if images == "" || masks == "" {
		return nil, false
	}
	if parts := annotation.Parts(images); parts != nil {
		for set, part := range parts {
			if m := annotation.Folder(masks, filepath.Base(part)); m != "" {
				places[set] = place{part, m}
			}
		}
		return usable(places), false
	}
	return usable(map[string]place{"train": {images, masks}}), false
}

// usable returns places if there are masks in that of train.
func usable(places map[string]place) map[string]place {
	if train, ok := places["train"]; ok {
		if files, err := annotation.Images(train.masks); err == nil && len(files) > 0 {
			return places
		}
	}
	return nil
}

// Is reports whether dir holds images with masks.
func Is(dir string) bool {
	places, _ := find(dir)
	return places != nil
}

// Open reads the folder.
func Open(dir string, opt Options) (sets data.Sets, err error) {
	places, camvid := find(dir)
	if places == nil {
		return sets, fmt.Errorf("read %s: no folders of images and masks, expected images/ and masks/, or train/ and trainannot/", dir)
	}
	all := map[string]*annotation.Set{}
	var masks []string
	for _, name := range []string{"train", "val", "test"} {
		if p, ok := places[name]; ok {
			if all[name], err = p.read(); err != nil {
				return sets, err
			}
			for _, it := range all[name].Items {
				masks = append(masks, it.Mask.Path)
			}
		}
	}
	legend, classes, err := opt.legend(dir, masks, camvid)
	if err != nil {
		return sets, err
	}
	for _, s := range all {
		for _, it := range s.Items {
			it.Mask.Legend = legend
		}
	}
	opt.Masks = true
	return annotation.New(dir, classes, all, opt.Options)
}

// read finds the mask of each image.
func (p place) read() (*annotation.Set, error) {
	images, err := annotation.Images(p.images)
	if err != nil {
		return nil, err
	}
	masks, err := annotation.Images(p.masks)
	if err != nil {
		return nil, err
	}
	stems := annotation.Stems(masks)
	s := &annotation.Set{}
	for _, path := range images {
		it := annotation.Item{Path: path, Label: -1, File: p.masks}
		i := slices.IndexFunc(maskEnds, func(end string) bool { return stems[annotation.Stem(path)+end] != "" })
		if i < 0 {
			s.Add("without-mask", &it, 0, annotation.LeftOut, "the image %s has no mask", path)
			continue
		}
		name := annotation.Stem(path) + maskEnds[i]
		it.File = stems[name]
		it.Mask = &annotation.Mask{Path: stems[name]}
		delete(stems, name)
		s.Items = append(s.Items, it)
	}
	var left []string
	for _, m := range stems {
		left = append(left, m)
	}
	slices.Sort(left)
	for _, m := range left {
		s.Add("missing", &annotation.Item{File: m}, 0, annotation.LeftOut, "there is no image of the name %s in %s", strings.TrimSuffix(annotation.Stem(m), "_mask"), p.images)
	}
	return s, nil
}
