package save

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/outline"
)

// YOLO writes data.yaml, images/ and labels/ with the sets in them: outlines as polygons, things without as boxes.
func (w *Writer) YOLO(out string) error {
	return newFolder(out, func(dir string) error {
		config := "path: .\n"
		for name, d := range w.sets.All() {
			config += fmt.Sprintf("%s: images/%s\n", name, name)
			labels := filepath.Join(dir, "labels", name)
			if err := os.MkdirAll(labels, 0o777); err != nil {
				return err
			}
			used := map[string]bool{}
			stems := map[string]bool{}
			err := w.scenes(d, filepath.Join(dir, "images", name), used, func(_ int, sc *scene) error {
				if err := sc.needBoxes(); err != nil {
					return err
				}
				if stems[sc.stem()] {
					return fmt.Errorf("two images of the %s set are called %s, and would share a text file", name, sc.stem())
				}
				stems[sc.stem()] = true
				w.lose(sc, lostCrowd, lostDifficult)
				return os.WriteFile(filepath.Join(labels, sc.stem()+".txt"), sc.yolo(), 0o666)
			})
			if err != nil {
				return err
			}
		}
		config += "names:\n"
		for _, c := range w.classes() {
			quoted, err := json.Marshal(c) // which YAML reads, too
			if err != nil {
				return err
			}
			config += fmt.Sprintf("  - %s\n", quoted)
		}
		return os.WriteFile(filepath.Join(dir, "data.yaml"), []byte(config), 0o666)
	})
}

// yolo returns the lines of the things.
func (sc *scene) yolo() (text []byte) {
	w, h := float32(sc.w), float32(sc.h)
	for _, b := range sc.Boxes {
		text = fmt.Append(text, b.Class)
		if b.Shape != nil {
			if p := outline.Join(sc.polygons(b.Shape)); len(p) >= 6 {
				for i := 0; i+1 < len(p); i += 2 {
					text = fmt.Append(text, " ", decimal(p[i]/w), " ", decimal(p[i+1]/h))
				}
				text = append(text, '\n')
				continue
			}
		}
		text = fmt.Append(text, " ", decimal((b.X0+b.X1)/2/w), " ", decimal((b.Y0+b.Y1)/2/h), " ", decimal((b.X1-b.X0)/w), " ", decimal((b.Y1-b.Y0)/h), "\n")
	}
	return text
}

// polygons returns polygons of a shape that do not overlap: its own, or those along the edges of its pixels.
func (sc *scene) polygons(s *data.Shape) [][]float32 {
	whole := outline.Raster(s, sc.h, sc.w)
	if s.Mask == nil {
		apart := 0
		for _, p := range s.Polygons {
			apart += outline.EncodeRLE(outline.Raster(&data.Shape{Polygons: [][]float32{p}}, sc.h, sc.w)).Area()
		}
		if apart == outline.EncodeRLE(whole).Area() {
			return s.Polygons
		}
	}
	return outline.Polygons(whole)
}
