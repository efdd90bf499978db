package coco

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"

	"github.com/lince-ml/lince/metric/detection"
)

// Truth is a file of annotations: what the images of a data set show.
type Truth struct {
	Images     []Image    // by ID
	Categories []Category // by ID
	Things     []detection.Thing

	name       string
	images     map[int64]int // index of an ID
	categories map[int64]int
}

// An Image is one of Truth.
type Image struct {
	ID            int64  `json:"id"`
	FileName      string `json:"file_name"`
	Width, Height int
}

// A Category is a class of Truth.
type Category struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// annotation is a thing as it stands in a file.
type annotation struct {
	ID           *int64        `json:"id"`
	Image        *int64        `json:"image_id"`
	Category     *int64        `json:"category_id"`
	BBox         []float64     `json:"bbox"`
	Area         *float64      `json:"area"`
	Crowd        flag          `json:"iscrowd"`
	Segmentation *segmentation `json:"segmentation"`
}

// ReadTruth reads the file of annotations at path, with masks if they are to be compared. As in pycocotools, "ignore" in the file has no meaning.
// The area of a thing is that of the file, and else that of its mask or box.
func ReadTruth(path string, masks bool) (*Truth, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read %w", err)
	}
	defer f.Close()
	t := &Truth{name: filepath.Base(path)}
	if err := t.read(f, masks); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return t, nil
}

func (t *Truth) read(r io.Reader, masks bool) error {
	var annotations []annotation
	known := map[string]bool{}
	s := newScanner(r)
	err := s.object(map[string]func() error{
		"images":      func() error { known["images"] = true; return list(s, &t.Images) },
		"categories":  func() error { known["categories"] = true; return list(s, &t.Categories) },
		"annotations": func() error { known["annotations"] = true; return list(s, &annotations) },
	})
	if err != nil {
		return err
	}
	for _, name := range []string{"images", "annotations", "categories"} {
		if !known[name] {
			return fmt.Errorf("%q is missing, expected COCO annotations: an object with images, annotations and categories", name)
		}
	}
	return t.link(annotations, masks)
}

// link sorts images and categories, and makes things of the annotations.
func (t *Truth) link(annotations []annotation, masks bool) (err error) {
	slices.SortStableFunc(t.Images, func(a, b Image) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortStableFunc(t.Categories, func(a, b Category) int { return cmp.Compare(a.ID, b.ID) })
	if t.images, err = index("images", t.Images, func(i Image) int64 { return i.ID }); err != nil {
		return err
	}
	if t.categories, err = index("categories", t.Categories, func(c Category) int64 { return c.ID }); err != nil {
		return err
	}
	t.Things = make([]detection.Thing, len(annotations))
	seen := make(map[int64]bool, len(annotations))
	for i := range annotations {
		if t.Things[i], err = t.thing(&annotations[i], masks); err != nil {
			return fmt.Errorf("annotation %d%s: %w", i+1, ofID(annotations[i].ID), err)
		}
		if id := annotations[i].ID; id != nil {
			if seen[*id] {
				return fmt.Errorf("annotation %d: another has the id %d, too", i+1, *id)
			}
			seen[*id] = true
		}
		annotations[i].Segmentation = nil // it may be large
	}
	return nil
}

func ofID(id *int64) string {
	if id == nil {
		return ""
	}
	return fmt.Sprintf(" (id %d)", *id)
}

// index returns the place of each ID in the list.
func index[T any](what string, list []T, id func(T) int64) (map[int64]int, error) {
	at := make(map[int64]int, len(list))
	for i, v := range list {
		if _, ok := at[id(v)]; ok {
			return nil, fmt.Errorf("two %s have the id %d", what, id(v))
		}
		at[id(v)] = i
	}
	return at, nil
}

func (t *Truth) thing(a *annotation, masks bool) (thing detection.Thing, err error) {
	if a.Image == nil || a.Category == nil {
		return thing, errors.New("image_id or category_id is missing")
	}
	var ok bool
	if thing.Image, ok = t.images[*a.Image]; !ok {
		return thing, fmt.Errorf("image_id %d: no image has this id", *a.Image)
	}
	if thing.Class, ok = t.categories[*a.Category]; !ok {
		return thing, fmt.Errorf("category_id %d: no category has this id", *a.Category)
	}
	thing.Crowd = bool(a.Crowd)
	switch {
	case masks && a.Segmentation == nil:
		return thing, errors.New("segmentation is missing")
	case !masks && len(a.BBox) == 0 && a.Segmentation == nil:
		return thing, errors.New("bbox is missing")
	case masks || len(a.BBox) == 0:
		if thing.Mask, err = t.mask(thing.Image, a.Segmentation); err != nil {
			return thing, err
		}
		thing.Box, thing.Area = thing.Mask.Box(), float64(thing.Mask.Area())
	}
	if len(a.BBox) > 0 {
		if thing.Box, err = box(a.BBox); err != nil {
			return thing, err
		}
		if !masks {
			thing.Area = thing.Box.W * thing.Box.H
		}
	}
	if a.Area != nil {
		thing.Area = *a.Area
	}
	if !masks {
		thing.Mask = detection.Mask{}
	}
	return thing, nil
}

// mask returns the mask of a segmentation of image i.
func (t *Truth) mask(i int, s *segmentation) (detection.Mask, error) {
	image := t.Images[i]
	if s.polygons != nil {
		if image.Width < 1 || image.Height < 1 {
			return detection.Mask{}, fmt.Errorf("image %d has no width and height, which polygons need", image.ID)
		}
		return detection.MaskOfPolygons(image.Height, image.Width, s.polygons)
	}
	if image.Width == 0 && image.Height == 0 { // sizes may be missing
		t.Images[i].Width, t.Images[i].Height = s.w, s.h
	} else if s.w != image.Width || s.h != image.Height {
		return detection.Mask{}, fmt.Errorf("a mask of %dx%d, but the image with the id %d has %dx%d", s.w, s.h, image.ID, image.Width, image.Height)
	}
	if s.counts != nil {
		return detection.MaskOfCounts(s.h, s.w, s.counts)
	}
	return detection.ParseMask(s.h, s.w, s.text)
}

// box returns the box of the numbers x, y, width, height.
func box(v []float64) (detection.Box, error) {
	if len(v) != 4 {
		return detection.Box{}, fmt.Errorf("bbox has %d numbers, expected x, y, width, height", len(v))
	}
	if v[2] < 0 || v[3] < 0 {
		return detection.Box{}, fmt.Errorf("bbox has the width %v and the height %v, expected none below 0", v[2], v[3])
	}
	for _, x := range v {
		if math.Abs(x) > 1e9 {
			return detection.Box{}, fmt.Errorf("bbox has the number %v, expected pixels", x)
		}
	}
	return detection.Box{X: v[0], Y: v[1], W: v[2], H: v[3]}, nil
}

// Set returns what is to be measured: these things, and the detections.
func (t *Truth) Set(detections []detection.Detection, masks bool) *detection.Set {
	s := &detection.Set{Things: t.Things, Detections: detections, Masks: masks}
	for _, i := range t.Images {
		s.Images = append(s.Images, cmp.Or(i.FileName, fmt.Sprintf("image %d", i.ID)))
	}
	for _, c := range t.Categories {
		s.Classes = append(s.Classes, cmp.Or(c.Name, fmt.Sprintf("category %d", c.ID)))
	}
	return s
}
