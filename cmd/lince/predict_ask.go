package main

import (
	"context"
	"fmt"
	"image"

	"github.com/lince-ml/lince"
	"github.com/lince-ml/lince/data"
	"github.com/lince-ml/lince/data/outline"
	"github.com/lince-ml/lince/task/classify"
	"github.com/lince-ml/lince/task/detect"
	"github.com/lince-ml/lince/task/instances"
	"github.com/lince-ml/lince/task/localize"
)

// filePrediction is what `lince predict --json` prints for each file. Boxes are x0, y0, x1, y1 in pixels of the file.
type filePrediction struct {
	File        string              `json:"file"`
	Height      int                 `json:"height,omitempty"` // pixels of the file; not of models that only classify
	Width       int                 `json:"width,omitempty"`
	Inverted    bool                `json:"inverted"` // the model was shown its negative
	Predictions []labelPrediction   `json:"predictions,omitzero"`
	Box         *[4]float32         `json:"box,omitempty"`     // of a model that localises
	Things      []thingPrediction   `json:"things,omitzero"`   // of one that detects, the surest first
	Segments    []segmentPrediction `json:"segments,omitzero"` // of one that says a class of each pixel
}

type labelPrediction struct {
	Label       string  `json:"label"`
	Index       int     `json:"index"`
	Probability float32 `json:"probability"`
	Chosen      bool    `json:"chosen"` // the model's answer
}

type thingPrediction struct {
	Label string     `json:"label"`
	Index int        `json:"index"`
	Score float32    `json:"score"`
	Box   [4]float32 `json:"box"`
	Mask  *maskRuns  `json:"mask,omitempty"`
}

// A segmentPrediction is the pixels of a class.
type segmentPrediction struct {
	Label string   `json:"label"`
	Index int      `json:"index"`
	Share float32  `json:"share"` // of the pixels
	Mask  maskRuns `json:"mask"`
}

// maskRuns is a mask of the size of the file as COCO writes it, which takes little room.
type maskRuns struct {
	Size   [2]int `json:"size"` // height, width
	Counts string `json:"counts"`
}

func runsOf(m *data.Mask) maskRuns {
	return maskRuns{[2]int{m.H, m.W}, outline.EncodeRLE(m).String()}
}

// rle returns the runs, of which runsOf has made r.
func (r maskRuns) rle() (outline.RLE, error) { return outline.ParseRLE(r.Counts, r.Size[0], r.Size[1]) }

// ask asks the model about a file. The picture is that of the file, but nil if the model only classifies and f does not draw.
func (f *predictFlags) ask(ctx context.Context, m *lince.Model, path string) (p filePrediction, picture image.Image, err error) {
	p.File = path
	if m.Task() != classify.Name || f.grid != "" {
		if picture, err = data.DecodeFile(path, 0); err != nil {
			return p, nil, err
		}
	}
	if m.Task() != classify.Name {
		p.Height, p.Width = picture.Bounds().Dy(), picture.Bounds().Dx()
	}
	switch m.Task() {
	case detect.Name:
		err = p.things(m.Detect(ctx, picture))
	case instances.Name:
		err = p.things(m.Instances(ctx, picture))
	case localize.Name:
		err = f.locate(ctx, m, &p, picture)
	case classify.Name:
		err = f.classes(ctx, m, &p)
	default:
		err = p.segments(ctx, m, picture)
	}
	if err != nil && m.Task() != classify.Name {
		err = fmt.Errorf("%s: %w", path, err)
	}
	return p, picture, err
}

// classes asks for the classes of the file, the most probable first.
func (f *predictFlags) classes(ctx context.Context, m *lince.Model, p *filePrediction) error {
	prepared, inverted, err := m.ReadFile(p.File, 0)
	if err != nil {
		return err
	}
	rows, err := m.ClassifyPrepared(ctx, []data.Image{prepared})
	if err != nil {
		return fmt.Errorf("%s: %w", p.File, err)
	}
	p.Inverted, p.Predictions = inverted, f.best(rows[0])
	return nil
}

// locate asks for the classes of the thing in a picture, and its box.
func (f *predictFlags) locate(ctx context.Context, m *lince.Model, p *filePrediction, picture image.Image) error {
	l, err := m.Localize(ctx, picture)
	if err != nil {
		return err
	}
	p.Predictions, p.Box = f.best(l.Classes), &[4]float32{l.Box.X0, l.Box.Y0, l.Box.X1, l.Box.Y1}
	return nil
}

// best returns as many of the classes as are asked for.
func (f *predictFlags) best(all []lince.Prediction) (list []labelPrediction) {
	for _, q := range all[:min(f.top, len(all))] {
		list = append(list, labelPrediction{q.Label, q.Index, q.Probability, q.Chosen})
	}
	return list
}

// things takes what Detect or Instances return. Pictures from files begin at (0, 0).
func (p *filePrediction) things(found []lince.Detection, err error) error {
	p.Things = []thingPrediction{}
	for _, d := range found {
		t := thingPrediction{Label: d.Label, Index: d.Index, Score: d.Score, Box: [4]float32{d.Box.X0, d.Box.Y0, d.Box.X1, d.Box.Y1}}
		if d.Mask != nil {
			runs := runsOf(d.Mask)
			t.Mask = &runs
		}
		p.Things = append(p.Things, t)
	}
	return err
}

// segments asks for the class of each pixel.
func (p *filePrediction) segments(ctx context.Context, m *lince.Model, picture image.Image) error {
	mask, err := m.Segment(ctx, picture)
	if err != nil {
		return err
	}
	for i, label := range m.Classes() {
		only, n := &data.Mask{H: mask.H, W: mask.W, Pix: make([]uint16, len(mask.Pix))}, 0
		for k, v := range mask.Pix {
			if int(v) == i {
				only.Pix[k] = 1
				n++
			}
		}
		if n > 0 {
			p.Segments = append(p.Segments, segmentPrediction{label, i, float32(n) / float32(len(mask.Pix)), runsOf(only)})
		}
	}
	return nil
}

// mask returns the class of each pixel, of a model that says it.
func (p *filePrediction) mask() (*data.Mask, error) {
	all := &data.Mask{H: p.Height, W: p.Width, Pix: make([]uint16, p.Height*p.Width)}
	for _, s := range p.Segments {
		r, err := s.Mask.rle()
		if err != nil {
			return nil, err
		}
		for k, v := range r.Mask().Pix {
			if v != 0 {
				all.Pix[k] = uint16(s.Index)
			}
		}
	}
	return all, nil
}

// boxes returns what was found, as in a data set.
func (p *filePrediction) boxes() ([]data.Box, error) {
	if b := p.Box; b != nil {
		return []data.Box{{Class: p.Predictions[0].Index, X0: b[0], Y0: b[1], X1: b[2], Y1: b[3]}}, nil
	}
	boxes := []data.Box{}
	for _, t := range p.Things {
		b := data.Box{Class: t.Index, X0: t.Box[0], Y0: t.Box[1], X1: t.Box[2], Y1: t.Box[3]}
		if t.Mask != nil {
			r, err := t.Mask.rle()
			if err != nil {
				return nil, err
			}
			b.Shape = &data.Shape{Mask: r.Mask()}
		}
		boxes = append(boxes, b)
	}
	return boxes, nil
}
