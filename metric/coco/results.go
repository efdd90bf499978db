package coco

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"

	"github.com/lince-ml/lince/internal/atomicfile"
	"github.com/lince-ml/lince/metric/detection"
)

// result is a detection as it stands in a file.
type result struct {
	Image        *int64        `json:"image_id"`
	Category     *int64        `json:"category_id"`
	BBox         []float64     `json:"bbox"`
	Score        *float64      `json:"score"`
	Segmentation *segmentation `json:"segmentation"`
}

// ReadResults reads the file of results at path, a list of detections in the images of t. The area of a detection is that of its mask if masks are
// compared, even if the result has a box, too. Results of images or categories that t does not have are an error.
func (t *Truth) ReadResults(path string, masks bool) ([]detection.Detection, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read %w", err)
	}
	defer f.Close()
	detections, err := t.results(f, masks)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return detections, nil
}

func (t *Truth) results(r io.Reader, masks bool) ([]detection.Detection, error) {
	s, n := newScanner(r), 0
	var all []detection.Detection
	images, categories := strangers{what: "images", id: "image_id"}, strangers{what: "categories", id: "category_id"}
	err := s.each(func() error {
		var v result
		if err := s.element(n, &v); err != nil {
			return err
		}
		n++
		if v.Image == nil || v.Category == nil || v.Score == nil {
			return fmt.Errorf("result %d: image_id, category_id or score is missing", n)
		}
		image, ok := t.images[*v.Image]
		class, known := t.categories[*v.Category]
		images.count(ok, n, *v.Image)
		categories.count(known, n, *v.Category)
		if !ok || !known {
			return nil
		}
		d, err := t.detection(image, &v, masks)
		if err != nil {
			return fmt.Errorf("result %d (image_id %d): %w", n, *v.Image, err)
		}
		d.Image, d.Class, d.Score = image, class, *v.Score
		all = append(all, d)
		return nil
	})
	if err == nil {
		if _, more := s.Token(); more != io.EOF {
			err = fmt.Errorf("more follows at byte %d, expected the end of the file", s.InputOffset())
		}
	}
	if err != nil {
		return nil, err
	}
	return all, cmp.Or(images.err(n, t.name), categories.err(n, t.name))
}

func (t *Truth) detection(image int, v *result, masks bool) (d detection.Detection, err error) {
	if masks {
		if v.Segmentation == nil {
			return d, errors.New("segmentation is missing")
		}
		if d.Mask, err = t.mask(image, v.Segmentation); err == nil {
			d.Box = d.Mask.Box()
		}
		return d, err
	}
	if len(v.BBox) == 0 && v.Segmentation != nil {
		m, err := t.mask(image, v.Segmentation)
		d.Box = m.Box()
		return d, err
	}
	d.Box, err = box(v.BBox)
	return d, err
}

// strangers counts the results with an ID that the annotations do not have.
type strangers struct {
	what, id string
	n        int
	at       int // the first result
	first    int64
}

func (s *strangers) count(known bool, at int, id int64) {
	if known {
		return
	}
	if s.n++; s.n == 1 {
		s.at, s.first = at, id
	}
}

func (s *strangers) err(of int, truth string) error {
	if s.n == 0 {
		return nil
	}
	return fmt.Errorf("%d of %d results are of %s that %s does not have, the first is result %d with %s %d", s.n, of, s.what, truth, s.at, s.id, s.first)
}

// WriteResults writes detections to the file at path, whole or not at all, for ReadResults and other programs. An index of an image or class
// stands for the ID at that place.
func WriteResults(path string, images, categories []int64, detections []detection.Detection) error {
	return atomicfile.Write(path, func(w io.Writer) error {
		b := bufio.NewWriter(w)
		before := "[\n"
		for i := range detections {
			line, err := json.Marshal(written(images, categories, &detections[i]))
			if err != nil {
				return fmt.Errorf("detection %d: %w", i, err)
			}
			b.WriteString(before)
			b.Write(line)
			before = ",\n"
		}
		if len(detections) == 0 {
			b.WriteString("[")
		}
		b.WriteString("\n]\n")
		return b.Flush()
	})
}

type writtenResult struct {
	Image        int64       `json:"image_id"`
	Category     int64       `json:"category_id"`
	BBox         [4]number   `json:"bbox"`
	Score        number      `json:"score"`
	Segmentation *writtenRLE `json:"segmentation,omitempty"`
}

type writtenRLE struct {
	Size   [2]int `json:"size"`
	Counts string `json:"counts"`
}

func written(images, categories []int64, d *detection.Detection) writtenResult {
	r := writtenResult{
		Image: images[d.Image], Category: categories[d.Class], Score: number(d.Score),
		BBox: [4]number{number(d.Box.X), number(d.Box.Y), number(d.Box.W), number(d.Box.H)},
	}
	if d.Mask.Counts != nil {
		r.Segmentation = &writtenRLE{[2]int{d.Mask.H, d.Mask.W}, d.Mask.Compressed()}
	}
	return r
}

// A number is written as short as it can be read again: networks compute in float32.
type number float64

func (v number) MarshalJSON() ([]byte, error) {
	if float64(float32(v)) == float64(v) {
		return strconv.AppendFloat(nil, float64(v), 'f', -1, 32), nil
	}
	return strconv.AppendFloat(nil, float64(v), 'f', -1, 64), nil
}
