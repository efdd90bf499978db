// Package labelme reads annotations of the program LabelMe: beside each image a JSON file of its shapes.
//
//	a.jpg    a.json    or the same in train/, val/ and test/
//
// Polygons, rectangles and circles are things; polygons of one label and group are one thing. Places are in pixels, as here. The classes are the labels, sorted.
package labelme

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/annotation"
	"github.com/lince-ml/lince/data/outline"
)

// Is reports whether dir holds files of this format.
func Is(dir string) bool {
	if parts := annotation.Parts(dir); parts != nil {
		dir = parts["train"]
	}
	files, err := annotation.Files(dir, ".json")
	if err != nil || len(files) == 0 {
		return false
	}
	content, err := annotation.ReadFile(files[0])
	if err != nil {
		return false
	}
	var f file
	return json.Unmarshal(content, &f) == nil && f.Shapes != nil
}

// Open reads the folder.
func Open(dir string, opt annotation.Options) (sets data.Sets, err error) {
	parts := annotation.Parts(dir)
	if parts == nil {
		parts = map[string]string{"train": dir}
	}
	all := map[string]*annotation.Set{}
	for name, part := range parts {
		if all[name], err = readFolder(part); err != nil {
			return sets, err
		}
	}
	classes, err := annotation.NameClasses(dir, all, opt.Classes)
	if err != nil {
		return sets, err
	}
	return annotation.New(dir, classes, all, opt)
}

// A file is what matters of a JSON file.
type file struct {
	Image  string  `json:"imagePath"`
	Height int     `json:"imageHeight"`
	Width  int     `json:"imageWidth"`
	Shapes []shape `json:"shapes"`
}

type shape struct {
	Label  string       `json:"label"`
	Points [][2]float32 `json:"points"`
	Group  *int         `json:"group_id"`
	Type   string       `json:"shape_type"`
}

// readFolder reads all files in dir.
func readFolder(dir string) (*annotation.Set, error) {
	paths, err := annotation.Files(dir, ".json")
	if err != nil {
		return nil, err
	}
	images, err := annotation.Images(dir)
	if err != nil {
		return nil, err
	}
	stems := annotation.Stems(images)
	s := &annotation.Set{}
	for _, path := range paths {
		it := annotation.Item{Path: stems[annotation.Stem(path)], Label: -1, File: path}
		delete(stems, annotation.Stem(path))
		content, err := annotation.ReadFile(path)
		if err != nil {
			s.Add("file", &it, 0, annotation.LeftOut, "%v", errors.Unwrap(err))
			continue
		}
		if parse(s, &it, content) {
			s.Items = append(s.Items, it)
		}
	}
	for _, stem := range slices.Sorted(maps.Keys(stems)) {
		s.Add("unannotated", &annotation.Item{Path: stems[stem], File: stems[stem]}, 0, annotation.LeftOut, "an image without annotations")
	}
	return s, nil
}

// parse reads a file into it, and reports whether anything can be used.
func parse(s *annotation.Set, it *annotation.Item, content []byte) bool {
	var f file
	if err := json.Unmarshal(content, &f); err != nil {
		line := 0
		if at := new(json.SyntaxError); errors.As(err, &at) {
			line = annotation.NewLines(content).At(at.Offset)
		}
		s.Add("file", it, line, annotation.LeftOut, "no JSON of LabelMe: %v", annotation.JSONReason(err))
		return false
	}
	it.W, it.H = f.Width, f.Height
	if beside := annotation.Beside(filepath.Dir(it.File), f.Image); f.Image != "" {
		if _, err := os.Stat(beside); err == nil || it.Path == "" {
			it.Path = beside
		}
	}
	if it.Path == "" {
		it.Path = strings.TrimSuffix(it.File, filepath.Ext(it.File)) + ".jpg" // which is missed where it is looked at
	}
	type group struct {
		label string
		id    int
	}
	first := map[group]int{} // the thing of a group
	lines := shapeLines(content)
	for i, sh := range f.Shapes {
		line := 0
		if i < len(lines) {
			line = lines[i]
		}
		t, err := sh.thing()
		if err != nil {
			s.Add("unlabelled", it, line, annotation.LeftOut, "%v", err)
			continue
		}
		t.Line = line
		if sh.Group != nil && t.Shape != nil {
			g := group{sh.Label, *sh.Group}
			if k, ok := first[g]; ok {
				whole := &it.Things[k]
				whole.Shape.Polygons = append(whole.Shape.Polygons, t.Shape.Polygons...)
				whole.X0, whole.Y0, whole.X1, whole.Y1 = outline.Bounds(whole.Shape.Polygons)
				continue
			}
			first[g] = len(it.Things)
		}
		it.Things = append(it.Things, t)
	}
	return true
}

// shapeLines returns the lines on which the shapes of a file begin.
func shapeLines(content []byte) (at []int) {
	d := json.NewDecoder(strings.NewReader(string(content)))
	lines := annotation.NewLines(content)
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil
		}
		var skipped json.RawMessage
		if key != "shapes" {
			if d.Decode(&skipped) != nil {
				return nil
			}
			continue
		}
		if t, err := d.Token(); err != nil || t != json.Delim('[') {
			return nil
		}
		for d.More() {
			at = append(at, lines.At(d.InputOffset()))
			if d.Decode(&skipped) != nil {
				return nil
			}
		}
		return at
	}
	return at
}

// circleCorners is how many corners a circle gets.
const circleCorners = 64

// thing makes a thing of a shape.
func (s *shape) thing() (t annotation.Thing, err error) {
	if s.Label == "" {
		return t, errors.New("a shape without a label")
	}
	t.Name = s.Label
	p := s.Points
	switch {
	case (s.Type == "polygon" || s.Type == "") && len(p) >= 3:
		t.Shape = &data.Shape{Polygons: [][]float32{nil}}
		for _, c := range p {
			t.Shape.Polygons[0] = append(t.Shape.Polygons[0], c[0], c[1])
		}
	case s.Type == "rectangle" && len(p) == 2:
		t.X0, t.Y0, t.X1, t.Y1 = min(p[0][0], p[1][0]), min(p[0][1], p[1][1]), max(p[0][0], p[1][0]), max(p[0][1], p[1][1])
		return t, nil
	case s.Type == "circle" && len(p) == 2:
		radius := math.Hypot(float64(p[1][0]-p[0][0]), float64(p[1][1]-p[0][1]))
		corners := make([]float32, 0, 2*circleCorners)
		for i := range circleCorners {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / circleCorners)
			corners = append(corners, p[0][0]+float32(radius*cos), p[0][1]+float32(radius*sin))
		}
		t.Shape = &data.Shape{Polygons: [][]float32{corners}}
	default:
		return t, fmt.Errorf("%s is a %s of %d points, expected a polygon, a rectangle or a circle", s.Label, s.Type, len(p))
	}
	t.X0, t.Y0, t.X1, t.Y1 = outline.Bounds(t.Shape.Polygons)
	return t, nil
}
