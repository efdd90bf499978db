package coco

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/annotation"
	"github.com/lince-ml/lince/data/outline"
)

// A file is what matters of a JSON file.
type file struct {
	path       string
	pictures   []picture
	annotated  []annotated
	categories []category
}

// annotated is an annotation.
type annotated struct {
	ID       int64           `json:"id"`
	Image    int64           `json:"image_id"`
	Category int64           `json:"category_id"`
	Box      []float32       `json:"bbox"` // x, y, width, height
	Crowd    truth           `json:"iscrowd"`
	Outline  json.RawMessage `json:"segmentation"`
	line     int
}

// A truth is 0 or 1, or what others write instead.
type truth bool

// UnmarshalJSON reads a number or a truth value.
func (t *truth) UnmarshalJSON(b []byte) error {
	*t = string(b) == "1" || string(b) == "true"
	return nil
}

// parse takes the content of a file apart.
func parse(path string, content []byte) (*file, error) {
	f := &file{path: path}
	lines := annotation.NewLines(content)
	d := json.NewDecoder(bytes.NewReader(content))
	fail := func(err error) (*file, error) {
		line := annotation.NewLines(content).At(d.InputOffset())
		return nil, fmt.Errorf("read %s, line %d: %w, expected JSON with images, annotations and categories", path, line, annotation.JSONReason(err))
	}
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		if err == nil {
			err = fmt.Errorf("it begins with %v", t)
		}
		return fail(err)
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return fail(err)
		}
		switch key {
		case "images":
			err = elements(d, lines, func(line int) *picture {
				f.pictures = append(f.pictures, picture{line: line})
				return &f.pictures[len(f.pictures)-1]
			})
		case "annotations":
			err = elements(d, lines, func(line int) *annotated {
				f.annotated = append(f.annotated, annotated{line: line})
				return &f.annotated[len(f.annotated)-1]
			})
		case "categories":
			err = elements(d, lines, func(int) *category {
				f.categories = append(f.categories, category{})
				return &f.categories[len(f.categories)-1]
			})
		default:
			var skipped json.RawMessage
			err = d.Decode(&skipped)
		}
		if err != nil {
			return fail(err)
		}
	}
	if _, err := d.Token(); err != nil {
		return fail(err)
	}
	return f, nil
}

// elements decodes each element of an array into what next returns for its line.
func elements[T any](d *json.Decoder, lines *annotation.Lines, next func(line int) *T) error {
	if t, err := d.Token(); err != nil || t != json.Delim('[') {
		if err == nil {
			err = fmt.Errorf("%v where a list begins", t)
		}
		return err
	}
	for d.More() {
		if err := d.Decode(next(lines.At(d.InputOffset()))); err != nil {
			return err
		}
	}
	_, err := d.Token()
	return err
}

// thing makes a thing of an annotation of it.
func (a *annotated) thing(it *annotation.Item) (annotation.Thing, error) {
	t := annotation.Thing{Line: a.line, What: fmt.Sprintf("annotation %d", a.ID)}
	t.Crowd = bool(a.Crowd)
	if err := a.outline(&t, it); err != nil {
		return t, err
	}
	switch {
	case len(a.Box) == 4:
		t.X0, t.Y0, t.X1, t.Y1 = a.Box[0], a.Box[1], a.Box[0]+a.Box[2], a.Box[1]+a.Box[3]
	case len(a.Box) > 0:
		return t, fmt.Errorf("a bbox of %d numbers, expected x, y, width and height", len(a.Box))
	case t.RLE != nil:
		x0, y0, x1, y1 := t.RLE.Bounds()
		t.X0, t.Y0, t.X1, t.Y1 = float32(x0), float32(y0), float32(x1), float32(y1)
	case t.Shape != nil:
		t.X0, t.Y0, t.X1, t.Y1 = outline.Bounds(t.Shape.Polygons)
	default:
		return t, errors.New("neither bbox nor segmentation")
	}
	return t, nil
}

// outline reads the segmentation, if there is one.
func (a *annotated) outline(t *annotation.Thing, it *annotation.Item) error {
	text := bytes.TrimSpace(a.Outline)
	a.Outline = nil // its memory is needed no more
	switch {
	case len(text) == 0, string(text) == "null", string(text) == "[]":
		return nil
	case text[0] == '[':
		var polygons [][]float32
		if err := json.Unmarshal(text, &polygons); err != nil {
			return errors.New("a segmentation that is no list of polygons")
		}
		t.Shape = &data.Shape{Polygons: polygons}
		return nil
	}
	var rle struct {
		Size   []int           `json:"size"`
		Counts json.RawMessage `json:"counts"`
	}
	if err := json.Unmarshal(text, &rle); err != nil || len(rle.Size) != 2 {
		return errors.New("a segmentation that is neither polygons nor an RLE of size and counts")
	}
	r, err := parseRLE(rle.Counts, rle.Size[0], rle.Size[1])
	if err != nil {
		return err
	}
	t.RLE = &r
	return nil
}

// parseRLE reads counts, which are a list of numbers or a text.
func parseRLE(counts []byte, h, w int) (outline.RLE, error) {
	var text string
	if json.Unmarshal(counts, &text) == nil {
		return outline.ParseRLE(text, h, w)
	}
	var runs []int64
	if err := json.Unmarshal(counts, &runs); err != nil {
		return outline.RLE{}, errors.New("an RLE whose counts are neither a text nor whole numbers")
	}
	return outline.NewRLE(runs, h, w)
}
