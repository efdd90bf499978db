package save

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

// The parts of a file of LabelMe.
type (
	labelmeFile struct {
		Version string          `json:"version"`
		Flags   struct{}        `json:"flags"`
		Shapes  []labelmeShape  `json:"shapes"`
		Image   string          `json:"imagePath"`
		Data    json.RawMessage `json:"imageData"`
		Height  int             `json:"imageHeight"`
		Width   int             `json:"imageWidth"`
	}
	labelmeShape struct {
		Label  string       `json:"label"`
		Points [][2]float32 `json:"points"`
		Group  *int         `json:"group_id"`
		Type   string       `json:"shape_type"`
		Flags  struct{}     `json:"flags"`
	}
)

// LabelMe writes the images with a JSON file beside each, in train, val and test if there is more than a training set.
func (w *Writer) LabelMe(out string) error {
	return newFolder(out, func(dir string) error {
		if err := writeClasses(dir, w.classes()); err != nil {
			return err
		}
		for name, d := range w.sets.All() {
			to := dir
			if w.sets.Validation != nil || w.sets.Test != nil {
				to = filepath.Join(dir, name)
			}
			used, stems := map[string]bool{}, map[string]bool{}
			err := w.scenes(d, to, used, func(_ int, sc *scene) error {
				if err := sc.needBoxes(); err != nil {
					return err
				}
				if stems[sc.stem()] {
					return fmt.Errorf("two images of the %s set are called %s, and would share a JSON file", name, sc.stem())
				}
				stems[sc.stem()] = true
				w.lose(sc, lostCrowd, lostDifficult)
				content, err := json.MarshalIndent(sc.labelme(), "", "  ")
				if err != nil {
					return err
				}
				return os.WriteFile(filepath.Join(to, sc.stem()+".json"), append(content, '\n'), 0o666)
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

// labelme returns the content of the file. The polygons of a thing are a group.
func (sc *scene) labelme() labelmeFile {
	f := labelmeFile{Version: "5.0.1", Shapes: []labelmeShape{}, Image: sc.file, Data: json.RawMessage("null"), Height: sc.h, Width: sc.w}
	for k, b := range sc.Boxes {
		s := labelmeShape{Label: sc.classes[b.Class], Type: "rectangle", Points: [][2]float32{{b.X0, b.Y0}, {b.X1, b.Y1}}}
		if b.Shape == nil {
			f.Shapes = append(f.Shapes, s)
			continue
		}
		s.Type = "polygon"
		polygons := b.Shape.Polygons
		if b.Shape.Mask != nil {
			polygons = sc.polygons(b.Shape)
		}
		if len(polygons) > 1 {
			s.Group = &k
		}
		for _, p := range polygons {
			s.Points = nil
			for i := 0; i+1 < len(p); i += 2 {
				s.Points = append(s.Points, [2]float32{p[i], p[i+1]})
			}
			f.Shapes = append(f.Shapes, s)
		}
	}
	return f
}
