package save

import (
	"encoding/json"
	"os"
	"path/filepath"

	"github.com/lince-ml/lince/data/outline"
)

// The parts of a file of COCO.
type (
	cocoFile struct {
		Images      []cocoImage      `json:"images"`
		Annotations []cocoAnnotation `json:"annotations"`
		Categories  []cocoCategory   `json:"categories"`
	}
	cocoImage struct {
		ID     int    `json:"id"`
		File   string `json:"file_name"`
		Width  int    `json:"width"`
		Height int    `json:"height"`
	}
	cocoAnnotation struct {
		ID       int        `json:"id"`
		Image    int        `json:"image_id"`
		Category int        `json:"category_id"`
		Box      [4]float32 `json:"bbox"`
		Area     float64    `json:"area"`
		Crowd    int        `json:"iscrowd"`
		Outline  any        `json:"segmentation"`
	}
	cocoCategory struct {
		ID   int    `json:"id"`
		Name string `json:"name"`
	}
	cocoRLE struct {
		Size   [2]int `json:"size"`
		Counts string `json:"counts"`
	}
)

// COCO writes annotations/instances_train.json and so on, and the images in folders of the names of the sets. Categories are numbered from 1.
func (w *Writer) COCO(out string) error {
	return newFolder(out, func(dir string) error {
		if err := os.Mkdir(filepath.Join(dir, "annotations"), 0o777); err != nil {
			return err
		}
		for name, d := range w.sets.All() {
			f := cocoFile{Images: []cocoImage{}, Annotations: []cocoAnnotation{}}
			for i, c := range d.Classes() {
				f.Categories = append(f.Categories, cocoCategory{i + 1, c})
			}
			used := map[string]bool{}
			err := w.scenes(d, filepath.Join(dir, name), used, func(i int, sc *scene) error {
				w.lose(sc, lostDifficult)
				return f.add(i+1, sc)
			})
			if err != nil {
				return err
			}
			content, err := json.Marshal(f)
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(dir, "annotations", "instances_"+name+".json"), append(content, '\n'), 0o666); err != nil {
				return err
			}
		}
		return nil
	})
}

// add adds an image and its boxes.
func (f *cocoFile) add(id int, sc *scene) error {
	if err := sc.needBoxes(); err != nil {
		return err
	}
	f.Images = append(f.Images, cocoImage{id, sc.file, sc.w, sc.h})
	for _, b := range sc.Boxes {
		a := cocoAnnotation{ID: len(f.Annotations) + 1, Image: id, Category: b.Class + 1, Box: [4]float32{b.X0, b.Y0, b.X1 - b.X0, b.Y1 - b.Y0}, Outline: []int{}}
		a.Area = float64(a.Box[2]) * float64(a.Box[3])
		if b.Crowd {
			a.Crowd = 1
		}
		if b.Shape != nil {
			r := outline.EncodeRLE(outline.Raster(b.Shape, sc.h, sc.w))
			a.Area = float64(r.Area())
			if a.Outline = any(b.Shape.Polygons); b.Shape.Mask != nil || b.Crowd {
				a.Outline = cocoRLE{[2]int{sc.h, sc.w}, r.String()}
			}
		}
		f.Annotations = append(f.Annotations, a)
	}
	return nil
}
