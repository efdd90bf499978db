// Package yolo reads data sets in the format of YOLO: beside each image a text file, a line for each thing with its class and its box, or its outline.
//
//	images/train/a.jpg    labels/train/a.txt        train/images/a.jpg    train/labels/a.txt        a.jpg    a.txt
//
// A line is "class x y width height", (x, y) being the middle, or "class x y x y x y ..." for a polygon, all as shares of the width and height of the image. An image
// without a text file has no things. data.yaml, or classes.txt, names the classes; without them they are called by their numbers.
package yolo

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/annotation"
	"github.com/lince-ml/lince/data/outline"
)

// Is reports whether dir holds a data.yaml, or images with text files of boxes.
func Is(dir string) bool {
	if yamlIn(dir) != "" {
		return true
	}
	sets, err := folders(dir)
	if err != nil || len(sets["train"]) == 0 {
		return false
	}
	for _, image := range sets["train"][:min(len(sets["train"]), 20)] { // the first may be without things
		if content, err := os.ReadFile(textOf(image)); err == nil && looksRight(content) {
			return true
		}
	}
	return false
}

// looksRight reports whether a text begins with a box or polygon.
func looksRight(content []byte) bool {
	line, _, _ := bytes.Cut(content, []byte("\n"))
	_, err := parseLine(string(line))
	return err == nil
}

// Open reads the folder, or the data.yaml, at path.
func Open(path string, opt annotation.Options) (sets data.Sets, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return sets, fmt.Errorf("read %s: no such file or folder", path)
	}
	root, config := path, path
	if info.IsDir() {
		config = yamlIn(path)
	} else {
		root = filepath.Dir(path)
	}
	r := &reader{names: opt.Classes}
	var images map[string][]string
	if config != "" {
		images, err = r.readYAML(config)
	} else {
		images, err = folders(root)
	}
	if err != nil {
		return sets, err
	}
	if r.names == nil {
		if r.names, err = readNames(root); err != nil {
			return sets, err
		}
	}
	all := map[string]*annotation.Set{}
	for _, name := range []string{"train", "val", "test"} {
		if images[name] != nil {
			all[name] = r.set(images[name])
		}
	}
	if len(all) == 0 {
		return sets, fmt.Errorf("read %s: no images, expected data.yaml, or folders images and labels", path)
	}
	r.nameClasses(all)
	return annotation.New(root, r.names, all, opt)
}

// folders returns the images of the sets in the usual folders.
func folders(dir string) (map[string][]string, error) {
	sets := map[string][]string{}
	add := func(set, folder string) error {
		images, err := annotation.Images(folder)
		if len(images) > 0 {
			sets[set] = images
		}
		return err
	}
	parts := annotation.Parts(dir)
	images := annotation.Folder(dir, "images")
	if parts == nil && images != "" {
		parts = annotation.Parts(images)
	}
	for set, part := range parts {
		if inner := annotation.Folder(part, "images"); inner != "" {
			part = inner
		}
		if err := add(set, part); err != nil {
			return nil, err
		}
	}
	switch {
	case parts != nil:
		return sets, nil
	case images != "":
		return sets, add("train", images)
	}
	return sets, add("train", dir)
}

// textOf returns where the things of an image are: in the folder labels instead of images, or beside it.
func textOf(image string) string {
	stem := strings.TrimSuffix(image, filepath.Ext(image))
	parts := strings.Split(filepath.ToSlash(stem), "/")
	for i := len(parts) - 2; i >= 0; i-- {
		if parts[i] == "images" {
			parts[i] = "labels"
			return filepath.FromSlash(strings.Join(parts, "/")) + ".txt"
		}
	}
	return stem + ".txt"
}

// readNames returns the names in a file for them, nil if there is none.
func readNames(root string) ([]string, error) {
	for _, name := range []string{"classes.txt", "obj.names", "labels/classes.txt", "labels.txt"} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if _, err := os.Stat(path); err == nil {
			return annotation.ReadNames(path)
		}
	}
	return nil, nil
}

type reader struct {
	names []string
}

// set reads the things of images.
func (r *reader) set(images []string) *annotation.Set {
	s := &annotation.Set{}
	for _, path := range images {
		it := annotation.Item{Path: path, Label: -1, File: textOf(path)}
		content, err := annotation.ReadFile(it.File)
		switch {
		case errors.Is(err, os.ErrNotExist):
			it.File = path // there is nothing in it
		case err != nil:
			s.Add("file", &it, 0, annotation.LeftOut, "%v", errors.Unwrap(err))
			continue
		default:
			parse(s, &it, content)
		}
		s.Items = append(s.Items, it)
	}
	return s
}

// parse adds the things of it that content has.
func parse(s *annotation.Set, it *annotation.Item, content []byte) {
	line := 0
	for text := range bytes.Lines(content) {
		line++
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		t, err := parseLine(string(text))
		if err != nil {
			s.Add("number", it, line, annotation.LeftOut, "%v", err)
			continue
		}
		t.Line = line
		it.Things = append(it.Things, t)
	}
}

// maxClass is the highest number of a class: masks have no more.
const maxClass = data.Ignore - 1

func parseLine(text string) (t annotation.Thing, err error) {
	fields := strings.Fields(text)
	if n := len(fields); n != 5 && (n < 7 || n%2 == 0) {
		return t, fmt.Errorf("%d numbers, expected a class and a box of four, or a class and the corners of a polygon", n)
	}
	class, err := strconv.ParseFloat(fields[0], 64) // some write 0.0
	if err != nil || class != float64(int(class)) || class < 0 || class > maxClass {
		return t, fmt.Errorf("the class %q, expected a whole number from 0 on", fields[0])
	}
	v := make([]float32, len(fields)-1)
	for i, f := range fields[1:] {
		n, err := strconv.ParseFloat(f, 32)
		if err != nil {
			return t, fmt.Errorf("%q, expected a number", f)
		}
		v[i] = float32(n)
	}
	t.Relative, t.Class = true, int(class)
	if len(v) == 4 {
		t.X0, t.Y0, t.X1, t.Y1 = v[0]-v[2]/2, v[1]-v[3]/2, v[0]+v[2]/2, v[1]+v[3]/2
		return t, nil
	}
	t.Shape = &data.Shape{Polygons: [][]float32{v}}
	t.X0, t.Y0, t.X1, t.Y1 = outline.Bounds(t.Shape.Polygons)
	return t, nil
}

// nameClasses calls classes by their numbers if they have no names, and leaves out things whose class has none.
func (r *reader) nameClasses(all map[string]*annotation.Set) {
	if r.names == nil {
		most := -1
		for _, s := range all {
			for _, it := range s.Items {
				for _, t := range it.Things {
					most = max(most, t.Class)
				}
			}
		}
		for k := range most + 1 {
			r.names = append(r.names, fmt.Sprintf("class %d", k))
		}
	}
	for _, s := range all {
		for i := range s.Items {
			it := &s.Items[i]
			it.Things = slices.DeleteFunc(it.Things, func(t annotation.Thing) bool {
				if t.Class < len(r.names) {
					return false
				}
				s.Add("class", it, t.Line, annotation.LeftOut, "the class %d has no name, there are %d", t.Class, len(r.names))
				return true
			})
		}
	}
}
