package webdataset

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/cache"
	"github.com/lince-ml/lince/data/folder"
)

// ClassesFile is the name of a text file beside the shards that has the name of a class in each line, in the order of their numbers. Without it,
// classes that are numbers are called "0", "1", ...
const ClassesFile = "classes.txt"

// Options say how shards are read.
type Options struct {
	Images folder.Options
	Label  string // key of the label in .json files; "" for label, class, cls or category
}

// A Dataset is the images of shards.
type Dataset struct {
	opt     folder.Options
	cache   *cache.Cache // shared by the sets
	classes []string
	samples []sample
	labels  []int
}

var (
	_ data.Dataset = (*Dataset)(nil)
	_ data.Labeler = (*Dataset)(nil)
	_ data.Filer   = (*Dataset)(nil)
)

// Is reports whether dir holds shards, by their names.
func Is(dir string) bool {
	sets, err := find(dir)
	return err == nil && sets["train"] != nil
}

// Open scans the shards that path stands for: a file, a pattern such as train-{000..009}.tar or train-*.tar, or a folder, in which names that begin with train, val and
// test tell the sets, if there are such names.
func Open(path string, opt Options) (sets data.Sets, err error) {
	if err := opt.Images.Check(); err != nil {
		return sets, fmt.Errorf("read %s: %w", path, err)
	}
	files, err := find(path)
	if err != nil {
		return sets, err
	}
	kept, err := opt.Images.OpenCache(filepath.Dir(files["train"][0]))
	if err != nil {
		return sets, err
	}
	scanned := map[string]*Dataset{}
	left := int64(maxUnpacked)
	for _, name := range []string{"train", "val", "test"} {
		if files[name] == nil {
			continue
		}
		d := &Dataset{opt: opt.Images, cache: kept}
		for _, file := range files[name] {
			s := &shard{path: file}
			if err := s.unpack(&left); err != nil {
				return sets, err
			}
			samples, err := s.scan(opt.Label)
			if err != nil {
				return sets, err
			}
			d.samples = append(d.samples, samples...)
		}
		scanned[name] = d
	}
	classes, err := classes(filepath.Dir(files["train"][0]), scanned["train"].samples)
	if err != nil {
		return sets, err
	}
	for name, d := range scanned {
		if err := d.name(classes); err != nil {
			return sets, err
		}
		sets.Put(name, d)
	}
	return sets, nil
}

// find returns the shards of each set.
func find(path string) (map[string][]string, error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		files, err := expand(path)
		if err != nil {
			return nil, err
		}
		slices.Sort(files)
		return map[string][]string{"train": files}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, errors.Unwrap(err))
	}
	sets, all := map[string][]string{}, []string(nil)
	for _, e := range entries {
		name := strings.ToLower(e.Name())
		if e.IsDir() || strings.HasPrefix(name, ".") || !strings.HasSuffix(name, ".tar") && !strings.HasSuffix(name, ".tar.gz") && !strings.HasSuffix(name, ".tgz") {
			continue
		}
		file := filepath.Join(path, e.Name())
		all = append(all, file)
		word := strings.FieldsFunc(name, func(r rune) bool { return r < 'a' || r > 'z' })[0]
		if set, ok := data.SetName(word); ok {
			sets[set] = append(sets[set], file)
		}
	}
	switch {
	case all == nil:
		return nil, fmt.Errorf("read %s: no files that end in .tar, .tar.gz or .tgz", path)
	case len(sets) == 0:
		return map[string][]string{"train": all}, nil
	case sets["train"] == nil:
		return nil, fmt.Errorf("read %s: shards of val and test, but none that begins with train", path)
	}
	return sets, nil
}

// classes returns the names of the classes of samples: those in a file in dir, or else their labels, or numbers up to the largest.
func classes(dir string, samples []sample) ([]string, error) {
	path := filepath.Join(dir, ClassesFile)
	f, err := os.Open(path)
	if err == nil {
		defer f.Close()
		return readClasses(path, f)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read %s: %w", path, errors.Unwrap(err))
	}
	var names []string
	largest, numbers := 0, true
	seen := map[string]bool{}
	for _, s := range samples {
		if seen[s.label] {
			continue
		}
		n, err := strconv.Atoi(s.label)
		if err != nil || n < 0 {
			numbers = false
		}
		seen[s.label], names, largest = true, append(names, s.label), max(largest, n)
	}
	slices.Sort(names)
	if numbers {
		if largest > 1<<20 {
			return nil, fmt.Errorf("read %s: the class %d, expected at most %d", samples[0].shard.path, largest, 1<<20)
		}
		names = names[:0]
		for i := range largest + 1 {
			names = append(names, strconv.Itoa(i))
		}
	}
	if len(names) < 2 {
		return nil, fmt.Errorf("read %s: one class only (%s), expected two or more", samples[0].shard.path, cmp.Or(strings.Join(names, ""), "0"))
	}
	return names, nil
}

func readClasses(path string, r io.Reader) (names []string, err error) {
	lines := bufio.NewScanner(io.LimitReader(r, 1<<24))
	for lines.Scan() {
		if line := strings.TrimSpace(lines.Text()); line != "" {
			names = append(names, line)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if len(names) < 2 {
		return nil, fmt.Errorf("read %s: %d classes, expected two or more, one in each line", path, len(names))
	}
	return names, nil
}

// name makes numbers of the labels.
func (d *Dataset) name(classes []string) error {
	index := make(map[string]int, len(classes))
	for i, c := range classes {
		index[c] = i
	}
	d.classes, d.labels = classes, make([]int, len(d.samples))
	for i, s := range d.samples {
		label, ok := index[s.label]
		if n, err := strconv.Atoi(s.label); !ok && err == nil && n >= 0 && n < len(classes) {
			label, ok = n, true
		}
		if !ok {
			return fmt.Errorf("read %s: %s has the class %q, which is none of %d", s.shard.path, s.name, s.label, len(classes))
		}
		d.labels[i] = label
	}
	return nil
}

// Len returns the number of images.
func (d *Dataset) Len() int { return len(d.samples) }

// Classes returns the names of the classes.
func (d *Dataset) Classes() []string { return d.classes }

// Name returns the shard and the name of image i in it, such as train-000.tar/17.jpg.
func (d *Dataset) Name(i int) string { return d.samples[i].shard.path + "/" + d.samples[i].name }

// Label returns the class of image i.
func (d *Dataset) Label(i int) (int, error) { return d.labels[i], nil }

// OpenFile opens the file of image i.
func (d *Dataset) OpenFile(i int) (io.ReadCloser, error) {
	s := d.samples[i]
	f, err := s.shard.open()
	if err != nil {
		return nil, err
	}
	if _, err := f.Seek(s.offset, io.SeekStart); err != nil {
		f.Close()
		return nil, fmt.Errorf("read %s: %w", d.Name(i), err)
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(f, s.size), f}, nil
}

// Sample returns image i.
func (d *Dataset) Sample(i int) (data.Sample, error) {
	s := d.samples[i]
	name := s.shard.path + "#" + strconv.FormatInt(s.offset, 10) // in a shard, two may have the same name
	im, err := d.cache.Read(name, s.shard.path, func() (data.Image, error) { return d.read(i) })
	return data.Sample{Image: im, Label: d.labels[i]}, err
}

// read decodes image i.
func (d *Dataset) read(i int) (data.Image, error) {
	f, err := d.OpenFile(i)
	if err != nil {
		return data.Image{}, err
	}
	defer f.Close()
	im, err := d.opt.Read(f)
	if err != nil {
		return im, fmt.Errorf("read %s: %w", d.Name(i), err)
	}
	return im, nil
}
