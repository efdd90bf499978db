// Package coco reads data sets in the format of COCO (Lin et al. 2014): a JSON file for each set with images, annotations and categories.
//
//	annotations/instances_train2017.json    train2017/000000000009.jpg
//	annotations/instances_val2017.json      val2017/000000000139.jpg
//
// or train/_annotations.coco.json beside the images of train, or one file. Boxes are x, y, width and height in pixels. Outlines are polygons or run lengths,
// compressed or not; boxes with iscrowd stand for many things. The categories, in the order of their numbers, are the classes 0, 1, 2 and so on.
package coco

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/annotation"
)

// Options say how to read.
type Options struct {
	annotation.Options
	Folder string // of the images of one file, relative to that of the file; "" to be found
}

// inFolder is what the file of a set is called where it stands beside its images.
const inFolder = "_annotations.coco.json"

// Is reports whether dir holds files of this format.
func Is(dir string) bool {
	files, err := find(dir)
	return err == nil && files != nil
}

// IsFile reports whether a file that begins with start is of this format.
func IsFile(start []byte) bool {
	text := strings.TrimSpace(string(start))
	if !strings.HasPrefix(text, "{") {
		return false
	}
	return slices.ContainsFunc([]string{`"images"`, `"annotations"`, `"categories"`, `"info"`, `"licenses"`}, func(key string) bool {
		return strings.HasPrefix(strings.TrimSpace(text[1:]), key)
	})
}

// find returns the files of the sets, nil if there are none.
func find(dir string) (map[string]string, error) {
	files := map[string]string{}
	for set, part := range annotation.Parts(dir) {
		if path := filepath.Join(part, inFolder); exists(path) {
			files[set] = path
		}
	}
	if len(files) > 0 {
		return files, nil
	}
	if path := filepath.Join(dir, inFolder); exists(path) {
		return map[string]string{"train": path}, nil
	}
	listed, err := annotation.Files(filepath.Join(dir, "annotations"), ".json")
	if err != nil {
		return nil, err
	}
	for _, f := range listed {
		set, kind := setOf(annotation.Stem(f))
		if set == "" || kind == "captions" || kind == "person_keypoints" || kind == "image_info" {
			continue
		}
		if files[set] != "" {
			return nil, fmt.Errorf("read %s: both %s and %s, expected one of them; coco:FILE reads one", dir, files[set], f)
		}
		files[set] = f
	}
	if len(files) == 0 {
		return nil, nil
	}
	return files, nil
}

// setOf returns the set that a file such as instances_train2017.json is of, and what stands before it.
func setOf(stem string) (set, kind string) {
	kind = ""
	name := stem
	if i := strings.LastIndexAny(stem, "_-"); i >= 0 {
		kind, name = stem[:i], stem[i+1:]
	}
	set, _ = data.SetName(strings.TrimRight(name, "0123456789"))
	return set, kind
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// Open reads the folder, or the file, at path. Categories are those of the training set.
func Open(path string, opt Options) (sets data.Sets, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return sets, fmt.Errorf("read %s: no such file or folder", path)
	}
	files, root := map[string]string{"train": path}, filepath.Dir(path)
	if info.IsDir() {
		root = path
		if files, err = find(path); err != nil {
			return sets, err
		}
		if files == nil {
			return sets, fmt.Errorf("read %s: no annotations/instances_train*.json, and no train/%s", path, inFolder)
		}
	}
	r := &reader{opt: opt, classes: opt.Classes}
	all := map[string]*annotation.Set{}
	for _, name := range []string{"train", "val", "test"} {
		if files[name] == "" {
			continue
		}
		if all[name], err = r.read(files[name]); err != nil {
			return sets, err
		}
	}
	return annotation.New(root, r.classes, all, opt.Options)
}

type reader struct {
	opt     Options
	classes []string // of the first file, or given
}

// A picture is an image of a file.
type picture struct {
	ID     int64  `json:"id"`
	File   string `json:"file_name"`
	Width  int    `json:"width"`
	Height int    `json:"height"`
	line   int
}

// A category is a class.
type category struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// read makes the set of a file.
func (r *reader) read(path string) (*annotation.Set, error) {
	content, err := annotation.ReadFile(path)
	if err != nil {
		return nil, err
	}
	f, err := parse(path, content)
	if err != nil {
		return nil, err
	}
	return r.set(f, r.folder(path, f))
}

// folder returns where the images of a file are: of the usual places that which has most of the first images.
func (r *reader) folder(path string, f *file) string {
	dir := filepath.Dir(path)
	if r.opt.Folder != "" {
		return annotation.Beside(dir, r.opt.Folder)
	}
	stem := annotation.Stem(path)
	name := stem
	if i := strings.LastIndexAny(stem, "_-"); i >= 0 {
		name = stem[i+1:]
	}
	best, most := dir, 0
	for _, at := range []string{".", "../" + name, "../images/" + name, "../images", "images/" + name, "images", "..", "../" + strings.TrimRight(name, "0123456789"), "../JPEGImages"} {
		at = filepath.Join(dir, at)
		n := 0
		for _, p := range f.pictures[:min(len(f.pictures), 5)] {
			if p.File != "" && exists(annotation.Beside(at, p.File)) {
				n++
			}
		}
		if n > most {
			best, most = at, n
		}
	}
	return best
}

// set makes the set of what a file says.
func (r *reader) set(f *file, dir string) (*annotation.Set, error) {
	s := &annotation.Set{}
	index, err := r.categories(s, f)
	if err != nil {
		return nil, err
	}
	places := map[int64]int{} // of images in s.Items
	for _, p := range f.pictures {
		it := annotation.Item{Path: annotation.Beside(dir, p.File), Label: -1, File: f.path, Line: p.line, W: p.Width, H: p.Height, ID: p.ID}
		if _, twice := places[p.ID]; twice {
			s.Add("id", &it, p.line, annotation.LeftOut, "the image %s has the number %d, as another has", p.File, p.ID)
			continue
		}
		if p.File == "" {
			s.Add("missing", &it, p.line, annotation.LeftOut, "the image %d has no file_name", p.ID)
			continue
		}
		places[p.ID] = len(s.Items)
		s.Items = append(s.Items, it)
	}
	seen := map[int64]bool{}
	for i := range f.annotated {
		a := &f.annotated[i]
		at, ok := places[a.Image]
		if !ok {
			s.Add("reference", &annotation.Item{File: f.path}, a.line, annotation.LeftOut, "annotation %d is of the image %d, which is none of the images", a.ID, a.Image)
			continue
		}
		it := &s.Items[at]
		class, ok := index[a.Category]
		switch {
		case a.ID != 0 && seen[a.ID]:
			s.Add("id", it, a.line, annotation.LeftOut, "the number %d of an annotation is there twice", a.ID)
			continue
		case !ok:
			s.Add("class", it, a.line, annotation.LeftOut, "annotation %d has the category %d, which is none of the categories", a.ID, a.Category)
			continue
		}
		seen[a.ID] = true
		t, err := a.thing(it)
		if err != nil {
			s.Add("outline", it, a.line, annotation.LeftOut, "annotation %d: %v", a.ID, err)
			continue
		}
		t.Class = class
		it.Things = append(it.Things, t)
	}
	return s, nil
}

// categories returns the class of each category. Those of the first file are the classes, in the order of their numbers, if none were given.
func (r *reader) categories(s *annotation.Set, f *file) (map[int64]int, error) {
	all := f.categories
	slices.SortStableFunc(all, func(a, b category) int { return cmp.Compare(a.ID, b.ID) })
	it := &annotation.Item{File: f.path}
	if r.classes == nil {
		seen := map[string]bool{}
		for i, c := range all {
			if c.Name == "" {
				return nil, fmt.Errorf("read %s: the category %d has no name", f.path, c.ID)
			}
			if (i == 0 || all[i-1].ID != c.ID) && !seen[c.Name] { // two of one name are one class
				seen[c.Name], r.classes = true, append(r.classes, c.Name)
			}
		}
		if r.classes == nil {
			return nil, fmt.Errorf("read %s: no categories", f.path)
		}
	}
	names := annotation.Index(r.classes)
	index := map[int64]int{}
	s.IDs = slices.Repeat([]int64{-1}, len(r.classes)) // classes that other files have
	for i, c := range all {
		if i > 0 && all[i-1].ID == c.ID {
			s.Add("id", it, 0, annotation.LeftOut, "the category %q has the number %d, as %q has", c.Name, c.ID, all[i-1].Name)
			continue
		}
		if k, ok := names[c.Name]; ok {
			index[c.ID] = k
			if s.IDs[k] == -1 {
				s.IDs[k] = c.ID
			}
		}
	}
	return index, nil
}
