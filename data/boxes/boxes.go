// Package boxes reads lists of boxes: CSV and TSV files in which a row is a box of an image.
//
//	path,xmin,ymin,xmax,ymax,class          filename,width,height,class,xmin,ymin,xmax,ymax
//	photos/tom.jpg,10,20,110,90,cat         rex.jpg,640,480,dog,5,7,300,400
//	photos/sky.jpg,,,,,
//
// Places are in pixels: a box begins at xmin and ends at xmax, which is no longer part of it. Columns x, y, w and h may stand instead. A row without a box is an
// image without things. Columns are found by their names; without names they are those of the first example.
package boxes

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/annotation"
	"github.com/lince-ml/lince/data/folder"
	"github.com/lince-ml/lince/data/table"
)

// Options say how to read.
type Options struct {
	annotation.Options
	Root string // the folder that paths are relative to, itself relative to the file's
}

// Is reports whether the file, or one called train in the folder, at path is a list of boxes.
func Is(path string) bool {
	files, err := find(path)
	if err != nil {
		return false
	}
	t, err := table.Read(files["train"], "")
	if err != nil {
		return false
	}
	_, err = columnsOf(t)
	return err == nil
}

// find returns the files of the sets. A file is the training set.
func find(path string) (map[string]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: no such file or folder", path)
	}
	if !info.IsDir() {
		return map[string]string{"train": path}, nil
	}
	files := map[string]string{}
	for _, ext := range []string{".csv", ".tsv"} {
		listed, err := annotation.Files(path, ext)
		if err != nil {
			return nil, err
		}
		for _, f := range listed {
			if set, ok := data.SetName(annotation.Stem(f)); ok {
				files[set] = f
			}
		}
	}
	if files["train"] == "" {
		return nil, fmt.Errorf("read %s: no train.csv or train.tsv", path)
	}
	return files, nil
}

// Open reads the file at path, or train, val and test in the folder. The classes are sorted.
func Open(path string, opt Options) (sets data.Sets, err error) {
	files, err := find(path)
	if err != nil {
		return sets, err
	}
	all := map[string]*annotation.Set{}
	for _, name := range []string{"train", "val", "test"} {
		if files[name] == "" {
			continue
		}
		t, err := table.Read(files[name], "")
		if err != nil {
			return sets, err
		}
		if err := add(all, name, t, opt); err != nil {
			return sets, err
		}
	}
	dir := filepath.Dir(files["train"])
	classes, err := annotation.NameClasses(dir, all, opt.Classes)
	if err != nil {
		return sets, err
	}
	return annotation.New(dir, classes, all, opt.Options)
}

// columns are the places of what is needed, -1 for what is not there.
type columns struct {
	path, class, split, width, height int
	box                               [4]int
	sized                             bool // the last two of box are width and height
}

// columnsOf finds the columns.
func columnsOf(t *table.Table) (c columns, err error) {
	if t.Header == nil {
		if t.Columns() != 6 || !folder.IsImage(t.Rows[0][0]) {
			return c, fmt.Errorf("read %s: no names of columns, expected path, xmin, ymin, xmax, ymax and class", t.Path)
		}
		return columns{path: 0, class: 5, split: -1, width: -1, height: -1, box: [4]int{1, 2, 3, 4}}, nil
	}
	one := func(names ...string) int {
		if i, ok := t.Usual(names...); ok {
			return i
		}
		return -1
	}
	c = columns{
		path:  one("path", "filename", "file_name", "file", "image", "image_path", "image_id", "img"),
		class: one("class", "label", "category", "class_name", "name"), split: one("split", "set", "subset"),
		width: one("width", "image_width"), height: one("height", "image_height"),
		box: [4]int{one("xmin", "x_min", "x0", "x1", "left"), one("ymin", "y_min", "y0", "y1", "top"), one("xmax", "x_max", "right"), one("ymax", "y_max", "bottom")},
	}
	if c.box[2] < 0 {
		c.box[2], c.box[3] = one("x2"), one("y2")
	}
	if c.box[2] < 0 && one("x0") >= 0 {
		c.box[2], c.box[3] = one("x1"), one("y1")
	}
	if c.box[2] < 0 && one("x") >= 0 {
		c.box, c.sized = [4]int{one("x"), one("y"), one("w", "box_width", "width"), one("h", "box_height", "height")}, true
		c.width, c.height = one("image_width"), one("image_height")
	}
	if c.path < 0 || c.class < 0 || slices.Contains(c.box[:], -1) {
		return c, fmt.Errorf("read %s: columns %s, expected path, xmin, ymin, xmax, ymax and class", t.Path, strings.Join(t.Header, ", "))
	}
	return c, nil
}

// add adds the rows of t to the set called name, or to those that its column of sets says.
func add(all map[string]*annotation.Set, name string, t *table.Table, opt Options) error {
	c, err := columnsOf(t)
	if err != nil {
		return err
	}
	root := table.Beside(filepath.Dir(t.Path), opt.Root)
	places := map[string]map[string]int{} // of the images in a set
	for i, row := range t.Rows {
		set := name
		if c.split >= 0 {
			var ok bool
			if set, ok = data.SetName(strings.TrimSpace(row[c.split])); !ok {
				return fmt.Errorf("read %s, line %d: the set %q, expected train, val or test", t.Path, t.Line(i), row[c.split])
			}
		}
		if all[set] == nil {
			all[set] = &annotation.Set{}
		}
		if places[set] == nil {
			places[set] = map[string]int{}
		}
		s := all[set]
		path := table.Beside(root, row[c.path])
		at, ok := places[set][path]
		if !ok {
			at = len(s.Items)
			places[set][path] = at
			it := annotation.Item{Path: path, Label: -1, File: t.Path, Line: t.Line(i)}
			if c.width >= 0 && c.height >= 0 {
				it.W, _ = strconv.Atoi(strings.TrimSpace(row[c.width])) // 0, and not compared, where it is no number
				it.H, _ = strconv.Atoi(strings.TrimSpace(row[c.height]))
			}
			s.Items = append(s.Items, it)
		}
		addBox(s, &s.Items[at], row, t.Line(i), c)
	}
	return nil
}

// addBox adds the box of a row, if it has one.
func addBox(s *annotation.Set, it *annotation.Item, row []string, line int, c columns) {
	empty := true
	var v [4]float32
	for k, at := range c.box {
		text := strings.TrimSpace(row[at])
		if text == "" {
			continue
		}
		empty = false
		n, err := strconv.ParseFloat(text, 32)
		if err != nil {
			s.Add("number", it, line, annotation.LeftOut, "%q, expected a number", text)
			return
		}
		v[k] = float32(n)
	}
	name := strings.TrimSpace(row[c.class])
	if empty && name == "" {
		return
	}
	if name == "" {
		s.Add("class", it, line, annotation.LeftOut, "a box without a class")
		return
	}
	if c.sized {
		v[2], v[3] = v[0]+v[2], v[1]+v[3]
	}
	it.Things = append(it.Things, annotation.Thing{Name: name, Line: line, Box: data.Box{X0: v[0], Y0: v[1], X1: v[2], Y1: v[3]}})
}
