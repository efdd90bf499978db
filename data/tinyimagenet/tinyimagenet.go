// Package tinyimagenet reads Tiny-ImageNet (Le and Yang 2015): small images with a class and one box each.
//
//	train/n01698640/images/n01698640_0.JPEG    train/n01698640/n01698640_boxes.txt
//	val/images/val_7.JPEG                      val/val_annotations.txt
//	wnids.txt, words.txt
//
// The classes are the numbers of WordNet, sorted, under the first of the names that words.txt has. Boxes are in pixels from 0, the last of which are part of the thing;
// here they end behind them. The images of test/ have no labels, so there is no such set.
package tinyimagenet

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/annotation"
)

// Is reports whether dir is Tiny-ImageNet, or a part of it.
func Is(dir string) bool {
	files, err := annotation.Files(dir, ".txt")
	return err == nil && slices.Contains(files, filepath.Join(dir, "wnids.txt")) && annotation.Folder(dir, "train") != ""
}

// Open reads the folder.
func Open(dir string, opt annotation.Options) (sets data.Sets, err error) {
	wnids, err := annotation.ReadNames(filepath.Join(dir, "wnids.txt"))
	if err != nil {
		return sets, err
	}
	slices.Sort(wnids)
	names, err := readWords(filepath.Join(dir, "words.txt"), wnids)
	if err != nil {
		return sets, err
	}
	r := &reader{classes: names, index: annotation.Index(wnids)}
	train := &annotation.Set{}
	for _, id := range wnids {
		class := filepath.Join(dir, "train", id)
		if err := r.boxes(train, filepath.Join(class, id+"_boxes.txt"), filepath.Join(class, "images"), id); err != nil {
			return sets, err
		}
	}
	all := map[string]*annotation.Set{"train": train}
	if val := annotation.Folder(dir, "val"); val != "" {
		all["val"] = &annotation.Set{}
		if err := r.boxes(all["val"], filepath.Join(val, "val_annotations.txt"), filepath.Join(val, "images"), ""); err != nil {
			return sets, err
		}
	}
	return annotation.New(dir, names, all, opt)
}

// readWords returns the names of wnids, which are wnids themselves where the file has no other, or not only for them.
func readWords(path string, wnids []string) ([]string, error) {
	content, err := annotation.ReadFile(path)
	if err != nil {
		return nil, err
	}
	index := annotation.Index(wnids)
	names := slices.Clone(wnids)
	for line := range strings.Lines(string(content)) {
		id, words, _ := strings.Cut(strings.TrimSpace(line), "\t")
		word, _, _ := strings.Cut(words, ",")
		if i, ok := index[id]; ok && strings.TrimSpace(word) != "" {
			names[i] = strings.TrimSpace(word)
		}
	}
	times := map[string]int{}
	for _, n := range names {
		times[n]++
	}
	for i, n := range names {
		if times[n] > 1 { // such as the two cranes
			names[i] = n + " " + wnids[i]
		}
	}
	return names, nil
}

type reader struct {
	classes []string
	index   map[string]int // of the numbers of WordNet
}

// boxes adds the images that a file lists to s: each line has the name of the image in dir, its class if it is not that of the whole file, and the box.
func (r *reader) boxes(s *annotation.Set, file, dir, class string) error {
	content, err := annotation.ReadFile(file)
	if err != nil {
		return err
	}
	return r.parse(s, content, file, dir, class)
}

func (r *reader) parse(s *annotation.Set, content []byte, file, dir, class string) error {
	line := 0
	for text := range bytes.Lines(content) {
		line++
		fields := strings.Fields(string(text))
		if len(fields) == 0 {
			continue
		}
		if class != "" {
			fields = slices.Insert(fields, 1, class)
		}
		if len(fields) != 6 {
			return fmt.Errorf("read %s, line %d: %d columns, expected a name, a class where it has one, and a box of four numbers", file, line, len(fields))
		}
		it := annotation.Item{Path: filepath.Join(dir, filepath.Base(fields[0])), File: file, Line: line}
		if filepath.Dir(it.Path) != filepath.Clean(dir) { // such as ..
			return fmt.Errorf("read %s, line %d: %q, expected the name of an image", file, line, fields[0])
		}
		label, ok := r.index[fields[1]]
		if !ok {
			s.Add("class", &it, line, annotation.LeftOut, "the class %q of the image is not in wnids.txt", fields[1])
			continue
		}
		var v [4]float32
		for k := range v {
			n, err := strconv.ParseFloat(fields[2+k], 32)
			if err != nil {
				return fmt.Errorf("read %s, line %d: %q, expected a number", file, line, fields[2+k])
			}
			v[k] = float32(n)
		}
		it.Label = label
		it.Things = []annotation.Thing{{Line: line, Box: data.Box{Class: label, X0: v[0], Y0: v[1], X1: v[2] + 1, Y1: v[3] + 1}}}
		s.Items = append(s.Items, it)
	}
	return nil
}
