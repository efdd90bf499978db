package table

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/folder"
)

// Options say which columns mean what. A column is a name in the first row or a number, "1" being the first.
type Options struct {
	Images folder.Options
	Path   string   // column of the files; "" for path, file, filename, image or the first column that holds names of images, or else that of folders
	Item   string   // column of folders, all of whose images are of the row; instead of Path
	Label  string   // column of the classes; "" for label, class, category, target or, where there are two columns, the other one
	Labels []string // columns of 0 and 1, each a class of its own; instead of Label
	Sep    string   // what separates several classes in Label; "" if images have one class each
	Split  string   // column with train, val or test; "" for none
	Root   string   // folder that paths are relative to, itself relative to the file's
	Ext    string   // what is added to paths without a suffix that images have
	Comma  string   // between the columns; "" for whichever of comma, semicolon and tab the first line has most of
}

// several reports whether images may have several classes.
func (o Options) several() bool { return o.Labels != nil || o.Sep != "" }

// A list is images with what stands beside them, for each set.
type list struct {
	paths  []string
	groups []int // rows of the file, if rows are items
	labels [][]string
	where  []func(format string, args ...any) error // makes an error that names the row
}

// Open reads the list in the file at path, or the lists called train, val and test (.csv or .tsv) in the folder at path. Paths in a file are relative to
// its folder. Classes are sorted, by their value if all are numbers, and a class that is not in the training set is an error.
func Open(path string, opt Options) (sets data.Sets, err error) {
	if err := opt.Images.Check(); err != nil {
		return sets, fmt.Errorf("read %s: %w", path, err)
	}
	files, err := find(path)
	if err != nil {
		return sets, err
	}
	lists := map[string]*list{}
	for _, name := range []string{"train", "val", "test"} {
		if files[name] == "" {
			continue
		}
		if err := readList(lists, name, files[name], opt); err != nil {
			return sets, err
		}
	}
	if lists["train"] == nil {
		return sets, fmt.Errorf("read %s: no training images, the column %s has only val and test", path, opt.Split)
	}
	if err := exist(lists["train"]); err != nil {
		return sets, err
	}
	classes := opt.Labels
	if classes == nil {
		classes = lists["train"].classes()
	}
	if len(classes) < 2 && !opt.several() {
		return sets, fmt.Errorf("read %s: one class only (%s), expected two or more", files["train"], strings.Join(classes, ""))
	}
	c, err := opt.Images.OpenCache(filepath.Dir(files["train"]))
	if err != nil {
		return sets, err
	}
	for name, l := range lists {
		d, err := l.dataset(classes, opt, c)
		if err != nil {
			return sets, err
		}
		sets.Put(name, d)
	}
	return sets, nil
}

// Is reports whether dir holds a list called train.
func Is(dir string) bool {
	files, err := find(dir)
	return err == nil && files["train"] != ""
}

// find returns the files of the sets. A file is the training set.
func find(path string) (map[string]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, errors.Unwrap(err))
	}
	if !info.IsDir() {
		return map[string]string{"train": path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, errors.Unwrap(err))
	}
	files := map[string]string{}
	for _, e := range entries {
		ext := filepath.Ext(e.Name())
		set, ok := data.SetName(strings.TrimSuffix(e.Name(), ext))
		if !ok || (!strings.EqualFold(ext, ".csv") && !strings.EqualFold(ext, ".tsv")) {
			continue
		}
		if files[set] != "" {
			return nil, fmt.Errorf("read %s: both %s and %s, expected one of them", path, filepath.Base(files[set]), e.Name())
		}
		files[set] = filepath.Join(path, e.Name())
	}
	if files["train"] == "" {
		return nil, fmt.Errorf("read %s: no train.csv or train.tsv", path)
	}
	return files, nil
}

// readList adds the rows of a file to the list of the set called name, or those that its column of sets says.
func readList(lists map[string]*list, name, path string, opt Options) error {
	t, err := Read(path, opt.Comma)
	if err != nil {
		return err
	}
	c, err := t.find(opt)
	if err != nil {
		return err
	}
	for i, row := range t.Rows {
		set := name
		if c.split >= 0 {
			var ok bool
			if set, ok = data.SetName(strings.TrimSpace(row[c.split])); !ok {
				return t.errorf(i, "the set %q, expected train, val or test", row[c.split])
			}
		}
		if lists[set] == nil {
			lists[set] = &list{}
		}
		if err := lists[set].add(t, i, c, opt); err != nil {
			return err
		}
	}
	return nil
}

// columns are the places of what is needed, -1 for what is not there.
type columns struct {
	path, item, label, split int
	labels                   []int
}

func (t *Table) find(opt Options) (c columns, err error) {
	c = columns{-1, -1, -1, -1, nil}
	for _, o := range []struct {
		name string
		at   *int
	}{{opt.Path, &c.path}, {opt.Item, &c.item}, {opt.Label, &c.label}, {opt.Split, &c.split}} {
		if o.name != "" {
			if *o.at, err = t.Column(o.name); err != nil {
				return c, err
			}
		}
	}
	for _, name := range opt.Labels {
		i, err := t.Column(name)
		if err != nil {
			return c, err
		}
		c.labels = append(c.labels, i)
	}
	if c.path < 0 && c.item < 0 {
		if c.path, c.item, err = t.imageColumn(Beside(filepath.Dir(t.Path), opt.Root)); err != nil {
			return c, err
		}
	}
	if c.label < 0 && c.labels == nil {
		c.label, err = t.labelColumn(max(c.path, c.item))
	}
	return c, err
}

// imageColumn returns the column of the files, or that of the folders in root, and -1 for the other.
func (t *Table) imageColumn(root string) (path, item int, err error) {
	if i, ok := t.Usual("path", "file", "filename", "file_name", "image", "image_path", "filepath", "img"); ok {
		return i, -1, nil
	}
	if i := slices.IndexFunc(t.Rows[0], folder.IsImage); i >= 0 {
		return i, -1, nil
	}
	isFolder := func(name string) bool {
		info, err := os.Stat(Beside(root, name))
		return name != "" && err == nil && info.IsDir()
	}
	if i := slices.IndexFunc(t.Rows[0], isFolder); i >= 0 {
		return -1, i, nil
	}
	file := filepath.Base(t.Path)
	return -1, -1, fmt.Errorf("read %s: which column has the images? expected csv:%s?path=NAME, or ?item=NAME for folders of images", t.Path, file)
}

func (t *Table) labelColumn(other int) (int, error) {
	if i, ok := t.Usual("label", "class", "category", "target", "class_name", "labels"); ok {
		return i, nil
	}
	if t.Columns() == 2 {
		return 1 - other, nil
	}
	return 0, fmt.Errorf("read %s: which column has the classes? expected csv:%s?label=NAME", t.Path, filepath.Base(t.Path))
}

// add adds the image or images of row i.
func (l *list) add(t *Table, i int, c columns, opt Options) error {
	labels, err := t.labels(i, c, opt)
	if err != nil {
		return err
	}
	root := Beside(filepath.Dir(t.Path), opt.Root)
	where := func(format string, args ...any) error { return t.errorf(i, format, args...) }
	put := func(path string) {
		l.paths, l.labels, l.where = append(l.paths, path), append(l.labels, labels), append(l.where, where)
	}
	if c.item < 0 {
		name := t.Rows[i][c.path]
		if name == "" {
			return t.errorf(i, "no path of an image")
		}
		if opt.Ext != "" && !folder.IsImage(name) {
			name += "." + strings.TrimPrefix(opt.Ext, ".")
		}
		put(Beside(root, name))
		return nil
	}
	dir := Beside(root, t.Rows[i][c.item])
	pictures, err := pictures(dir)
	if err != nil {
		return t.errorf(i, "%w", err)
	}
	for _, p := range pictures {
		put(filepath.Join(dir, p))
		l.groups = append(l.groups, i)
	}
	return nil
}

// pictures returns the names of the images in dir, sorted.
func pictures(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("the item's folder %s: %w", dir, errors.Unwrap(err))
	}
	for _, e := range entries {
		if !e.IsDir() && !strings.HasPrefix(e.Name(), ".") && folder.IsImage(e.Name()) {
			names = append(names, e.Name())
		}
	}
	if names == nil {
		return nil, fmt.Errorf("the item's folder %s: no images", dir)
	}
	return names, nil
}

// labels returns the classes of row i: one, or any number if images may have several.
func (t *Table) labels(i int, c columns, opt Options) (labels []string, err error) {
	row := t.Rows[i]
	if c.labels != nil {
		for k, at := range c.labels {
			on, err := truth(row[at])
			if err != nil {
				return nil, t.errorf(i, "%q in the column %s, expected 0 or 1", row[at], opt.Labels[k])
			}
			if on {
				labels = append(labels, opt.Labels[k])
			}
		}
		return labels, nil
	}
	if opt.Sep == "" {
		label := strings.TrimSpace(row[c.label])
		if label == "" {
			return nil, t.errorf(i, "no class")
		}
		return []string{label}, nil
	}
	for _, label := range strings.Split(row[c.label], opt.Sep) {
		if label = strings.TrimSpace(label); label != "" && !slices.Contains(labels, label) {
			labels = append(labels, label)
		}
	}
	return labels, nil
}

func truth(s string) (bool, error) {
	switch s = strings.ToLower(strings.TrimSpace(s)); s {
	case "yes", "y", "1.0":
		return true, nil
	case "no", "n", "0.0", "":
		return false, nil
	}
	return strconv.ParseBool(s)
}

// exist reports an error if none of the first images of l exists: then paths are relative to something else.
func exist(l *list) error {
	var first error
	for i := 0; i < min(len(l.paths), 10); i++ {
		_, err := os.Stat(l.paths[i])
		if err == nil {
			return nil
		}
		if first == nil {
			first = l.where[i]("%s: %w; paths are relative to the file, or to root=DIR", l.paths[i], errors.Unwrap(err))
		}
	}
	return first
}

// classes returns the classes there are, sorted.
func (l *list) classes() []string {
	seen := map[string]bool{}
	var names []string
	numbers := true
	for _, labels := range l.labels {
		for _, name := range labels {
			if !seen[name] {
				_, err := strconv.Atoi(name)
				seen[name], names, numbers = true, append(names, name), numbers && err == nil
			}
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		if numbers {
			x, _ := strconv.Atoi(a)
			y, _ := strconv.Atoi(b)
			return cmp.Or(cmp.Compare(x, y), strings.Compare(a, b))
		}
		return strings.Compare(a, b)
	})
	return names
}
