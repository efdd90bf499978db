// Package webdataset reads and writes WebDataset shards: tar files in which the files of a sample follow each other, with one name up to the first
// point, as in https://github.com/webdataset/webdataset:
//
//	000017.jpg  000017.cls  000018.jpg  000018.cls
//
// A shard is scanned once, header by header; images are then read where they lie. Shards with gzip around them (.tar.gz, .tgz) can only be read from
// their beginning, so they are unpacked into memory, up to a limit.
package webdataset

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/data/folder"
)

const (
	// maxUnpacked is how many bytes the gzipped shards of a source may have together, unpacked.
	maxUnpacked = 2 << 30
	// maxLabel is the size of a file with a label that is read at most.
	maxLabel = 1 << 20
)

// A shard is a tar file.
type shard struct {
	path    string
	content []byte // unpacked, if the file is gzipped
}

// A sample is the place of an image, and its label as the shard has it: a number, or a name.
type sample struct {
	shard        *shard
	name         string // of the image in the shard
	offset, size int64
	label        string
	labelled     bool
}

// open opens the tar file.
func (s *shard) open() (io.ReadSeekCloser, error) {
	if s.content != nil {
		return struct {
			*bytes.Reader
			io.Closer
		}{bytes.NewReader(s.content), io.NopCloser(nil)}, nil
	}
	f, err := os.Open(s.path)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", s.path, errors.Unwrap(err))
	}
	return f, nil
}

// unpack reads the file into memory if it is gzipped; left is how many bytes there are for that.
func (s *shard) unpack(left *int64) error {
	f, err := os.Open(s.path)
	if err != nil {
		return fmt.Errorf("read %s: %w", s.path, errors.Unwrap(err))
	}
	defer f.Close()
	var magic [2]byte
	if _, err := io.ReadFull(f, magic[:]); err != nil || magic != [2]byte{0x1f, 0x8b} {
		return nil // an error is for the scan to find again
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("read %s: %w", s.path, err)
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return fmt.Errorf("read %s: %w", s.path, err)
	}
	content, err := io.ReadAll(io.LimitReader(z, *left+1))
	if err != nil {
		return fmt.Errorf("read %s: damaged: %w", s.path, err)
	}
	if *left -= int64(len(content)); *left < 0 {
		return fmt.Errorf("read %s: gzipped shards are read into memory, and with this one they have more than %d MiB: unpack them with gunzip, plain tar is read in place",
			s.path, maxUnpacked>>20)
	}
	s.content = content
	return nil
}

// scan returns the samples in the shard, in its order. key is that of the label in .json files.
func (s *shard) scan(key string) (samples []sample, err error) {
	f, err := s.open()
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := tar.NewReader(f)
	last := "" // stem of the sample that the files belong to
	for {
		h, err := r.Next()
		if err == io.EOF {
			return check(s, samples)
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: no tar file, or a damaged one: %w", s.path, err)
		}
		if h.Typeflag != tar.TypeReg || strings.HasPrefix(path.Base(h.Name), ".") {
			continue // folders, links, and what macOS adds
		}
		stem, ext := split(h.Name)
		if stem != last || len(samples) == 0 {
			samples = append(samples, sample{shard: s})
			last = stem
		}
		if err := samples[len(samples)-1].add(f, r, h, ext, key); err != nil {
			return nil, fmt.Errorf("read %s: %s: %w", s.path, h.Name, err)
		}
	}
}

// split returns a path up to the first point of the file's name, and what is behind it in lower case.
func split(name string) (stem, ext string) {
	dir, base := path.Split(name)
	base, ext, _ = strings.Cut(base, ".")
	return dir + base, strings.ToLower(ext)
}

// add takes a file of the sample in.
func (s *sample) add(f io.Seeker, r io.Reader, h *tar.Header, ext, key string) error {
	switch {
	case folder.IsImage("." + ext):
		if s.name != "" {
			return fmt.Errorf("a second image beside %s", s.name)
		}
		if slices.ContainsFunc([]string{"GNU.sparse.major", "GNU.sparse.name"}, func(k string) bool { return h.PAXRecords[k] != "" }) {
			return errors.New("a sparse file, which cannot be read in place")
		}
		at, err := f.Seek(0, io.SeekCurrent) // tar.Reader reads no further than the header
		if err != nil {
			return err
		}
		s.name, s.offset, s.size = h.Name, at, h.Size
	case ext == "cls" || ext == "txt" || ext == "json":
		if s.labelled && ext != "cls" { // which says it best
			return nil
		}
		if h.Size > maxLabel {
			return fmt.Errorf("%d bytes, expected a label", h.Size)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			return err
		}
		label, ok, err := parseLabel(content, ext, key)
		if err != nil {
			return err
		}
		if ok {
			s.label, s.labelled = label, true
		}
	}
	return nil
}

// parseLabel returns the label in a file that ends in ext; ok is false if it is JSON without one.
func parseLabel(content []byte, ext, key string) (label string, ok bool, err error) {
	if ext != "json" {
		label = strings.TrimSpace(string(content))
		if label == "" {
			return "", false, errors.New("empty, expected a label")
		}
		return label, true, nil
	}
	var fields map[string]any
	d := json.NewDecoder(bytes.NewReader(content))
	d.UseNumber()
	if err := d.Decode(&fields); err != nil {
		return "", false, fmt.Errorf("no JSON object: %w", err)
	}
	keys := []string{"label", "class", "cls", "category"}
	if key != "" {
		keys = []string{key}
	}
	for _, k := range keys {
		switch v := fields[k].(type) {
		case string:
			return v, v != "", nil
		case json.Number:
			return v.String(), true, nil
		}
	}
	return "", false, nil
}

// check returns the samples that are images, and an error if one has no label.
func check(s *shard, samples []sample) ([]sample, error) {
	images := samples[:0]
	for _, m := range samples {
		if m.name == "" {
			continue
		}
		if !m.labelled {
			stem, _ := split(m.name)
			return nil, fmt.Errorf("read %s: %s has no label, expected %s.cls, .txt or .json", s.path, m.name, stem)
		}
		images = append(images, m)
	}
	if len(images) == 0 {
		return nil, fmt.Errorf("read %s: no images", s.path)
	}
	return images, nil
}

// expand returns the files that a pattern stands for: with {000..009} for numbers, and otherwise as filepath.Match has it. A pattern without either is
// one file.
func expand(pattern string) ([]string, error) {
	before, rest, ok := strings.Cut(pattern, "{")
	if !ok {
		if !strings.ContainsAny(pattern, "*?[") {
			return []string{pattern}, nil
		}
		files, err := filepath.Glob(pattern)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", pattern, err)
		}
		if len(files) == 0 {
			return nil, fmt.Errorf("read %s: no such files", pattern)
		}
		return files, nil
	}
	inner, after, closed := strings.Cut(rest, "}")
	from, to, dots := strings.Cut(inner, "..")
	first, err1 := strconv.Atoi(from)
	last, err2 := strconv.Atoi(to)
	if !closed || !dots || err1 != nil || err2 != nil || first < 0 || last < first || last-first >= 100_000 {
		return nil, fmt.Errorf("read %s: {%s, expected numbers as in {000..009}", pattern, inner)
	}
	var files []string
	for i := first; i <= last; i++ {
		more, err := expand(fmt.Sprintf("%s%0*d%s", before, len(from), i, after))
		if err != nil {
			return nil, err
		}
		if files = append(files, more...); len(files) > 100_000 {
			return nil, fmt.Errorf("read %s: more than 100000 files", pattern)
		}
	}
	return files, nil
}
