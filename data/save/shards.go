package save

import (
	"archive/tar"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/webdataset"
)

// Shards writes a folder of WebDataset shards of at most maxBytes each, or of one image: train-000000.tar, ... and the names of the classes.
func (w *Writer) Shards(out string, maxBytes int64) error {
	return newFolder(out, func(dir string) error {
		for name, d := range w.sets.All() {
			s := &sharder{dir: dir, set: name, max: maxBytes}
			err := w.images(d, func(i int) error { return s.add(d, i) })
			if err == nil {
				err = s.close()
			}
			if err != nil {
				s.abandon()
				return err
			}
		}
		for _, c := range w.sets.Train.Classes() {
			if strings.TrimSpace(c) != c || c == "" || strings.ContainsAny(c, "\r\n") {
				return fmt.Errorf("the class %q cannot stand in a line of %s", c, webdataset.ClassesFile)
			}
		}
		names := strings.Join(w.sets.Train.Classes(), "\n") + "\n"
		return os.WriteFile(filepath.Join(dir, webdataset.ClassesFile), []byte(names), 0o666)
	})
}

// A sharder writes the shards of a set.
type sharder struct {
	dir, set string
	max      int64
	n        int // shards so far
	file     *os.File
	tar      *tar.Writer
	size     int64 // of the shard
}

// add writes image i of d and its class.
func (s *sharder) add(d data.Dataset, i int) error {
	l, err := label(d, i)
	if err != nil {
		return err
	}
	content, ext, err := encoded(d, i)
	if err != nil {
		return err
	}
	size := int64(len(content)) + 4*512 // two headers, and two files filled up to blocks
	if s.file != nil && s.size+size > s.max {
		if err := s.close(); err != nil {
			return err
		}
	}
	if s.file == nil {
		if s.file, err = os.Create(filepath.Join(s.dir, fmt.Sprintf("%s-%06d.tar", s.set, s.n))); err != nil {
			return err
		}
		s.tar, s.size, s.n = tar.NewWriter(s.file), 0, s.n+1
	}
	s.size += size
	if err := s.put(number(i)+ext, content); err != nil {
		return err
	}
	return s.put(number(i)+".cls", []byte(strconv.Itoa(l)))
}

func (s *sharder) put(name string, content []byte) error {
	if err := s.tar.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(content)), Format: tar.FormatUSTAR}); err != nil {
		return err
	}
	_, err := s.tar.Write(content)
	return err
}

// close ends the shard, if there is one.
func (s *sharder) close() error {
	if s.file == nil {
		return nil
	}
	if err := s.tar.Close(); err != nil {
		return err
	}
	err := s.file.Close()
	s.file = nil
	return err
}

func (s *sharder) abandon() {
	if s.file != nil {
		s.file.Close()
	}
}
