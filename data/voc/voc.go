// Package voc reads data sets of the Pascal VOC challenge (Everingham et al. 2010), and others that tools write in its format.
//
//	Annotations/000005.xml       JPEGImages/000005.jpg      ImageSets/Main/train.txt, val.txt, test.txt
//	SegmentationClass/...png     SegmentationObject/...png  ImageSets/Segmentation/train.txt, ...
//
// XML files beside their images will do as well, all in one folder or in train, val and test. In a file, xmin and ymin are the first pixels of a thing and xmax and
// ymax the last, counted from 1; here a box begins at xmin - 1 and ends behind xmax.
package voc

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/annotation"
)

// Is reports whether dir holds annotations of this format.
func Is(dir string) bool {
	if parts := annotation.Parts(dir); parts != nil {
		dir = parts["train"]
	}
	if xml, err := annotation.Files(filepath.Join(dir, "Annotations"), ".xml"); err == nil && len(xml) > 0 {
		return true
	}
	xml, err := annotation.Files(dir, ".xml")
	return err == nil && len(xml) > 0
}

// Open reads the folder. Without lists of sets and folders for them, all is the training set. The classes are sorted.
func Open(dir string, opt annotation.Options) (sets data.Sets, err error) {
	r := &reader{opt: opt, sets: map[string]*annotation.Set{}}
	if parts := annotation.Parts(dir); parts != nil {
		for name, part := range parts {
			if err := r.folder(part, map[string]list{name: {}}); err != nil {
				return sets, err
			}
		}
	} else {
		lists, err := readLists(dir, opt.Masks)
		if err != nil {
			return sets, err
		}
		if err := r.folder(dir, lists); err != nil {
			return sets, err
		}
	}
	if r.classes, err = annotation.NameClasses(dir, r.sets, opt.Classes); err != nil {
		return sets, err
	}
	if opt.Masks {
		r.nameMasks()
	}
	return annotation.New(dir, r.classes, r.sets, opt)
}

// A list is the stems of the images of a set, and the file that says them; all that are in the folder if it is empty.
type list struct {
	file  string
	stems []string
}

// readLists returns the images of each set. All of the folder are in train if there are no lists.
func readLists(dir string, masks bool) (map[string]list, error) {
	at := filepath.Join(dir, "ImageSets", "Main")
	if s := filepath.Join(dir, "ImageSets", "Segmentation"); masks && annotation.Folder(filepath.Join(dir, "ImageSets"), "Segmentation") != "" {
		at = s
	}
	files, err := annotation.Files(at, ".txt")
	if err != nil {
		return nil, err
	}
	lists := map[string]list{}
	var both list // trainval
	for _, f := range files {
		set, ok := data.SetName(annotation.Stem(f))
		if !ok && annotation.Stem(f) != "trainval" {
			continue // such as the list of a class
		}
		names, err := annotation.ReadLines(f, "the name of an image")
		if err != nil {
			return nil, err
		}
		for i, n := range names {
			names[i] = strings.Fields(n)[0]
		}
		if !ok {
			both = list{f, names}
			continue
		}
		lists[set] = list{f, names}
	}
	if lists["train"].stems == nil && both.stems != nil {
		lists["train"] = both
	}
	if len(lists) == 0 {
		return map[string]list{"train": {}}, nil
	}
	return lists, nil
}

type reader struct {
	opt     annotation.Options
	classes []string
	sets    map[string]*annotation.Set
}

// folder adds the images of lists.
func (r *reader) folder(dir string, lists map[string]list) error {
	f := &files{dir: dir, annotations: dir, images: dir}
	if d := annotation.Folder(dir, "Annotations"); d != "" {
		f.annotations = d
		if d := annotation.Folder(dir, "JPEGImages", "images", "PNGImages"); d != "" {
			f.images = d
		}
	}
	if err := f.find(); err != nil {
		return err
	}
	if r.opt.Masks && f.classMasks == nil {
		return fmt.Errorf("read %s: masks asked for, but there is no folder SegmentationClass", dir)
	}
	for name, l := range lists {
		s := &annotation.Set{}
		r.sets[name] = s
		if l.stems == nil {
			l = list{dir, f.all(r.opt.Masks)}
			f.unannotated(s, l.stems)
		}
		for _, stem := range l.stems {
			r.add(s, f, l.file, stem)
		}
	}
	return nil
}

// files are those of a folder, by their stems.
type files struct {
	dir, annotations, images string
	xml, pictures            map[string]string
	classMasks, objectMasks  map[string]string
}

func (f *files) find() error {
	for _, part := range []struct {
		to   *map[string]string
		list func() ([]string, error)
	}{
		{&f.xml, func() ([]string, error) { return annotation.Files(f.annotations, ".xml") }},
		{&f.pictures, func() ([]string, error) { return annotation.Images(f.images) }},
		{&f.classMasks, func() ([]string, error) { return annotation.Images(filepath.Join(f.dir, "SegmentationClass")) }},
		{&f.objectMasks, func() ([]string, error) { return annotation.Images(filepath.Join(f.dir, "SegmentationObject")) }},
	} {
		paths, err := part.list()
		if err != nil {
			return err
		}
		if paths != nil {
			*part.to = annotation.Stems(paths)
		}
	}
	return nil
}

// all returns the stems of all annotated images, sorted.
func (f *files) all(masks bool) []string {
	from := f.xml
	if masks {
		from = f.classMasks
	}
	return slices.Sorted(maps.Keys(from))
}

// unannotated finds images that are not among the stems of those that are annotated.
func (f *files) unannotated(s *annotation.Set, stems []string) {
	for _, stem := range slices.Sorted(maps.Keys(f.pictures)) {
		if _, ok := slices.BinarySearch(stems, stem); !ok {
			s.Add("unannotated", &annotation.Item{Path: f.pictures[stem], File: f.pictures[stem]}, 0, annotation.LeftOut, "an image without annotations")
		}
	}
}

// add adds an image with its annotations. from is what lists it.
func (r *reader) add(s *annotation.Set, f *files, from, stem string) {
	it := annotation.Item{Path: f.pictures[stem], Label: -1, File: f.xml[stem]}
	if r.opt.Masks && f.classMasks[stem] == "" {
		it.File = from
		s.Add("without-mask", &it, 0, annotation.LeftOut, "the image %s has no mask in SegmentationClass", stem)
		return
	}
	if it.File == "" {
		it.File = from
		if !r.opt.Masks && it.Path != "" {
			s.Add("unannotated", &it, 0, annotation.Kept, "the image %s has no %s.xml, and counts as one without things", stem, stem)
		}
	} else if a, ok := readFile(s, &it); ok {
		it.W, it.H, it.Things = a.w, a.h, a.things
		if it.Path == "" && a.filename != "" {
			it.Path = annotation.Beside(f.images, a.filename)
		}
	} else if !r.opt.Masks {
		return
	}
	if r.opt.Masks { // the things are there for the names of their classes
		it.Mask = &annotation.Mask{Path: f.classMasks[stem]}
	} else if m := f.objectMasks[stem]; m != "" {
		it.Objects = &annotation.Mask{Path: m, Legend: &annotation.Legend{Plain: true}}
	}
	if it.Path == "" {
		it.Path = filepath.Join(f.images, stem+".jpg") // which is missed where it is looked at
	}
	s.Items = append(s.Items, it)
}

// nameMasks gives the masks their legend: 0 is the background, then the classes follow as they are sorted, and 255 is the border between things.
func (r *reader) nameMasks() {
	if len(r.classes) == 0 || r.classes[0] != annotation.Background {
		r.classes = append([]string{annotation.Background}, r.classes...)
	}
	l := &annotation.Legend{Numbers: map[uint16]uint16{255: data.Ignore}}
	for i := range r.classes {
		l.Numbers[uint16(i)] = uint16(i)
	}
	for _, s := range r.sets {
		for i := range s.Items {
			s.Items[i].Mask.Legend, s.Items[i].Things = l, nil
		}
	}
}
