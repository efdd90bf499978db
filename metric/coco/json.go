package coco

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// A scanner reads large JSON files one element after the other.
type scanner struct{ *json.Decoder }

func newScanner(r io.Reader) scanner { return scanner{json.NewDecoder(bufio.NewReaderSize(r, 1<<20))} }

// open reads the bracket that something begins with.
func (s scanner) open(bracket json.Delim, expected string) error {
	switch t, err := s.Token(); {
	case err != nil:
		return s.wrong(err)
	case t != bracket:
		found := fmt.Sprintf("%v", t)
		if d, ok := t.(json.Delim); ok {
			found = map[json.Delim]string{'[': "a list", '{': "an object"}[d]
		}
		return fmt.Errorf("found %s, expected %s", found, expected)
	}
	return nil
}

// object reads an object, and calls read for the values that it has a function for.
func (s scanner) object(read map[string]func() error) error {
	if err := s.open('{', "COCO annotations: an object with images, annotations and categories"); err != nil {
		return err
	}
	for s.More() {
		key, err := s.Token()
		if err != nil {
			return s.wrong(err)
		}
		if f, ok := read[key.(string)]; ok {
			if err := f(); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			continue
		}
		var skipped json.RawMessage
		if err := s.Decode(&skipped); err != nil {
			return s.wrong(err)
		}
	}
	return s.end()
}

// end reads the last bracket; nothing may follow.
func (s scanner) end() error {
	if _, err := s.Token(); err != nil {
		return s.wrong(err)
	}
	if _, err := s.Token(); err != io.EOF {
		return fmt.Errorf("more follows at byte %d, expected the end of the file", s.InputOffset())
	}
	return nil
}

// list appends the elements of a list.
func list[T any](s scanner, all *[]T) error {
	if *all != nil {
		return errors.New("a second list of this name")
	}
	*all = []T{}
	return s.each(func() error {
		var v T
		if err := s.element(len(*all), &v); err != nil {
			return err
		}
		*all = append(*all, v)
		return nil
	})
}

// each calls f for each element of a list, to read it.
func (s scanner) each(f func() error) error {
	if err := s.open('[', "a list"); err != nil {
		return err
	}
	for s.More() {
		if err := f(); err != nil {
			return err
		}
	}
	if _, err := s.Token(); err != nil {
		return s.wrong(err)
	}
	return nil
}

// element reads element i of a list.
func (s scanner) element(i int, v any) error {
	if err := s.Decode(v); err != nil {
		return fmt.Errorf("element %d: %w", i+1, s.wrong(err))
	}
	return nil
}

// wrong words an error of the JSON decoder for people.
func (s scanner) wrong(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("the file ends at byte %d within its JSON", s.InputOffset())
	case errors.As(err, &syntax):
		return fmt.Errorf("no JSON at byte %d: %w", syntax.Offset, err)
	case errors.As(err, &kind):
		expected := map[string]string{"int64": "a whole number", "float64": "a number", "string": "text"}[kind.Type.String()]
		if expected == "" {
			expected = map[bool]string{true: "a list of numbers", false: "an object"}[strings.HasPrefix(kind.Type.String(), "[]")]
		}
		return fmt.Errorf("%s is %s, expected %s", kind.Field, kind.Value, expected)
	}
	return err
}

// A flag is true or 1.
type flag bool

func (f *flag) UnmarshalJSON(b []byte) error {
	switch string(b) {
	case "0", "false", "null":
		*f = false
	case "1", "true":
		*f = true
	default:
		return fmt.Errorf("iscrowd is %.20s, expected 0 or 1", b)
	}
	return nil
}

// A segmentation is a mask as it stands in a file: polygons, or runs as numbers or text.
type segmentation struct {
	polygons [][]float64
	h, w     int
	counts   []int64
	text     string
}

func (s *segmentation) UnmarshalJSON(b []byte) error {
	if b[0] == '[' {
		s.polygons = [][]float64{}
		if err := json.Unmarshal(b, &s.polygons); err != nil {
			return errors.New("segmentation is a list, but not one of polygons, which are lists of numbers")
		}
		return nil
	}
	var rle struct {
		Size   []int           `json:"size"`
		Counts json.RawMessage `json:"counts"`
	}
	if err := json.Unmarshal(b, &rle); err != nil || len(rle.Size) != 2 || len(rle.Counts) == 0 {
		return errors.New("segmentation is neither a list of polygons nor an object with size, two numbers, and counts")
	}
	s.h, s.w = rle.Size[0], rle.Size[1]
	into := any(&s.text)
	if bytes.HasPrefix(rle.Counts, []byte("[")) {
		s.counts = []int64{}
		into = &s.counts
	}
	if err := json.Unmarshal(rle.Counts, into); err != nil {
		return errors.New("the counts of a segmentation are neither text nor a list of whole numbers")
	}
	return nil
}
